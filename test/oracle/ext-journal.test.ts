import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import { ext } from "../../src/disk/filesystems/ext/index.ts";
import { type Digests, digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch, unmount } from "../support/images.ts";
import { random, tryMutants } from "../support/mutate.ts";

const area = scratch("ext-journal");
let folders = 0;
function fresh(): string {
  const folder = join(area, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

const noMount = missing("mke2fs", "mount", "root");

interface Case {
  readonly format: readonly string[];
  readonly mount?: string;
  readonly rounds?: number;
}

const CSUM_OFF = ["-t", "ext4", "-b", "4096", "-O", "^metadata_csum"];
const CASES: Readonly<Record<string, Case>> = {
  ext3: { format: ["-t", "ext3", "-b", "4096"] },
  "ext4, checksums v3": { format: ["-t", "ext4", "-b", "1024"] },
  "64 bits, no checksums": { format: ["-t", "ext4", "-O", "^metadata_csum,64bit"] },
  "32 bits, no checksums": { format: ["-t", "ext4", "-O", "^metadata_csum,^64bit"] },
  "checksums v1": { format: CSUM_OFF, mount: "journal_checksum" },
  "asynchronous commits": { format: CSUM_OFF, mount: "journal_async_commit,data=writeback" },
  "data in the journal, blocks escaped": { format: ["-t", "ext4", "-b", "1024"], mount: "data=journal" },
  "ext3, data in the journal": { format: ["-t", "ext3", "-b", "1024"], mount: "data=journal" },
  "a small ring": { format: ["-t", "ext4", "-b", "1024", "-J", "size=1"], rounds: 20 },
  "ext3, a small ring": { format: ["-t", "ext3", "-b", "1024", "-J", "size=1"], rounds: 20 },
};

/** Commits what was written to the journal, and unlike sync does not write it in place. */
function commit(folder: string, text: string): void {
  const fd = openSync(join(folder, "committed"), "w");
  writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
}

/** Creates, renames and removes; folders that go give their blocks to files, which takes revocations. */
function work(folder: string, rounds: number, blockBytes: number): void {
  const next = random(5);
  const magic = Buffer.from([0xc0, 0x3b, 0x39, 0x98]);
  for (let round = 0; round < rounds; round++) {
    const home = join(folder, `d${round % 5}`);
    mkdirSync(home, { recursive: true });
    for (let i = 0; i < 60; i++)
      writeFileSync(join(home, `f${round}-${i}`), `${round} ${i} `.repeat(1 + Math.floor(next() * 500)));
    for (let i = 0; i < 60; i += 3) rmSync(join(home, `f${round}-${i}`));
    for (let i = 1; i < 60; i += 6)
      renameSync(join(home, `f${round}-${i}`), join(home, `moved${round}-${i}`));
    const crowd = join(folder, `crowd${round}`);
    mkdirSync(crowd);
    for (let i = 0; i < 100; i++) writeFileSync(join(crowd, `${"n".repeat(100)}${i}`), "");
    commit(folder, `round ${round}`);
    const before = join(folder, `crowd${round - 1}`);
    if (round > 0) {
      for (const name of readdirSync(before)) rmSync(join(before, name));
      rmdirSync(before);
    }
    // Blocks that begin with the journal's own magic.
    const block = Buffer.alloc(blockBytes, "M");
    magic.copy(block);
    writeFileSync(join(folder, `magic${round}`), Buffer.concat([block, block, Buffer.from("end")]));
    symlinkSync("s".repeat(50 + round), join(folder, `link${round}`));
  }
  commit(folder, "last");
  writeFileSync(join(folder, "not committed"), "lost");
}

/** Takes every block that is left, with data that are not journalled. */
function fill(path: string): void {
  const fd = openSync(path, "w");
  const piece = Buffer.alloc(64 << 10, "fill");
  try {
    for (;;) writeSync(fd, piece);
  } catch {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

interface Crashed {
  readonly bytes: Uint8Array;
  /** What the kernel makes of it, by path. */
  readonly truth: () => Digests;
}

/** An image as it lay when the machine lost its power. */
function crash(
  { format, mount: options = "rw", rounds = 4 }: Case,
  size = "64M",
  act = (mount: string): void => work(mount, rounds, format.includes("1024") ? 1024 : 4096),
): Crashed {
  const folder = fresh();
  const image = join(folder, "live.img");
  const dirty = join(folder, "dirty.img");
  const mount = join(folder, "mount");
  mkdirSync(mount);
  run("mke2fs", ["-q", "-F", ...format, image, size]);
  run("mount", ["-o", `loop,commit=300,${options}`, image, mount]);
  try {
    act(mount);
    copyFileSync(image, dirty);
  } finally {
    unmount(mount);
  }
  return {
    bytes: readFileSync(dirty),
    truth: () => {
      run("mount", ["-o", "loop", dirty, mount]);
      try {
        return without(digestFolder(mount));
      } finally {
        unmount(mount);
      }
    },
  };
}

function without(digests: Digests): Digests {
  return Object.fromEntries(Object.entries(digests).filter(([path]) => path !== "/lost+found"));
}

async function open(bytes: Uint8Array): Promise<{ readonly fs: FileSystem; readonly seen: Digests }> {
  const fs = await ext.open(memorySource(bytes, "dirty"));
  return { fs, seen: await digestTree(fs, ["/lost+found"]) };
}

/** The same image with the flag that asks for a replay taken off, so that it is read as it lies. */
function unreplayed(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const features = 1024 + 0x60;
  copy.writeUInt32LE(copy.readUInt32LE(features) & ~0x4, features);
  const readOnly = 1024 + 0x64;
  copy.writeUInt32LE(copy.readUInt32LE(readOnly) & ~0x400, readOnly);
  return copy;
}

describe.skipIf(noMount)("a dirty journal", () => {
  test.each(Object.entries(CASES))(
    "%s: replayed in memory, the tree is what the kernel makes of it",
    async (_name, one) => {
      const { bytes, truth } = crash(one);
      const { fs, seen } = await open(bytes);
      expect(fs.notes).toEqual([expect.stringMatching(/^dirty journal: \d+ blocks replayed in memory$/)]);
      expect(seen).toEqual(truth());
      // The replay decides: without it the tree is another one, or none.
      expect(await open(unreplayed(bytes)).catch(() => undefined)).not.toMatchObject({ seen });
    },
  );

  test.each(["checksums v1", "ext4, checksums v3"])(
    "%s: a transaction whose commit block was damaged is not replayed",
    async (name) => {
      const one = CASES[name];
      if (!one) throw new Error(name);
      const { bytes, truth } = crash(one);
      const blockBytes = one.format.includes("1024") ? 1024 : 4096;
      const commits = commitBlocks(bytes, blockBytes);
      const last = commits.at(-1) ?? 0;
      const damaged = Buffer.from(bytes);
      damaged[last + 0x13] = (damaged[last + 0x13] ?? 0) ^ 1;
      const { fs, seen } = await open(damaged);
      expect(fs.notes.join()).toMatch(/replay ends early: checksum does not match in journal block \d+/);
      expect(seen).not.toEqual(truth());
    },
  );

  test("what was revoked and written anew outside the journal stays new", async () => {
    const revoking: Case = { format: ["-t", "ext4", "-b", "1024", "-J", "size=1"] };
    const { bytes, truth } = crash(revoking, "8M", (mount) => {
      mkdirSync(join(mount, "crowd"));
      for (let i = 0; i < 600; i++) writeFileSync(join(mount, "crowd", `${"n".repeat(200)}${i}`), "");
      commit(mount, "crowd");
      rmSync(join(mount, "crowd"), { recursive: true });
      commit(mount, "none");
      fill(join(mount, "fill"));
    });
    const { seen } = await open(bytes);
    expect(seen).toEqual(truth());
  });

  test("fast commits are told", async () => {
    const folder = fresh();
    const image = join(folder, "image");
    const dirty = join(folder, "dirty");
    const mount = join(folder, "mount");
    mkdirSync(mount);
    run("mke2fs", ["-q", "-F", "-t", "ext4", "-O", "fast_commit", image, "64M"]);
    run("mount", ["-o", "loop,commit=300", image, mount]);
    try {
      for (let i = 0; i < 5; i++) commit(mount, `${i}`);
      copyFileSync(image, dirty);
    } finally {
      unmount(mount);
    }
    const { fs } = await open(readFileSync(dirty));
    expect(fs.notes.join()).toContain("dirty journal: not replayed: the fast commits");
    expect(fs.stale).toMatch(/the fast commits after the last full one/);
  });

  test("a journal that cannot be read leaves the file system as it lies", async () => {
    const { bytes } = crash({ format: ["-t", "ext4", "-b", "4096"] });
    const damaged = Buffer.from(bytes);
    const at = damaged.indexOf(Buffer.from("c03b399800000004", "hex"));
    damaged[at + 0x50] = 9;
    const { notes } = await ext.open(memorySource(damaged, "damaged"));
    expect(notes).toEqual([expect.stringMatching(/^dirty journal: not replayed: /)]);
  });

  test("mutants give an answer or a ScanError", async () => {
    const one: Case = { format: ["-t", "ext3", "-b", "1024", "-J", "size=1"], rounds: 2 };
    const { bytes } = crash(one, "4M");
    const read = async (source: ByteSource): Promise<void> => void (await digestTree(await ext.open(source)));
    const journal = bytes.length === 0 ? 0 : Buffer.from(bytes).indexOf("c03b399800000004", "hex");
    const hot = [[journal, journal + (256 << 10)]] as const;
    const count = await tryMutants(bytes, read, { count: 300, hot });
    console.log(`ext3 journal: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.accepted).toBeGreaterThan(0);
  });
});

/** Offsets of commit blocks, oldest first by their sequence. */
function commitBlocks(bytes: Uint8Array, blockBytes: number): readonly number[] {
  const view = Buffer.from(bytes);
  const found: { readonly at: number; readonly sequence: number }[] = [];
  for (let at = 0; at + blockBytes <= view.length; at += blockBytes)
    if (view.readUInt32BE(at) === 0xc03b3998 && view.readUInt32BE(at + 4) === 2)
      found.push({ at, sequence: view.readUInt32BE(at + 8) });
  return found.toSorted((a, b) => a.sequence - b.sequence).map(({ at }) => at);
}
