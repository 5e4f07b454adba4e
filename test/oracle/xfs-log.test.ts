import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { coalesced } from "../../src/disk/bytes/coalesced.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import { xfs } from "../../src/disk/filesystems/xfs/index.ts";
import { target } from "../fuzz/xfs-log.ts";
import { type Digests, digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random, tryMutants } from "../support/mutate.ts";
import { formatXfs, logIsClean, mounted } from "../support/xfs.ts";

const area = scratch("xfs-log");
let images = 0;
const noMount = missing("mkfs.xfs", "xfs_logprint", "xfs_io", "mount", "losetup", "root");

interface Case {
  readonly options: readonly string[];
  readonly rounds?: number;
  readonly mebibytes?: number;
  readonly shutdown?: string;
  readonly mount?: string;
}

const CASES: Readonly<Record<string, Case>> = {
  "4 KiB blocks": { options: [] },
  "1 KiB blocks": { options: ["-b", "size=1024"] },
  "64 MiB log, a striped one": { options: ["-l", "su=256k,size=64m", "-d", "agcount=2"], mebibytes: 256 },
  "a log that has turned": { options: ["-b", "size=1024", "-l", "size=4m"], rounds: 24 },
  "inodes of 2 KiB, no reverse map": { options: ["-i", "size=2048", "-m", "reflink=0,rmapbt=0"] },
  "reverse map, wide counters": { options: ["-m", "rmapbt=1", "-i", "nrext64=1"] },
  "directory blocks of 16 KiB": { options: ["-n", "size=16384"] },
  "what was not forced is lost": { options: [], shutdown: "shutdown" },
  "records of up to 256 KiB, hardly filled": { options: [], mount: ",logbsize=256k" },
  "no sparse inodes, no bigtime": { options: ["-i", "sparse=0", "-m", "bigtime=0,inobtcount=0"] },
};

function synced(path: string, text: string): void {
  const fd = openSync(path, "w");
  writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
}

/** A file of many extents, whose map becomes a tree. */
function scatter(path: string, count: number, step: number): void {
  const fd = openSync(path, "w");
  for (let i = 0; i < count; i++) writeSync(fd, Buffer.alloc(step, 65 + (i % 26)), 0, step, i * 2 * step);
  fsyncSync(fd);
  closeSync(fd);
}

/** Creates, renames, removes, links and truncates; inodes and folders that go give their blocks to others. */
function work(folder: string, round: number): void {
  const next = random(round + 1);
  const home = join(folder, `d${round % 5}`);
  mkdirSync(home, { recursive: true });
  for (let i = 0; i < 80; i++)
    writeFileSync(join(home, `f${round}-${i}`), `${round} ${i} `.repeat(1 + Math.floor(next() * 800)));
  for (let i = 0; i < 80; i += 3) rmSync(join(home, `f${round}-${i}`));
  for (let i = 1; i < 80; i += 6) renameSync(join(home, `f${round}-${i}`), join(home, `moved${round}-${i}`));
  const crowd = join(folder, `crowd${round}`);
  mkdirSync(crowd);
  for (let i = 0; i < 100 + 200 * (round % 3); i++) writeFileSync(join(crowd, `${"n".repeat(60)}${i}`), "");
  for (const length of [40, 200, 700])
    symlinkSync("s".repeat(length + round), join(folder, `link${round}-${length}`));
  scatter(join(folder, `scattered${round}`), 20 + 60 * (round % 4), 4096);
  if (round > 0) {
    rmSync(join(folder, `crowd${round - 1}`), { recursive: true });
    truncateSync(join(folder, `scattered${round - 1}`), 30_000);
  }
  synced(join(folder, `synced${round}`), `round ${round}`);
}

