import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { crc32c } from "../../src/disk/bytes/crc32c.ts";
import type { FsNode } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";
import { xfs } from "../../src/disk/filesystems/xfs/index.ts";
import { scratch } from "../support/images.ts";
import { formatXfsFrom } from "../support/xfs.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const NAME_BYTES = 40;
const CROWD = 310;

/** A volume of this label has every checksum made right as it is read, so that mutants get past them. */
const MENDED = "mended";

/** Checksums turn nearly every mutant of version 5 away at once: most are of version 4, or mended. */
const SEEDS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["v4, 512-byte blocks", ["-m", "crc=0", "-b", "size=512"]],
  ["v4, 4 KiB blocks", ["-m", "crc=0", "-b", "size=4096"]],
  ["v4, directory blocks of 16 KiB", ["-m", "crc=0", "-b", "size=1024", "-n", "size=16384"]],
  ["v5", ["-b", "size=1024"]],
  ["v5, checksums mended", ["-b", "size=1024", "-L", MENDED]],
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
    const fs = await xfs.open(await mended(source));
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

/** Where version 5 structures keep their checksum, by their magic. */
const CHECKSUMS: readonly (readonly [at: number, magic: string, crc: number])[] = [
  [0, "XFSB", 224],
  [0, "IN", 100],
  [0, "BMA3", 64],
  [0, "XDB3", 4],
  [0, "XDD3", 4],
  [8, "\x3d\xf1", 12],
  [8, "\x3d\xff", 12],
  [8, "\x3e\xbe", 12],
];
const LABEL_OFFSET = 108;
const SECTOR_BYTES = 512;

/** The reader asks for each structure by itself: what a read returns is what its checksum covers. */
async function mended(source: ByteSource): Promise<ByteSource> {
  if (source.size < SECTOR_BYTES) return source;
  const label = (await source.read(LABEL_OFFSET, MENDED.length)).subarray(0, MENDED.length);
  if (Buffer.from(label).toString("latin1") !== MENDED) return source;
  return {
    size: source.size,
    label: source.label,
    async read(offset, length, signal) {
      const bytes = new Uint8Array(await source.read(offset, length, signal));
      const front = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
      const crc = CHECKSUMS.find(([at, magic]) => front.startsWith(magic, at))?.[2];
      if (crc === undefined || crc + 4 > length) return bytes;
      const covered = offset === 0 ? bytes.subarray(0, SECTOR_BYTES) : bytes;
      const view = new DataView(covered.buffer, covered.byteOffset, covered.length);
      view.setUint32(crc, 0);
      view.setUint32(crc, crc32c(covered), true);
      return bytes;
    },
  };
}

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
