import { describe, expect, test } from "vitest";
import { buildHive, buildLog, type HiveTree, seal } from "../../../test/support/hive.ts";
import { memorySource } from "../../disk/bytes/byte-source.ts";
import { foldName } from "./cells.ts";
import { decodeData } from "./decode.ts";
import { type Hive, openHive } from "./hive.ts";

const ROOT_PAGE = 0;
const tree = (n: number): HiveTree => ({ values: { n } });

/** The dirty hive (8/7) with these logs; each entry makes `n` its own sequence number. */
async function opened(
  logs: readonly (readonly number[])[],
  change: (hive: Buffer) => void = () => undefined,
): Promise<{ readonly n: number; readonly hive: Hive }> {
  const bytes = Buffer.from(buildHive(tree(0), { dirty: true }));
  const at = bytes.indexOf("vk") + 8;
  const sources = logs.map((sequences, i) => {
    const entries = sequences.map((sequence) => ({ sequence, pages: [ROOT_PAGE] }));
    let turn = 0;
    const log = buildLog(bytes, entries, 64 << 10, (page) =>
      new DataView(page.buffer, page.byteOffset).setUint32(at - 4096, sequences[turn++] ?? 0, true),
    );
    return memorySource(log, `LOG${i + 1}`);
  });
  change(bytes);
  const hive = await openHive(memorySource(bytes, "SYSTEM"), async () => sources);
  const data = await (await hive.root.value("n"))?.data();
  return { n: Buffer.from(data ?? []).readUInt32LE(0), hive };
}

describe("which log entries count", () => {
  test.each<[string, readonly (readonly number[])[], number, RegExp | undefined]>([
    ["one log", [[7, 8, 9], []], 9, undefined],
    [
      "the second goes on where the first ends",
      [
        [7, 8],
        [9, 10],
      ],
      10,
      undefined,
    ],
    [
      "the first was begun anew",
      [
        [11, 12],
        [9, 10],
      ],
      12,
      undefined,
    ],
    ["what the hive holds already", [[5, 6], [7]], 7, undefined],
    [
      "a gap between them",
      [
        [7, 8],
        [12, 13],
      ],
      8,
      /2 log entries replayed in memory, but log entries 9 to 11/,
    ],
    ["a gap before the only one", [[12, 13]], 13, /but log entries 7 to 11 are missing/],
    ["nothing that fits", [[1, 2]], 0, /nothing that fits/],
  ])("%s", async (_name, logs, n, stale) => {
    const found = await opened(logs);
    expect(found.n).toBe(n);
    if (stale) expect(found.hive.stale).toMatch(stale);
    else expect(found.hive.stale).toBeUndefined();
  });

  test("a base block that is broken: a log that is older than the other one is not all there is", async () => {
    const { hive } = await opened(
      [
        [1, 2],
        [50, 51],
      ],
      (bytes) => bytes.writeUInt8(1, 100),
    );
    expect(hive.stale).toContain("log entries 3 to 49 are missing");
  });
});

test.each([
  ["of this write", 8, 5n, undefined],
  ["of another time", 8, 6n, /nothing that fits/],
  ["of another write", 6, 5n, /nothing that fits/],
] as const)("an old log %s", async (_name, sequence, writtenAt, stale) => {
  const bytes = Buffer.from(buildHive(tree(1), { dirty: true }));
  bytes.writeBigUInt64LE(5n, 12);
  seal(bytes);
  const log = Buffer.alloc(4096);
  log.set(bytes.subarray(0, 512));
  log.writeUInt32LE(sequence, 4);
  log.writeUInt32LE(sequence, 8);
  log.writeBigUInt64LE(writtenAt, 12);
  log.writeUInt32LE(1, 28);
  seal(log.subarray(0, 512));
  log.write("DIRT\u0001", 512, "latin1");
  log.set(bytes.subarray(4096, 4096 + 512), 1024);
  log.writeUInt32LE(2, 1024 + bytes.indexOf("vk") - 4096 + 8);
  const hive = await openHive(memorySource(bytes, "SYSTEM"), async () => [memorySource(log, "LOG1")]);
  const data = await (await hive.root.value("n"))?.data();
  expect(data?.[0]).toBe(stale ? 1 : 2);
  if (stale) expect(hive.stale).toMatch(stale);
  else expect(hive.stale).toBeUndefined();
});

