import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import type { FsNode } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";
import { xfs } from "../../src/disk/filesystems/xfs/index.ts";
import { scratch } from "../support/images.ts";
import { formatXfsFrom } from "../support/xfs.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const NAME_BYTES = 40;
const CROWD = 310;

/** Checksums would turn nearly every mutant of version 5 away at once: most mutants are of version 4. */
const SEEDS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["v4, 512-byte blocks", ["-m", "crc=0", "-b", "size=512"]],
  ["v4, 4 KiB blocks", ["-m", "crc=0", "-b", "size=4096"]],
  ["v4, directory blocks of 16 KiB", ["-m", "crc=0", "-b", "size=1024", "-n", "size=16384"]],
  ["v5", ["-b", "size=1024"]],
];

export const target: FuzzTarget = {
  name: "xfs",
  needs: ["mkfs.xfs"],
  async seeds() {
    const folder = scratch("fuzz-xfs");
    const made: FuzzSeed[] = [];
    for (const [name, options] of SEEDS) made.push(await seed(folder, name, options));
    return made;
  },
  async read(source) {
    const fs = await xfs.open(source);
    const tree = new Tree([{ path: "/", locator: "xfs", fs }]);
    const root = await tree.resolve("/");
    if (root.state === "unreadable") throw root.error;
    if (root.state === "absent") return;
    for await (const located of walk(tree, root, true)) {
      if (located.state === "unreadable") throw located.error;
      if (located.state === "found") await readNode(located.node);
    }
  },
};

async function seed(folder: string, name: string, options: readonly string[]): Promise<FuzzSeed> {
  const image = join(folder, `${name.replaceAll(/\W/g, "-")}.img`);
  const tree = `${image}.tree`;
  for (const [crowd, count] of [
    ["few", 30],
    ["crowd", CROWD],
  ] as const) {
    mkdirSync(join(tree, crowd), { recursive: true });
    for (let i = 0; i < count; i++) writeFileSync(join(tree, crowd, `${i}`.padEnd(NAME_BYTES, "n")), "");
  }
  // mkfs.xfs 6.1 writes remote links of version 5 without their header.
  symlinkSync("t".repeat(options.includes("crc=0") ? 900 : 90), join(tree, "link"));
  writeFileSync(join(tree, "file"), "text".repeat(3000));
  formatXfsFrom(image, 16, options, tree);
  const bytes = readFileSync(image);
  return { name, bytes, hot: inUse(await metadataRanges(bytes)) };
}

/** What a whole reading of the image touches. */
async function metadataRanges(bytes: Uint8Array): Promise<(readonly [number, number])[]> {
  const ranges: (readonly [number, number])[] = [];
  const inner = memorySource(bytes, "seed");
  await target.read({
    ...inner,
    read(offset, length, signal) {
      if (length <= 16 << 10) ranges.push([offset, offset + length]);
      return inner.read(offset, length, signal);
    },
  });
  return ranges;
}

/** Each range once: inodes are read anew for every name that leads to them. */
function inUse(ranges: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return [...new Map(ranges.map((range) => [range.join(), range])).values()];
}

const PIECE_BYTES = 64 << 10;

async function readNode(node: FsNode): Promise<void> {
  if (node.type === "symlink") await node.readLink();
  if (node.type !== "file") return;
  const content = await node.content();
  await content.read(0, Math.min(content.size, PIECE_BYTES));
  const tail = Math.min(content.size, 100);
  await content.read(content.size - tail, tail);
}
