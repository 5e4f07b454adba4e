import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { erofs } from "../../src/disk/filesystems/erofs/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { target } from "../fuzz/erofs.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { makeErofs, REPACK_NEEDS } from "../support/erofs.ts";
import { missing, run, scratch, unmount } from "../support/images.ts";
import { random, tryMutants } from "../support/mutate.ts";

const why = missing("mkfs.erofs", "mount", "blkid", "root");
const area = scratch("erofs");
let images = 0;

function make(tree: string, options: readonly string[]): string {
  const image = join(area, `${images++}.erofs`);
  run("mkfs.erofs", [...options, image, tree]);
  return image;
}

function mountedDigests(image: string): Readonly<Record<string, string>> {
  const folder = `${image}.mount`;
  mkdirSync(folder);
  run("mount", ["-o", "loop,ro", image, folder]);
  try {
    return digestFolder(folder);
  } finally {
    unmount(folder);
  }
}

async function writeTree(tree: string): Promise<void> {
  mkdirSync(tree);
  await writeConformanceFiles(tree, true);
  const next = random(7);
  mkdirSync(join(tree, "crowd"));
  for (let i = 0; i < 2000; i++)
    writeFileSync(
      join(tree, "crowd", `${"n".repeat(i % 97)}-${i}`),
      `${i} `.repeat(Math.floor(next() * 3000)),
    );
  const noise = Uint8Array.from({ length: 300_000 }, () => Math.floor(next() * 256));
  const text = Array.from({ length: 90_000 }, () => `${Math.floor(next() * 999)}`).join();
  writeFileSync(join(tree, "noise"), noise);
  writeFileSync(join(tree, "text"), text);
  writeFileSync(join(tree, "mixed"), Buffer.concat([Buffer.from(text), noise, Buffer.from(text)]));
  for (const size of [4095, 4096, 4097, 8192, 12_288, 65_536])
    writeFileSync(join(tree, `${size}`), text.slice(0, size));
  truncateSync(join(tree, "65536"), 3_000_001);
  symlinkSync("t".repeat(1000), join(tree, "long link"));
  run("mkfifo", [join(tree, "fifo")]);
  run("mknod", [join(tree, "char"), "c", "1", "3"]);
}

const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  "extended inodes": ["-Eforce-inode-extended"],
  chunks: ["--chunksize=65536"],
  LZ4: ["-zlz4"],
  LZ4HC: ["-zlz4hc"],
  "LZ4, full index, as of 2019": ["-zlz4", "-Elegacy-compress"],
  "LZ4, clusters of 64 KiB": ["-zlz4", "-C65536"],
  "LZ4HC, clusters of 1 MiB": ["-zlz4hc", "-C1048576"],
  "LZ4, packed tails": ["-zlz4", "-Eztailpacking"],
  "LZ4HC, clusters of 16 KiB, packed tails": ["-zlz4hc", "-C16384", "-Eztailpacking"],
  "LZ4, extents of 64 KiB": ["-zlz4", "--max-extent-bytes=65536"],
};

describe.skipIf(why)("against the kernel", async () => {
  const tree = join(area, "tree");
  if (!why) await writeTree(tree);

  test.each(Object.entries(VARIANTS))(
    "%s: every file, link and folder is the same",
    async (name, options) => {
      const image = make(tree, options);
      const fs = await erofs.open(memorySource(readFileSync(image), name));
      expect(fs.notes).toEqual([]);
      expect(await digestTree(fs)).toEqual(mountedDigests(image));
      expect(fs.uuid).toBe(run("blkid", ["-p", "-o", "value", "-s", "UUID", image]).toString().trim());
      const crowd = await (await fs.root()).lookup("crowd");
      for (const i of [0, 1, 97, 1500, 1999])
        expect((await crowd?.lookup(`${"n".repeat(i % 97)}-${i}`))?.type).toBe("file");
      for (const none of ["", "!", "n", "nnnn-", "~"]) expect(await crowd?.lookup(none)).toBeUndefined();
    },
    60_000,
  );

  test("a superblock whose checksum does not match is corrupt", async () => {
    const bytes = new Uint8Array(readFileSync(make(tree, [])));
    bytes[1064] = (bytes[1064] ?? 0) ^ 1;
    await expect(erofs.open(memorySource(bytes, "x"))).rejects.toMatchObject({ code: "corrupt" });
  });
});

const repackWhy = why ?? missing(...REPACK_NEEDS);

describe.skipIf(repackWhy)("repacked, against the kernel", async () => {
  const tree = join(area, "repacked");
  if (!repackWhy) {
    mkdirSync(tree);
    await writeConformanceFiles(tree, true);
    const text = Array.from({ length: 60_000 }, (_, i) => `${(i * 7919) % 9973} line ${i}\n`).join("");
    const program = readFileSync("/usr/bin/python3").subarray(0, 1_500_000);
    for (const [name, content] of Object.entries({ text, program, zeros: Buffer.alloc(700_000) }))
      for (const size of [4097, 20_000, 65_536, content.length])
        writeFileSync(join(tree, `${name}-${size}`), content.slice(0, size));
  }

  test.each(["DEFLATE", "Zstandard", "MicroLZMA"] as const)(
    "%s: every file is the same",
    async (algorithm) => {
      const image = join(area, `${algorithm}.erofs`);
      const extents = await makeErofs(image, tree, algorithm);
      const seen = await digestTree(await erofs.open(memorySource(readFileSync(image), algorithm)));
      expect(seen).toEqual(mountedDigests(image));
      expect(extents).toBeGreaterThan(20);
      console.log(
        `erofs, ${algorithm}: ${extents} extents repacked, ${Object.keys(seen).length} entries compared`,
      );
    },
    60_000,
  );
});

describe.skipIf(why)("one small image", async () => {
  const tree = join(area, "conformance");
  if (!why) {
    mkdirSync(tree);
    await writeConformanceFiles(tree, true);
  }
  const bytes = why ? new Uint8Array() : readFileSync(make(tree, ["-zlz4"]));
  fileSystemConformance("EROFS", { open: () => erofs.open(memorySource(bytes, "x")), links: true });
});

describe.skipIf(repackWhy)("mutants", async () => {
  const seeds = repackWhy ? [] : await target.seeds();
  test.each(seeds)("$name: an answer or a ScanError", async ({ name, bytes, hot = [] }) => {
    const count = await tryMutants(bytes, target.read, { count: 100, hot });
    console.log(`erofs, ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.refused).toBeGreaterThan(0);
  });
});