/** An image as it lay when the machine lost its power: half of the work has been synced before. */
async function crash({
  options,
  rounds = 4,
  mebibytes = 96,
  shutdown = "shutdown -f",
  mount: mountOptions = "",
}: Case): Promise<Crashed> {
  const image = join(area, `${images++}.img`);
  const dirty = `${image}.dirty`;
  formatXfs(image, mebibytes, options);
  const act = (mount: string): void => {
    for (let round = 0; round < rounds; round++) {
      if (round === Math.floor(rounds / 2)) run("sync", ["-f", mount]);
      work(mount, round);
    }
    run("xfs_io", ["-x", "-c", shutdown, mount]);
    copyFileSync(image, dirty);
  };
  await mounted(image, act, mountOptions);
  rmSync(image);
  expect(logIsClean(dirty)).toBe(false);
  return { dirty, bytes: readFileSync(dirty) };
}

interface Crashed {
  readonly dirty: string;
  readonly bytes: Uint8Array;
}

async function open(bytes: Uint8Array): Promise<{ readonly fs: FileSystem; readonly seen: Digests }> {
  const fs = await xfs.open(memorySource(bytes, "dirty"));
  return { fs, seen: await digestTree(fs) };
}

/** What the kernel makes of an image. */
function truth(image: string, options = ""): Promise<Digests> {
  return mounted(image, digestFolder, options);
}

const REPLAYED = /^dirty log: \d+ sectors replayed in memory$/;

describe.skipIf(noMount)("a dirty log", () => {
  test.each(Object.entries(CASES))(
    "%s: replayed in memory, the tree is what the kernel makes of it",
    async (name, one) => {
      const { dirty, bytes } = await crash(one);
      const { fs, seen } = await open(bytes);
      expect(fs.notes).toEqual([expect.stringMatching(REPLAYED)]);
      expect(fs.stale).toBeUndefined();
      // The replay decides: without it the tree is another one, or none.
      const lying = await truth(dirty, ",ro,norecovery").catch(() => undefined);
      expect(lying).not.toEqual(seen);
      expect(seen).toEqual(await truth(dirty));
      console.log(`xfs log, ${name}: ${Object.keys(seen).length} entries compared; ${fs.notes[0]}`);
    },
    120_000,
  );

  test("costs the log's pending part and a few rounds", async () => {
    const { bytes } = await crash(CASES["64 MiB log, a striped one"] ?? { options: [] });
    const cost = newCost();
    const fs = await xfs.open(cached(coalesced(counted(memorySource(bytes, "dirty"), cost), { cost })));
    await fs.root();
    console.log(`xfs log: ${cost.reads} reads, ${cost.bytes >> 10} KiB, ${cost.rounds} rounds to open`);
    expect(cost.rounds).toBeLessThanOrEqual(24);
    expect(cost.bytes).toBeLessThanOrEqual(8 << 20);
  });

  test("an image that was copied while it was mounted", async () => {
    const image = join(area, `${images++}.img`);
    const copies: string[] = [];
    formatXfs(image, 96, []);
    await mounted(image, (mount) => {
      for (let round = 0; round < 6; round++) {
        work(mount, round);
        copies.push(`${image}.${round}`);
        copyFileSync(image, `${image}.${round}`);
      }
    });
    for (const copy of copies) {
      const { fs, seen } = await open(readFileSync(copy));
      expect(fs.notes).toEqual([expect.stringMatching(REPLAYED)]);
      expect(seen).toEqual(await truth(copy));
    }
  }, 120_000);

  test("records that were half written when it stopped end the replay, as they do in the kernel", async () => {
    const { dirty, bytes } = await crash({ options: [] });
    const places = recordsOf(bytes);
    const last = places.at(-1) ?? 0;
    const damages: readonly ((copy: Buffer) => void)[] = [
      (copy) => copy.writeUInt8(copy.readUInt8(last + 600) ^ 1, last + 600), // a flipped bit
      (copy) => copy.writeUInt32BE(copy.readUInt32BE(last + 1024) - 1, last + 1024), // an older turn's block
      (copy) => copy.fill(0, last, last + 512), // no header
    ];
    for (const damage of damages) {
      const copy = Buffer.from(bytes);
      damage(copy);
      writeFileSync(dirty, copy);
      const { fs, seen } = await open(copy);
      expect(fs.stale).toBeUndefined();
      expect(fs.notes[0]).toMatch(REPLAYED);
      expect(seen).toEqual(await truth(dirty));
    }
  }, 60_000);

  test("a log that is damaged far from its end is not replayed, and the kernel does not mount it", async () => {
    const { dirty, bytes } = await crash({ options: [], rounds: 12 });
    const [, second = 0] = recordsOf(bytes);
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(second + 600) ^ 1, second + 600);
    writeFileSync(dirty, copy);
    const { fs } = await open(copy);
    expect(fs.stale).toMatch(/^dirty log: not replayed: log: checksum does not match in block \d+/);
    await expect(truth(dirty)).rejects.toThrow(/mount/);
  }, 60_000);

  test.each<[string, boolean, (copy: Buffer, places: readonly number[]) => void]>([
    ["a flipped bit in the last record but 8", true, (copy, places) => flip(copy, places.at(-8))],
    ["a flipped bit in the last record but 9", false, (copy, places) => flip(copy, places.at(-9))],
    ["a hole in the last record but 12", true, (copy, places) => age(copy, places.at(-12))],
    ["a hole, a flipped bit in the eighth record before it", true, (copy, places) => both(copy, places, -12)],
    ["a hole, a flipped bit in the ninth record before it", false, (copy, places) => both(copy, places, -13)],
  ])(
    "%s is torn: %s",
    async (_what, torn, damage) => {
      const { dirty, bytes } = await crash({ options: [], rounds: 6, mount: ",logbsize=32k" });
      const copy = Buffer.from(bytes);
      damage(copy, recordsOf(bytes));
      writeFileSync(dirty, copy);
      const { fs, seen } = await open(copy);
      expect(fs.stale === undefined).toBe(torn);
      if (torn) expect(seen).toEqual(await truth(dirty));
      else await expect(truth(dirty)).rejects.toThrow(/mount/);
    },
    60_000,
  );
});

