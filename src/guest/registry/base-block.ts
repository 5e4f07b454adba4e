import { View } from "../../disk/bytes/view.ts";
import { corrupt, unsupported } from "../../errors.ts";

/** The first block of a hive, and of its logs. Source: "Windows registry file format specification" (M. Suhanov). */
export interface BaseBlock {
  readonly primarySequence: number;
  readonly secondarySequence: number;
  /** FILETIME. */
  readonly writtenAt: bigint;
  readonly minor: number;
  /** 0: a hive; 1 and 2: an old log; 6: a log of entries. */
  readonly fileType: number;
  readonly rootCell: number;
  readonly binsBytes: number;
}

export const BASE_BYTES = 4096;
/** All that counts of a base block; logs keep only this much. */
export const BASE_HEAD_BYTES = 512;

export function parseBaseBlock(bytes: Uint8Array, label: string): BaseBlock {
  const view = new View(bytes, label, 0);
  if (!view.is(0, "regf")) throw corrupt(label, "not a registry hive: no signature regf", 0);
  const sum = checksum(view);
  if (view.u32le(508) !== sum)
    throw corrupt(
      label,
      `hive checksum is ${view.u32le(508).toString(16)}, should be ${sum.toString(16)}`,
      508,
    );
  const major = view.u32le(20);
  const minor = view.u32le(24);
  if (major !== 1 || minor > 6) throw unsupported(label, `hive format ${major}.${minor}`, 20);
  return {
    primarySequence: view.u32le(4),
    secondarySequence: view.u32le(8),
    writtenAt: view.big64le(12),
    minor,
    fileType: view.u32le(28),
    rootCell: view.u32le(36),
    binsBytes: view.u32le(40),
  };
}

function checksum(view: View): number {
  let sum = 0;
  for (let at = 0; at < 508; at += 4) sum ^= view.u32le(at);
  sum >>>= 0;
  if (sum === 0xffffffff) return 0xfffffffe;
  return sum === 0 ? 1 : sum;
}
