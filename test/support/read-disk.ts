import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";

const REACH_BYTES = 1 << 20;
const STEP_BYTES = 30_000;

/** Reads the first MiB of a disk in odd steps, and its end. */
export async function readDisk(disk: ByteSource): Promise<void> {
  const reach = Math.min(disk.size, REACH_BYTES);
  for (let at = 0; at < reach; at += STEP_BYTES) await disk.read(at, Math.min(STEP_BYTES, reach - at));
  await disk.read(Math.max(0, disk.size - 1000), Math.min(1000, disk.size));
}
