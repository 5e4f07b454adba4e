import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { crc32cUpdate } from "../../src/disk/bytes/crc32c.ts";
import { run, scratch } from "../support/images.ts";
import { formatXfs, mounted } from "../support/xfs.ts";
import type { FuzzTarget } from "./target.ts";
import { target as xfsTarget } from "./xfs.ts";

const MAGIC = 0xfeedbabe;
const MEBIBYTES = 16;
const RECORD_HOT_BYTES = 4096;
/** 4 MiB is the smallest log; more records than these no seed has. */
const RECORDS_MAX = 200;

/** A file system whose log is dirty, as mutants see it with every record's checksum made right. */
export const target: FuzzTarget = {
  name: "xfs-log",
  needs: ["mkfs.xfs", "xfs_io", "mount", "root"],
  async seeds() {
    const image = join(scratch("fuzz-xfs-log"), "live.img");
    formatXfs(image, MEBIBYTES, ["-b", "size=1024", "-l", "size=4m"]);
    const bytes = await mounted(image, (mount) => {
      for (let round = 0; round < 2; round++) {
        mkdirSync(join(mount, `d${round}`));
        for (let i = 0; i < 40; i++) writeFileSync(join(mount, `d${round}`, `f${i}`), `${i} `.repeat(i * 9));
        if (round > 0) rmSync(join(mount, "d0"), { recursive: true });
        run("xfs_io", ["-c", "fsync", join(mount, `d${round}`, "f7")]);
      }
      run("xfs_io", ["-x", "-c", "shutdown -f", mount]);
      copyFileSync(image, `${image}.dirty`);
      return readFileSync(`${image}.dirty`);
    });
    const hot = recordsIn(bytes).map((at): [number, number] => [at, at + RECORD_HOT_BYTES]);
    return [{ name: "a dirty log", bytes, hot }];
  },
  async read(source) {
    if (source.size < MEBIBYTES << 20) return xfsTarget.read(source);
    const bytes = Buffer.from(await source.read(0, source.size));
    for (const at of recordsIn(bytes)) mend(bytes, at);
    const mended: ByteSource = memorySource(bytes, source.label);
    await xfsTarget.read(mended);
  },
};

function recordsIn(bytes: Buffer): readonly number[] {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(MAGIC);
  const found: number[] = [];
  for (
    let at = bytes.indexOf(magic);
    at >= 0 && found.length < RECORDS_MAX;
    at = bytes.indexOf(magic, at + 1)
  )
    if (at % 512 === 0) found.push(at);
  return found;
}

function mend(bytes: Buffer, at: number): void {
  const headers = Math.min(8, Math.max(1, Math.ceil(bytes.readUInt32BE(at + 320) / 32768))) * 512;
  const length = Math.min(bytes.readUInt32BE(at + 12), 256 << 10);
  bytes.writeUInt32LE(0, at + 32);
  let register = crc32cUpdate(~0, bytes.subarray(at, at + 328));
  for (let next = at + 512; next < at + headers; next += 512)
    register = crc32cUpdate(register, bytes.subarray(next, next + 260));
  register = crc32cUpdate(register, bytes.subarray(at + headers, at + headers + length));
  bytes.writeUInt32LE(~register >>> 0, at + 32);
}