test("logs that are too much for memory are refused before they are read", async () => {
  const bytes = buildHive(tree(0), { dirty: true });
  const unread = { size: 20 << 20, label: "LOG1", read: () => Promise.reject(new Error("read")) };
  const opening = openHive(memorySource(bytes, "SYSTEM"), async () => [unread, unread, unread]);
  await expect(opening).rejects.toThrow("logs of 62914560 bytes");
});

test.each([
  [2n ** 53n - 1n, { kind: "number", value: 2 ** 53 - 1 }],
  [2n ** 64n - 1n, { kind: "bytes", value: new Uint8Array(8).fill(255) }],
])("a QWORD of %s", (value, data) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  expect(decodeData(11, bytes)).toEqual(data);
});

test("a key that is a link is refused by name", async () => {
  const target = "\\Registry\\Machine\\System\\Other";
  const SymbolicLinkValue = { type: 6, data: Buffer.from(target, "utf16le") };
  const bytes = Buffer.from(
    buildHive({ keys: { Linked: { values: { SymbolicLinkValue }, keys: { Below: {} } }, Plain: {} } }),
  );
  const key = bytes.indexOf("Linked") - 76;
  bytes.writeUInt16LE(bytes.readUInt16LE(key + 2) | 0x10, key + 2);
  const { root } = await openHive(memorySource(bytes, "SYSTEM"), async () => []);
  for (const path of ["Linked", "linked\\Below"])
    await expect(root.find(path)).rejects.toThrow(`the key Linked is a link to ${JSON.stringify(target)}`);
  expect(await root.find("Plain")).toBeDefined();
});

describe("a list that names one key over and over", () => {
  const SAME = 60_000;

  /** A list of `li` kind, put behind the hive, of `SAME` times the first key and the others. */
  async function rootOf(): Promise<Hive["root"]> {
    const names = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`K${i}`, {}]));
    const hive = Buffer.from(buildHive({ list: "li", keys: { A: {}, ...names } }));
    const root = 4096 + 4 + hive.readUInt32LE(36);
    const old = 4096 + 4 + hive.readUInt32LE(root + 28);
    const own = hive.subarray(old + 4, old + 4 + hive.readUInt16LE(old + 2) * 4);
    const list = Buffer.alloc(8 + SAME * 4 + own.length);
    list.writeInt32LE(-list.length, 0);
    list.write("li", 4, "latin1");
    list.writeUInt16LE(SAME + own.length / 4, 6);
    for (let i = 0; i < SAME; i++) list.writeUInt32LE(own.readUInt32LE(0), 8 + i * 4);
    list.set(own, 8 + SAME * 4);
    const bytes = Buffer.concat([hive, list]);
    bytes.writeUInt32LE(hive.length - 4096, root + 28);
    bytes.writeUInt32LE(bytes.length - 4096, 40);
    seal(bytes);
    return (await openHive(memorySource(bytes, "SYSTEM"), async () => [])).root;
  }

  test("is looked through once for each name, and not for ever", async () => {
    const root = await rootOf();
    for (let i = 0; i < 100; i++) expect(await root.subkey("k3")).toMatchObject({ name: "K3" });
    const all = Array.from({ length: 21 }, (_, i) => `K${i}`);
    const looking = Promise.all(all.map((name) => root.subkey(name)));
    await expect(looking).rejects.toThrow("more than 524288 keys opened in search of others");
  });

  test("is not opened whole", async () => {
    await expect((await rootOf()).subkeys(8192)).rejects.toThrow("key of 60022 subkeys");
  });
});

test("letters that Windows does not fold", async () => {
  expect(["\u0131", "\u017f", "\u00b5", "\u03c2", "\u00df"].map(foldName)).toEqual([
    "\u0131",
    "\u017f",
    "\u00b5",
    "\u03c2",
    "\u00df",
  ]);
  expect(["\u00e9", "\u0439", "\u00ff", "z"].map(foldName)).toEqual(["\u00c9", "\u0419", "\u0178", "Z"]);
  // The list's hash is of the letter itself, as Windows makes it.
  const bytes = Buffer.from(buildHive({ keys: { "\u00b5Torrent": {}, "\u00b5Z": {} } }));
  const at = bytes.indexOf("lh");
  for (const i of [0, 1]) bytes.writeUInt32LE(0x1234, at + 8 + i * 8);
  const { root } = await openHive(memorySource(bytes, "SOFTWARE"), async () => []);
  expect((await root.subkey("\u00b5torrent"))?.name).toBe("\u00b5Torrent");
});
