import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, scratch } from "./images.ts";

export const EXFAT_NEEDS = ["mkfs.exfat", "mount.exfat-fuse", "umount", "losetup", "root"] as const;

/** Makes an exFAT image and lets `fill` write into it through FUSE; gives its path. */
export async function makeExfat(
  size: number,
  options: readonly string[],
  fill: (folder: string) => Promise<void> | void,
): Promise<string> {
  const area = scratch("exfat");
  const image = join(area, "x.img");
  const folder = join(area, "mounted");
  mkdirSync(folder);
  writeFileSync(image, "");
  truncateSync(image, size);
  run("mkfs.exfat", [...options, image]);
  // FUSE mounts it as a block device only.
  const device = run("losetup", ["-f", "--show", image]).toString().trim();
  try {
    run("mount.exfat-fuse", [device, folder]);
    try {
      await fill(folder);
    } finally {
      spawnSync("sync");
      run("umount", [folder]);
    }
    // The mount's process writes what is left after the unmount returned.
    for (let i = 0; i < 100 && spawnSync("pgrep", ["-f", `mount.exfat-fuse ${device}`]).status === 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    run("losetup", ["-d", device]);
  }
  spawnSync("sync");
  return image;
}
