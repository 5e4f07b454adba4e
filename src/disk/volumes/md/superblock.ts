import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";

// Source: Linux include/uapi/linux/raid/md_p.h; checksums: drivers/md/md.c, calc_sb_1_csum and calc_sb_csum.

/** Versions 1.x write little-endian; 0.90 the byte order of the machine, of which little-endian is read. */
export const MAGIC = 0xa92b4efc;

/** What a superblock says of the array and of the member that it stands on. */
export interface MdSuperblock {
  /** `0.90`, `1.0`, `1.1`, `1.2`. */
  readonly version: string;
  readonly uuid: string;
  /** `host:0` in 1.x, `md0` in 0.90. */
  readonly name: string;
  /** As Linux numbers them: 1 for RAID 1, -1 for linear. */
  readonly level: number;
  readonly events: bigint;
  /** Where the member's part of the array begins, and how long it is, in bytes. */
  readonly dataOffset: number;
  readonly dataSize: number;
  /** Why this member's copy is not to be used: spare, faulty, being rebuilt. */
  readonly unusable: string | undefined;
}

const SECTOR = 512;
const ROLES = 256;
const ROLES_MAX = 1920;
const RECOVERING = 2;
const RESHAPING = 4;
/** Set while the list of bad blocks is not empty: what lies in them is to be had from another member. */
const BAD_BLOCKS = 8;
const SPARE = 0xffff;
const FAULTY = 0xfffe;
/** 1.x: header and every role that fits. */
export const SUPERBLOCK_1_BYTES = 4096;
export const SUPERBLOCK_090_BYTES = 4096;

/** A 1.x superblock. `view` begins with it. @throws corrupt */
export function superblock1(view: View, version: string): MdSuperblock {
  const roles = view.u32le(220);
  if (roles > ROLES_MAX) throw corrupt(view.label, `RAID superblock with ${roles} roles`, view.base);
  if (sum(view, ROLES + roles * 2, 216) !== view.u32le(216))
    throw corrupt(view.label, "checksum of the RAID superblock is wrong", view.base);
  const number = view.u32le(160);
  const role = number < roles ? view.u16le(ROLES + number * 2) : SPARE;
  const features = view.u32le(8);
  return {
    version,
    uuid: view.uuid(16),
    name: view.ascii(32, 32),
    level: view.i32le(72),
    events: view.big64le(200),
    dataOffset: view.u64le(128) * SECTOR,
    dataSize: view.u64le(80) * SECTOR,
    unusable:
      role === FAULTY
        ? "it is marked faulty"
        : role >= SPARE - 255
          ? "it is a spare"
          : (features & RECOVERING) !== 0
            ? "it was being rebuilt"
            : (features & RESHAPING) !== 0
              ? "the array was being reshaped"
              : (features & BAD_BLOCKS) !== 0
                ? "it has blocks that are marked bad"
                : undefined,
  };
}

/** A 0.90 superblock. `view` begins with it. @throws corrupt */
export function superblock090(view: View): MdSuperblock {
  if (sum(view, SUPERBLOCK_090_BYTES, 152) !== view.u32le(152))
    throw corrupt(view.label, "checksum of the RAID superblock is wrong", view.base);
  const state = view.u32le(992 * 4 + 16);
  const word = (at: number): string => view.u32le(at).toString(16).padStart(8, "0");
  return {
    version: "0.90",
    uuid: [20, 52, 56, 60].map(word).join(":"),
    name: `md${view.u32le(44)}`,
    level: view.i32le(28),
    events: (BigInt(view.u32le(160)) << 32n) | BigInt(view.u32le(156)),
    dataOffset: 0,
    dataSize: view.u32le(32) * 1024,
    unusable:
      (state & 1) !== 0
        ? "it is marked faulty"
        : (state & 6) !== 6
          ? "it is a spare or was being rebuilt"
          : undefined,
  };
}

/** The 32-bit words added up, the checksum's own left out, and what overflows added again. */
function sum(view: View, bytes: number, checksumAt: number): number {
  let total = 0;
  const whole = bytes - (bytes % 4);
  for (let at = 0; at < whole; at += 4) if (at !== checksumAt) total += view.u32le(at);
  if (whole < bytes) total += view.u16le(whole);
  return ((total % 2 ** 32) + Math.floor(total / 2 ** 32)) >>> 0;
}
