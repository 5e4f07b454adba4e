import { readFile } from "node:fs/promises";
import { ScanError } from "../src/errors.ts";

/** The kernel counts in sectors of 512 bytes, whatever the device's own are. */
const SECTOR_BYTES = 512;

/** How large a block device is, which `stat` does not tell: Linux does in /sys. @throws access */
export async function blockDeviceBytes(rdev: number, label: string): Promise<number> {
  const path = `/sys/dev/block/${deviceNumbers(rdev)}/size`;
  const sectors = Number(await readFile(path, "utf8").catch(() => Number.NaN));
  if (Number.isSafeInteger(sectors)) return sectors * SECTOR_BYTES;
  const message = "the size of this device is not known: copy it into a file (dd) and scan that";
  throw new ScanError("access", message, { at: [label] });
}

/** `major:minor`. Source: glibc sysdeps/unix/sysv/linux, gnu_dev_major and gnu_dev_minor. */
export function deviceNumbers(rdev: number): string {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}
