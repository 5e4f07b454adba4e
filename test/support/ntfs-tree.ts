import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { random } from "./mutate.ts";
import { setAttribute } from "./ntfs.ts";

const COMPRESSED = 0x800; // FILE_ATTRIBUTE_COMPRESSED: new files in the folder are packed

export interface TreeOptions {
  /** Files in the big folder. */
  readonly crowd: number;
  /** Pieces of the file that needs an attribute list. */
  readonly pieces: number;
  readonly compress: boolean;
}

/** Fills a mounted volume with everything that an NTFS reader has to know. */
export async function fillNtfs(folder: string, options: TreeOptions): Promise<void> {
  await writeConformanceFiles(folder, true);
  const next = random(7);
  const noise = (length: number): Buffer =>
    Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)));
  mkdirSync(join(folder, "crowd"));
  for (let i = 0; i < options.crowd; i++)
    writeFileSync(join(folder, "crowd", `${"long name ".repeat(i % 23)}${i}.txt`), `${i}\n`.repeat(i % 300));
  for (let i = 0; i < options.crowd; i += 3)
    rmSync(join(folder, "crowd", `${"long name ".repeat(i % 23)}${i}.txt`));
  mkdirSync(join(folder, `${"deep/".repeat(40)}end`), { recursive: true });
  writeFileSync(join(folder, `${"deep/".repeat(40)}end/file`), "here");
  writeFileSync(join(folder, "x".repeat(255)), "longest");
  for (const name of [
    "Case",
    "CASE",
    "case",
    "ÄÖÜ ß.txt",
    "漢字.txt",
    "Ωmega",
    "ωmega2",
    "𝒜stral",
    "a.b.c.d",
  ])
    writeFileSync(join(folder, name), name);
  writeFileSync(join(folder, "Long file with alias.txt"), "alias");
  setAttribute(join(folder, "Long file with alias.txt"), "system.ntfs_dos_name", Buffer.from("LONGFI~1.TXT"));
  // Resident to non-resident, around each limit.
  for (const size of [0, 1, 400, 600, 700, 1000, 3000, 4095, 4096, 4097, 65535, 65536, 65537])
    writeFileSync(join(folder, `size-${size}`), noise(size));
  linkSync(join(folder, "size-1000"), join(folder, "hard"));
  linkSync(join(folder, "size-1000"), join(folder, "crowd", "hard"));
  symlinkSync("../size-1000", join(folder, "crowd", "soft"));
  sparse(join(folder, "sparse"), 40 << 20, [0, 5 << 20, (5 << 20) + 4096, 39 << 20], noise(5000));
  // Every second piece is a hole: more runs than one record holds.
  sparse(
    join(folder, "pieces"),
    options.pieces * 131072 + 77,
    Array.from({ length: options.pieces }, (_, i) => i * 131072),
    noise(4096),
  );
  for (let i = 0; i < 300; i++)
    for (const name of ["one", "two", "three"]) appendFileSync(join(folder, name), noise(1 + (i % 4) * 1500));
  writeFileSync(join(folder, "with-stream"), "main");
  setAttribute(join(folder, "with-stream"), "user.hidden", Buffer.from("not to be seen"));
  if (options.compress) compressed(folder, noise);
}

function sparse(path: string, size: number, at: readonly number[], bytes: Uint8Array): void {
  const file = openSync(path, "w");
  ftruncateSync(file, size);
  for (const offset of at) writeSync(file, bytes, 0, bytes.length, offset);
  closeSync(file);
}

function compressed(folder: string, noise: (length: number) => Buffer): void {
  const packed = join(folder, "packed");
  mkdirSync(packed);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(COMPRESSED, 0);
  setAttribute(packed, "system.ntfs_attrib", flags);
  const text = Buffer.from("the quick brown fox jumps over the lazy dog; ".repeat(9000));
  writeFileSync(join(packed, "text"), text);
  writeFileSync(join(packed, "noise"), noise(300_000));
  writeFileSync(
    join(packed, "mixed"),
    Buffer.concat([text.subarray(0, 70_001), noise(90_000), text, Buffer.alloc(200_000), noise(13)]),
  );
  writeFileSync(join(packed, "zeros"), Buffer.alloc(500_000));
  writeFileSync(join(packed, "small"), "small");
  for (let i = 0; i < 60; i++)
    appendFileSync(join(packed, "grown"), Buffer.concat([text.subarray(0, i * 400), noise(i * 37)]));
  sparse(join(packed, "holes"), 3 << 20, [100_000, 2 << 20], text.subarray(0, 50_000));
}
