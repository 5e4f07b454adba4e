import { spawn } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
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
  const driver = spawn("ntfs-3g", ["-o", `no_detach,${options}`, image, mount], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => driver.on("exit", resolve));
  await mounted(mount, ended);
  try {
    return await use(mount);
  } finally {
    run("fusermount3", ["-u", mount]);
    // The driver goes on writing for a moment after the mount is gone; now and then it stays for good.
    if ((await Promise.race([ended, setTimeout(5000, "stuck")])) === "stuck") driver.kill();
    await ended;
  }
}

async function mounted(mount: string, ended: Promise<unknown>): Promise<void> {
  const isThere = (): boolean => readFileSync("/proc/self/mounts", "utf8").includes(` ${mount} `);
  for (let i = 0; i < 1000 && !isThere(); i++) {
    const stopped = await Promise.race([ended.then(() => true), setTimeout(10, false)]);
    if (stopped) throw new Error(`ntfs-3g did not mount ${mount}`);
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
