import { readFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";
import { openFile } from "../../providers/file-source.ts";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { coalesced } from "../../src/disk/bytes/coalesced.ts";
import type { Companions, ContainerFormat } from "../../src/disk/bytes/format.ts";
import { run } from "./images.ts";
import { random } from "./mutate.ts";

const MIB = 1 << 20;
/** Eight odd offsets, as parts of the disk, and eight odd lengths: the grid of go-qcow2reader's tests. */
const OFFSETS = [0, 1 / 7, 0.25, 1 / 3, 0.5, 2 / 3, 0.81, 0.99];
const LENGTHS = [1, 511, 512, 4095, 4097, 65_537, 131_073, 300_001];

/** A file of this machine as a source, until the test ends. */
export async function fileSource(path: string): Promise<ByteSource> {
  const file = await openFile(path, path);
  onTestFinished(() => file.close());
  return file.source;
}

/** The files as a user gives them: by base name. */
export async function given(paths: readonly string[]): Promise<Companions> {
  const pairs = paths.map(
    async (path) => [path.slice(path.lastIndexOf("/") + 1), await fileSource(path)] as const,
  );
  return { byName: new Map(await Promise.all(pairs)) };
}

/** What the image holds, according to qemu-img. */
export function rawOf(path: string, format?: string): Uint8Array {
  run("qemu-img", ["convert", ...(format ? ["-f", format] : []), "-O", "raw", path, `${path}.raw`]);
  return readFileSync(`${path}.raw`);
}

/** Compares whole, on a grid of 8 x 8 odd offsets and lengths, and at 64 random places. */
export async function compareDisk(disk: ByteSource, truth: Uint8Array): Promise<void> {
  expect(disk.size).toBe(truth.length);
  for (let at = 0; at < disk.size; at += 4 * MIB) {
    const length = Math.min(4 * MIB, disk.size - at);
    expect(Buffer.compare(await disk.read(at, length), truth.subarray(at, at + length)), `at ${at}`).toBe(0);
  }
  const next = random(6);
  const grid = OFFSETS.flatMap((part) => LENGTHS.map((length) => ({ part, length })));
  const ranges = [...grid, ...grid.map(({ length }) => ({ part: next(), length }))].map(
    ({ part, length }) => {
      const fit = Math.min(length, disk.size);
      return { length: fit, at: Math.floor(part * (disk.size - fit)) };
    },
  );
  const parts = await Promise.all(ranges.map(({ at, length }) => disk.read(at, length)));
  for (const [i, { at, length }] of ranges.entries()) {
    const same = Buffer.compare(parts[i] ?? new Uint8Array(), truth.subarray(at, at + length)) === 0;
    expect(same, `${length} bytes at ${at}`).toBe(true);
  }
}

/** Opens an image with its reader and compares it with what qemu-img makes of it. Gives the details. */
export async function checkImage(
  format: ContainerFormat,
  path: string,
  companions?: Companions,
  truth?: Uint8Array,
): Promise<readonly string[]> {
  const source = cached(coalesced(await fileSource(path)));
  expect(await format.probe(source)).toBe(true);
  const { disk, details } = await format.open(source, companions);
  expect(disk.label).toBe(`${path} > ${format.name}`);
  await compareDisk(disk, truth ?? rawOf(path));
  return details;
}

/** Scattered writes that hit block edges, zeros, and the disk's end; for `qemu-io -c`. */
export const SCATTERED: readonly string[] = [
  "write -P 0x11 0 3072",
  "write -P 0x22 71680 199680",
  "write -z 128k 80k",
  "write -P 0x33 1M 64k",
  "write -z 1088k 300k",
  "write -P 0x44 1100k 3k",
  "write -P 0x55 3M 1537k",
  "write -P 0x66 6290944 1024",
  "write -P 0x77 8M 512",
];

export function writeWith(format: string, path: string, commands: readonly string[]): void {
  run("qemu-io", ["-f", format, ...commands.flatMap((one) => ["-c", one]), path]);
}

/** A raw file with text-like, random and empty stretches, whose size is no multiple of a cluster. */
export function makeMaterial(path: string, extraSectors = 7): string {
  run("qemu-img", ["create", "-q", "-f", "raw", path, `${12 * MIB + 512 * extraSectors}`]);
  const next = random(99);
  const noise = Buffer.from(Uint8Array.from({ length: MIB }, () => next() * 256));
  run("dd", [`of=${path}`, "bs=1k", "seek=100", "conv=notrunc", "status=none"], { input: noise });
  const text = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `line ${i % 977}\n`).join(""));
  run("dd", [`of=${path}`, "bs=1k", "seek=5001", "conv=notrunc", "status=none"], { input: text });
  const last = (12 * MIB) / 512 + extraSectors - 1;
  run("dd", [`of=${path}`, "bs=512", `seek=${last}`, "conv=notrunc", "status=none"], {
    input: noise.subarray(0, 512),
  });
  return path;
}
