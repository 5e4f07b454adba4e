import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, deflateRawSync, zstdCompressSync } from "node:zlib";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { lz4Decompress } from "../../src/disk/bytes/codecs/lz4.ts";
import { View } from "../../src/disk/bytes/view.ts";
import { readInode } from "../../src/disk/filesystems/erofs/inode.ts";
import { readSuperblock } from "../../src/disk/filesystems/erofs/superblock.ts";
import { run } from "./images.ts";

export const REPACK_NEEDS = ["mkfs.erofs", "dump.erofs", "python3"] as const;
/** Debian's mkfs.erofs packs with LZ4 only: what else the kernel reads is put in place of that. */
export type Algorithm = "MicroLZMA" | "DEFLATE" | "Zstandard";

const SUPERBLOCK = 1024;
const CONFIG = SUPERBLOCK + 128;
const COMPRESSION_CONFIGS = 0x2;

interface Job {
  readonly at: number;
  readonly bytes: number;
  readonly plain: Uint8Array;
}

/** Number and configuration of an algorithm. Source: Linux fs/erofs/erofs_fs.h, z_erofs_*_cfgs. */
const CONFIGS: Readonly<Record<Algorithm, readonly [number: number, config: Buffer]>> = {
  MicroLZMA: [1, Buffer.from([0, 0, 1, 0, ...Array<number>(10).fill(0)])], // dictionary of 64 KiB
  DEFLATE: [2, Buffer.from([15, 0, 0, 0, 0, 0])],
  Zstandard: [3, Buffer.from([0, 17 - 10, 0, 0, 0, 0])], // window of 2^17
};

/**
 * Makes an image of `tree` whose files are packed with `algorithm`, each extent in the block that LZ4 took: the kernel
 * wants the padding to end within a block. What makes the image's clusters large also makes room for the configuration.
 */
export async function makeErofs(image: string, tree: string, algorithm: Algorithm): Promise<number> {
  const hints = `${image}.hints`;
  writeFileSync(hints, "4096 .*\n");
  run("mkfs.erofs", ["-zlz4hc", "-C65536", `--compress-hints=${hints}`, image, tree]);
  const bytes = readFileSync(image);
  const source = memorySource(bytes, image);
  const superblock = await readSuperblock(source);
  const [number, config] = CONFIGS[algorithm];
  const jobs: Job[] = [];
  for (const path of filesIn(tree, "")) {
    const said = run("dump.erofs", ["-e", `--path=${path}`, image]).toString();
    const inode = await readInode({ source, superblock }, Number(/NID: (\d+)/.exec(said)?.[1]));
    if (inode.layout !== "compact" && inode.layout !== "full") continue;
    bytes[Math.ceil(inode.tail / 8) * 8 + 6] = number;
    jobs.push(...jobsIn(said, bytes));
  }
  const packed =
    algorithm === "MicroLZMA" ? microLzma(image, jobs) : jobs.map(({ plain }) => pack(plain, algorithm));
  for (const [i, { at, bytes: room }] of jobs.entries()) {
    const stream = packed[i];
    if (!stream || stream.length > room) throw new Error(`${algorithm}: ${stream?.length} bytes in ${room}`);
    bytes.fill(0, at, at + room);
    bytes.set(stream, at + room - stream.length);
  }
  bytes.writeUInt32LE(bytes.readUInt32LE(SUPERBLOCK + 8) & ~1, SUPERBLOCK + 8); // its checksum is off
  bytes.writeUInt32LE(bytes.readUInt32LE(SUPERBLOCK + 80) | COMPRESSION_CONFIGS, SUPERBLOCK + 80);
  bytes.writeUInt16LE(1 << number, SUPERBLOCK + 84);
  bytes.writeUInt16LE(config.length, CONFIG);
  config.copy(bytes, CONFIG + 2);
  writeFileSync(image, bytes);
  return jobs.length;
}

function filesIn(folder: string, under: string): string[] {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = `${under}/${entry.name}`;
    return entry.isDirectory() ? filesIn(folder, path) : entry.isFile() ? [path] : [];
  });
}

/** The packed extents that dump.erofs lists: those of more bytes than their blocks. */
function jobsIn(said: string, bytes: Buffer): Job[] {
  return [...said.matchAll(/\d+\.\.\s*\d+ \|\s*(\d+) :\s*(\d+)\.\.\s*\d+ *\|\s*(\d+)/g)].flatMap((found) => {
    const [length = 0, at = 0, room = 0] = found.slice(1).map(Number);
    if (length <= room) return [];
    const blocks = bytes.subarray(at, at + room);
    const stream = blocks.subarray(blocks.findIndex((byte) => byte !== 0));
    return [{ at, bytes: room, plain: lz4Decompress(new View(stream, "LZ4"), length, true) }];
  });
}

function pack(plain: Uint8Array, algorithm: "DEFLATE" | "Zstandard"): Uint8Array {
  if (algorithm === "DEFLATE") return deflateRawSync(plain, { level: 9 });
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_windowLog]: 17 };
  return zstdCompressSync(plain, { params });
}

function microLzma(image: string, jobs: readonly Job[]): readonly Uint8Array[] {
  const folder = `${image}.lzma`;
  mkdirSync(folder);
  const lines = jobs.map(({ plain, bytes }, i) => {
    writeFileSync(join(folder, `${i}`), plain);
    return `${join(folder, `${i}`)}\t${join(folder, `${i}.lzma`)}\t${bytes}\n`;
  });
  const script = fileURLToPath(new URL("micro-lzma.py", import.meta.url));
  const taken = run("python3", [script], { input: lines.join("") })
    .toString()
    .split("\n");
  return jobs.map(({ plain }, i) => {
    if (Number(taken[i]) !== plain.length) throw new Error(`MicroLZMA took ${taken[i]} of ${plain.length}`);
    return readFileSync(join(folder, `${i}.lzma`));
  });
}
