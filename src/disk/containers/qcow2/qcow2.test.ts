import { deflateRawSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type CraftedQcow2, craftQcow2, descriptor } from "../../../../test/support/qcow2.ts";
import { pattern } from "../../../../test/support/sources.ts";
import { type ByteSource, memorySource } from "../../bytes/byte-source.ts";
import { cached } from "../../bytes/cached.ts";
import { coalesced } from "../../bytes/coalesced.ts";
import { counted, newCost } from "../../bytes/counted.ts";
import type { Companions, Container } from "../../bytes/format.ts";
import { qcow2 } from "./qcow2.ts";

const CLUSTER = 4096;
const A = pattern(CLUSTER);
const B = pattern(3 * CLUSTER).subarray(CLUSTER, 2 * CLUSTER);
const ZEROS = new Uint8Array(CLUSTER);

function open(image: CraftedQcow2, companions?: Companions): Promise<Container> {
  return qcow2.open(memorySource(image.bytes, "x"), companions);
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.size);
}

function beside(files: Readonly<Record<string, Uint8Array>>): Companions {
  return {
    byName: new Map(Object.entries(files).map(([name, bytes]) => [name, memorySource(bytes, name)])),
  };
}

describe("reading", () => {
  test.each([false, true])("stored, compressed, zero and missing clusters (zstd %s)", async (zstd) => {
    const image = craftQcow2(
      [{ bytes: A }, { bytes: B, compressed: true }, "zero", "hole", { bytes: B }, { bytes: A }],
      { zstd },
    );
    const { disk, details } = await open(image);
    expect(disk.label).toBe("x > qcow2");
    expect(Buffer.compare(await readAll(disk), Buffer.concat([A, B, ZEROS, ZEROS, B, A]))).toBe(0);
    expect(details).toEqual(["version 3", "cluster 4096", `compression ${zstd ? "zstd" : "zlib"}`]);
  });

  test("a range inside a compressed cluster, and the last cluster cut by the disk's size", async () => {
    const image = craftQcow2([{ bytes: A, compressed: true }, { bytes: B }], { sizeBytes: CLUSTER + 700 });
    const { disk } = await open(image);
    expect(disk.size).toBe(CLUSTER + 700);
    expect([...(await disk.read(4000, 200))]).toEqual([...A.subarray(4000), ...B.subarray(0, 104)]);
    await expect(disk.read(CLUSTER, 701)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("several zstd frames make one cluster", async () => {
    const image = craftQcow2(["hole"], { zstd: true });
    const frames = Buffer.concat([zstdCompressSync(A.subarray(0, 1000)), zstdCompressSync(A.subarray(1000))]);
    const bytes = Buffer.concat([image.bytes, frames, Buffer.from("of a neighbour")]);
    bytes.writeBigUInt64BE(descriptor(image.bytes.length, frames.length, 12), image.l2Offset);
    const { disk } = await qcow2.open(memorySource(bytes, "x"));
    expect(Buffer.compare(await readAll(disk), A)).toBe(0);
  });

  test("neighbouring clusters are one read, and the first table is read beside L1", async () => {
    const cost = newCost();
    const image = craftQcow2(Array.from({ length: 16 }, () => ({ bytes: A })));
    const counting = coalesced(counted(memorySource(image.bytes, "x"), cost), { cost });
    const { disk } = await qcow2.open(cached(counting, { blockBytes: 512 }));
    expect(cost).toEqual({ reads: 1, bytes: 4096, rounds: 1 });
    await disk.read(512, 15 * CLUSTER);
    expect(cost).toEqual({ reads: 4, bytes: 4096 + 512 + 4096 + 15 * CLUSTER, rounds: 3 });
    await disk.read(CLUSTER, 1);
    expect(cost.rounds).toBe(3);
  });

  test("a compressed cluster is read and decompressed once", async () => {
    const cost = newCost();
    const image = craftQcow2([{ bytes: A, compressed: true }]);
    const { disk } = await qcow2.open(
      cached(coalesced(counted(memorySource(image.bytes, "x"), cost), { cost })),
    );
    await Promise.all([disk.read(0, 1), disk.read(1000, 1000)]);
    const { rounds } = cost;
    expect((await disk.read(5, 1))[0]).toBe(A[5]);
    expect(cost.rounds).toBe(rounds);
  });
});

describe("files it names", () => {
  const NAMES_PASSWD = { backingName: "/etc/passwd" };

  test("a backing file is never opened by its name", async () => {
    await expect(open(craftQcow2(["hole"], NAMES_PASSWD))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/backing file "\/etc\/passwd".*not opened by name/s),
    });
  });

  test("its name cannot steer a terminal", async () => {
    const image = craftQcow2(["hole"], { backingName: "a\u001b[2J\u202eb" });
    await expect(open(image)).rejects.toThrow('"a\\u001b[2J\\u202eb"');
  });

  test("a backing file that the user gave shows through, and zeros behind its end", async () => {
    const image = craftQcow2([{ bytes: A }, "hole", "zero", "hole", "hole"], NAMES_PASSWD);
    const base = pattern(3 * CLUSTER + 10);
    const { disk } = await open(image, beside({ passwd: base }));
    const tail = Buffer.concat([base.subarray(3 * CLUSTER), new Uint8Array(2 * CLUSTER - 10)]);
    const expected = Buffer.concat([A, base.subarray(CLUSTER, 2 * CLUSTER), ZEROS, tail]);
    expect(Buffer.compare(await readAll(disk), expected)).toBe(0);
  });

  test("a chain of backing files is followed; one that goes in a circle is refused", async () => {
    const middle = craftQcow2(["hole", { bytes: B }], { backingName: "base" });
    const top = craftQcow2(["hole", "hole"], { backingName: "dir/middle" });
    const { disk } = await open(top, beside({ middle: middle.bytes, base: A }));
    expect(Buffer.compare(await readAll(disk), Buffer.concat([A, B]))).toBe(0);

    const circle = craftQcow2(["hole"], { backingName: "self" });
    await expect(open(circle, beside({ self: circle.bytes }))).rejects.toMatchObject({ code: "limit" });
  });

  test("a backing file that is said to be raw stays raw", async () => {
    const extensions = [{ type: 0xe2792aca, data: Buffer.from("raw") }];
    const inner = craftQcow2([{ bytes: B }]).bytes;
    const image = craftQcow2(["hole"], { backingName: "base", extensions });
    const { disk } = await open(image, beside({ base: inner }));
    expect(Buffer.compare(await disk.read(0, 8), inner.subarray(0, 8))).toBe(0);
  });

  test("external data is read from the file that the user gave", async () => {
    const extensions = [{ type: 0x44415441, data: Buffer.from("x.data") }];
    const image = craftQcow2(["hole", "hole"], { extensions });
    image.view.setBigUint64(72, 4n);
    image.view.setBigUint64(image.l2Offset, 1n << 63n);
    await expect(open(image)).rejects.toThrow(/external data file "x.data"/);
    const { disk } = await open(image, beside({ "x.data": B }));
    expect(Buffer.compare(await readAll(disk), Buffer.concat([B, ZEROS]))).toBe(0);
  });
});

describe("refusals", () => {
  function crafted(change: (image: CraftedQcow2) => void): CraftedQcow2 {
    const image = craftQcow2([{ bytes: A }, { bytes: B, compressed: true }]);
    change(image);
    return image;
  }

  test.each<[string, string, RegExp, (image: CraftedQcow2) => void]>([
    ["version 1", "unsupported", /version 1/, ({ view }) => view.setUint32(4, 1)],
    ["version 4", "unsupported", /version 4/, ({ view }) => view.setUint32(4, 4)],
    ["clusters of 256 bytes", "corrupt", /2\^8/, ({ view }) => view.setUint32(20, 8)],
    ["clusters of 4 MiB", "corrupt", /2\^22/, ({ view }) => view.setUint32(20, 22)],
    ["AES", "unsupported", /AES/, ({ view }) => view.setUint32(32, 1)],
    ["LUKS", "unsupported", /LUKS/, ({ view }) => view.setUint32(32, 2)],
    ["an unknown feature", "unsupported", /bit 5/, ({ view }) => view.setBigUint64(72, 32n)],
    ["a short header", "corrupt", /header length 96/, ({ view }) => view.setUint32(100, 96)],
    ["compression without its flag", "corrupt", /contradicts/, ({ view }) => view.setUint8(104, 1)],
    ["an L1 table that is too small", "corrupt", /too small/, ({ view }) => view.setUint32(36, 0)],
    ["an L1 table above the limit", "limit", /32 MiB/, ({ view }) => view.setUint32(36, (4 << 20) + 1)],
    ["an L1 table at the limit", "corrupt", /outside the file/, ({ view }) => view.setUint32(36, 4 << 20)],
    ["an L1 table off its cluster", "corrupt", /not aligned/, ({ view }) => view.setBigUint64(40, 4104n)],
    ["a huge disk", "corrupt", /out of range|too small/, ({ view }) => view.setBigUint64(24, 2n ** 63n)],
    [
      "a disk one byte past the L1 table",
      "corrupt",
      /too small/,
      ({ view }) => view.setBigUint64(24, 512n * 4096n + 1n),
    ],
    ["subclusters of 128 bytes", "corrupt", /16 KiB/, ({ view }) => view.setBigUint64(72, 16n)],
  ])("%s", async (_what, code, message, change) => {
    await expect(open(crafted(change))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, RegExp, (image: CraftedQcow2) => void]>([
    [
      "a cluster outside the file",
      /outside/,
      ({ view, l2Offset }) => view.setBigUint64(l2Offset, (1n << 63n) | (1n << 40n)),
    ],
    [
      "a cluster off its boundary",
      /not aligned/,
      ({ view, l2Offset }) => view.setBigUint64(l2Offset, (1n << 63n) | 0x3200n),
    ],
    [
      "an L2 table outside the file",
      /L2 table lies outside/,
      ({ view, l1Offset }) => view.setBigUint64(l1Offset, 1n << 40n),
    ],
    [
      "an L2 table off its boundary",
      /not aligned/,
      ({ view, l1Offset }) => view.setBigUint64(l1Offset, 0x2200n),
    ],
    [
      "a compressed cluster outside the file",
      /outside/,
      ({ view, l2Offset }) => view.setBigUint64(l2Offset, descriptor(1 << 30, 100, 12)),
    ],
    [
      "compressed garbage",
      /compressed cluster/,
      ({ view, l2Offset }) => view.setBigUint64(l2Offset, descriptor(4096, 4096, 12)),
    ],
    [
      "a zero cluster in version 2",
      /version 2/,
      ({ view, l2Offset }) => {
        view.setUint32(4, 2);
        view.setBigUint64(l2Offset, 1n);
      },
    ],
  ])("%s", async (_what, message, change) => {
    const { disk } = await open(crafted(change));
    await expect(disk.read(0, CLUSTER)).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringMatching(message),
      at: ["x > qcow2", expect.stringMatching(/^offset \d+$/)],
    });
  });

  test("unknown features are called by the names that the image has for them", async () => {
    const data = new Uint8Array(48);
    data.set([0, 63]);
    data.set(Buffer.from("time travel"), 2);
    const image = craftQcow2(["hole"], { extensions: [{ type: 0x6803f857, data }] });
    image.view.setBigUint64(72, 1n << 63n);
    await expect(open(image)).rejects.toThrow(/incompatible feature "time travel"/);
  });

  test.each(["zlib", "zstd"])("a %s bomb stops at the size of a cluster", async (kind) => {
    const zeros = new Uint8Array(64 << 20);
    const bomb = kind === "zstd" ? zstdCompressSync(zeros) : deflateRawSync(zeros, { windowBits: 12 });
    const image = craftQcow2([{ bytes: A, compressed: true }], { clusterBits: 17, zstd: kind === "zstd" });
    const bytes = Buffer.concat([image.bytes, bomb]);
    bytes.writeBigUInt64BE(descriptor(image.bytes.length, bomb.length, 17), image.l2Offset);
    const { disk } = await qcow2.open(memorySource(bytes, "x"));
    await expect(disk.read(0, 1)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("an L2 table that points at itself gives bytes, not a loop", async () => {
    const image = crafted(({ view, l1Offset, l2Offset }) => {
      view.setBigUint64(l1Offset, BigInt(l2Offset));
      view.setBigUint64(l2Offset, BigInt(l2Offset));
    });
    const { disk } = await open(image);
    expect(
      Buffer.compare(await disk.read(0, 8), image.bytes.subarray(image.l2Offset, image.l2Offset + 8)),
    ).toBe(0);
  });

  test("bits that only warn are told", async () => {
    const image = crafted(({ view }) => {
      view.setBigUint64(72, 3n);
      view.setBigUint64(80, 1n);
      view.setUint32(60, 2);
    });
    const { disk, details } = await open(image);
    expect(details.slice(3)).toEqual([
      "lazy refcounts",
      "2 snapshots (ignored)",
      "marked dirty: refcounts may be stale",
      "marked corrupt: its metadata may be damaged",
    ]);
    expect(Buffer.compare(await disk.read(0, CLUSTER), A)).toBe(0);
  });
});
