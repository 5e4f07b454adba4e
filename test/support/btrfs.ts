import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { run, unmount } from "./images.ts";
import { random } from "./mutate.ts";

export const BTRFS_NEEDS = ["mkfs.btrfs", "btrfs", "mount", "cp", "fallocate", "root"] as const;

/** An image made by mkfs.btrfs; `fill` sees it mounted with its top level at the folder. */
export async function makeBtrfs(
  image: string,
  mount: string,
  options: { readonly size: string; readonly mkfs?: readonly string[]; readonly mount?: string },
  fill: (folder: string) => void | Promise<void>,
): Promise<void> {
  writeFileSync(image, "");
  run("truncate", ["-s", options.size, image]);
  run("mkfs.btrfs", ["-q", "-f", ...(options.mkfs ?? []), image]);
  await mounted(image, mount, options.mount ?? "subvolid=5", fill);
}

/** Does something while an image is mounted. */
export async function mounted<T>(
  image: string,
  folder: string,
  options: string,
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  run("mount", ["-t", "btrfs", "-o", `loop,${options}`, image, folder]);
  try {
    const result = await use(folder);
    // Whoever copied the mount into a namespace of his own keeps it mounted: an unmount alone may write nothing.
    run("sync", ["-f", folder]);
    return result;
  } finally {
    unmount(folder);
  }
}

/** Text that compresses, noise that does not, and both in turn. */
export function sample(length: number, seed: number): Buffer {
  const next = random(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const noisy = next() < 0.3;
    const run = Math.min(length - at, 1 + Math.floor(next() * 9000));
    if (noisy) for (let i = 0; i < run; i++) bytes[at + i] = Math.floor(next() * 256);
    else bytes.fill(`net.ipv6.conf.eth${Math.floor(next() * 99)}.disable_ipv6 = 0\n`, at, at + run);
    at += run;
  }
  return bytes;
}

const SIZES = [1, 100, 2047, 2048, 2049, 4095, 4096, 4097, 20_000, 131_071, 131_072, 131_073, 700_001];

/** Whatever Btrfs stores in a way of its own: sizes around its limits, holes, shared, crowded and deep places. */
export async function writeBtrfsTree(folder: string, crowd: number): Promise<void> {
  await writeConformanceFiles(folder, true);
  mkdirSync(join(folder, "sizes"));
  for (const size of SIZES) {
    writeFileSync(join(folder, "sizes", `mixed-${size}`), sample(size, size));
    writeFileSync(
      join(folder, "sizes", `text-${size}`),
      "0123456789abcde\n".repeat(size / 16 + 1).slice(0, size),
    );
  }
  mkdirSync(join(folder, "crowd"));
  for (let i = 0; i < crowd; i++)
    writeFileSync(join(folder, "crowd", `${"n".repeat(i % 97)}-${i}`), i % 7 ? "" : `${i}`.repeat(i % 300));
  mkdirSync(join(folder, "names"));
  for (const name of ["-", " ", "ä".repeat(120), "x".repeat(255), "\u001b[31m", "a\nb"])
    writeFileSync(join(folder, "names", name), name);
  for (const length of [1, 59, 1000, 2000])
    symlinkSync("t".repeat(length), join(folder, "names", `link-${length}`));
  const hard = join(folder, "sizes", "mixed-20000");
  for (let i = 0; i < 50; i++) linkSync(hard, join(folder, "names", `hard-${"y".repeat(200)}-${i}`));
  writeHoles(folder);
  writeShared(folder);
}

function writeHoles(folder: string): void {
  const sparse = join(folder, "sparse");
  writeFileSync(sparse, "");
  truncateSync(sparse, 9_000_000);
  write(sparse, [0, 70_000, 4_200_000, 8_999_990]);
  const short = join(folder, "short");
  writeFileSync(short, "inline, then longer");
  truncateSync(short, 100_000);
  const allocated = join(folder, "allocated");
  run("fallocate", ["-l", "300k", allocated]);
  write(allocated, [50_000, 200_000]);
}

function writeShared(folder: string): void {
  const from = join(folder, "sizes", "mixed-700001");
  const copy = join(folder, "reflink");
  run("cp", ["--reflink=always", from, copy]);
  run("sync", []);
  write(copy, [3, 130_000, 400_000, 700_000]);
  const scattered = join(folder, "scattered");
  writeFileSync(scattered, sample(400_000, 7));
  run("sync", ["-f", scattered]);
  for (let i = 0; i < 40; i++) write(scattered, [i * 9973]);
}

function write(path: string, places: readonly number[]): void {
  const fd = openSync(path, "r+");
  for (const at of places) writeSync(fd, Buffer.from("0123456789"), 0, 10, at);
  closeSync(fd);
}

/** Subvolumes in subvolumes, snapshots that lost what lay in them, and one chosen as default. */
export function writeSubvolumes(folder: string): void {
  const btrfs = (...args: readonly string[]): void => void run("btrfs", ["-q", ...args]);
  btrfs("subvolume", "create", join(folder, "@"));
  mkdirSync(join(folder, "@", "etc"));
  writeFileSync(join(folder, "@", "etc", "hostname"), "top\n");
  btrfs("subvolume", "create", join(folder, "@", "nested"));
  writeFileSync(join(folder, "@", "nested", "file"), "nested\n");
  mkdirSync(join(folder, "@", ".snapshots"));
  btrfs("subvolume", "snapshot", join(folder, "@"), join(folder, "@", ".snapshots", "1"));
  writeFileSync(join(folder, "@", "etc", "hostname"), "later\n");
  btrfs("subvolume", "snapshot", "-r", join(folder, "@"), join(folder, "read-only"));
  btrfs("subvolume", "create", join(folder, "gone"));
  btrfs("subvolume", "delete", join(folder, "gone"));
}
