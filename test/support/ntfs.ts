import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scratch } from "./images.ts";

/** What making and filling an NTFS image takes. */
export const NTFS_NEEDS = ["mkntfs", "ntfs-3g", "fusermount3", "setfattr", "root"] as const;

/** Makes an NTFS image of `size` bytes, lets `fill` write into it through ntfs-3g, and gives its path. */
export async function makeNtfs(
  size: number,
  options: readonly string[],
  fill: (folder: string) => Promise<void> | void,
): Promise<string> {
  const folder = scratch("ntfs");
  const image = join(folder, "ntfs.img");
  writeFileSync(image, "");
  truncateSync(image, size);
  run("mkntfs", ["-q", "-F", "-Q", "-L", "Windows", ...options, image]);
  await withNtfs(image, "compression,streams_interface=xattr", fill);
  return image;
}

/** Mounts an image with ntfs-3g and unmounts it on every way out. */
export async function withNtfs<T>(
  image: string,
  options: string,
  use: (folder: string) => Promise<T> | T,
): Promise<T> {
  const mount = scratch("ntfs-mount");
  mkdirSync(mount, { recursive: true });
  run("ntfs-3g", ["-o", options, image, mount]);
  try {
    return await use(mount);
  } finally {
    run("fusermount3", ["-u", mount]);
    // The driver goes on writing for a moment after the mount is gone.
    for (let i = 0; i < 100 && spawnSync("fuser", ["-s", image]).status === 0; i++)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    rmSync(mount, { recursive: true, force: true });
  }
}

/** Sets a file's reparse point: tag, then data. */
export function setReparse(path: string, tag: number, data: Uint8Array): void {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(tag, 0);
  header.writeUInt16LE(data.length, 4);
  setAttribute(path, "system.ntfs_reparse_data", Buffer.concat([header, data]));
}

export function setAttribute(path: string, name: string, value: Uint8Array): void {
  run("setfattr", ["-h", "-n", name, "-v", `0x${Buffer.from(value).toString("hex")}`, path]);
}