function flip(copy: Buffer, record = 0): void {
  copy.writeUInt8(copy.readUInt8(record + 600) ^ 1, record + 600);
}

/** Makes the second block of a record one of the turn before. */
function age(copy: Buffer, record = 0): void {
  copy.writeUInt32BE(copy.readUInt32BE(record + 4) - 1, record + 512);
}

describe.skipIf(noMount)("mutants", async () => {
  const seeds = noMount ? [] : await target.seeds();
  test.each(seeds)("$name: an answer or a ScanError", async ({ name, bytes, hot = [] }) => {
    const count = await tryMutants(bytes, (source) => target.read(source), { count: 80, hot });
    console.log(`xfs, ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.accepted).toBeGreaterThan(0);
  });
});

/** Byte offsets of the records from the tail to the head, as xfs_logprint would walk them. */
function recordsOf(bytes: Uint8Array): readonly number[] {
  const view = Buffer.from(bytes);
  const found: { readonly at: number; readonly sequence: number; readonly tail: number }[] = [];
  const sequence = (at: number): number => view.readUInt32BE(at) * 2 ** 32 + view.readUInt32BE(at + 4);
  for (let at = 0; at + 512 <= view.length; at += 512)
    if (view.readUInt32BE(at) === 0xfeedbabe && view.readUInt32BE(at + 300) === 1)
      found.push({ at, sequence: sequence(at + 16), tail: sequence(at + 24) });
  const sorted = found.toSorted((a, b) => a.sequence - b.sequence);
  const tail = sorted.at(-1)?.tail ?? 0;
  return sorted.filter((one) => one.sequence >= tail).map(({ at }) => at);
}

/** The hole lies in the last record but 4, which does not count. */
function both(copy: Buffer, places: readonly number[], flipped: number): void {
  flip(copy, places.at(flipped));
  age(copy, places.at(-4));
}
