import { crc32c } from "../../bytes/crc32c.ts";
import type { View } from "../../bytes/view.ts";

// Source: [MS-VHDX] 2.2.2, 2.2.3.1, 2.3.1.1: CRC-32C of the whole structure, its own field taken as zero.

const FIELD_OFFSET = 4;
const ZEROS = new Uint8Array(4096);

/** @param zerosBehind bytes of zeros that belong to the structure and are not in the view */
export function checksumHolds(view: View, zerosBehind = 0): boolean {
  let crc = crc32c(view.slice(0, FIELD_OFFSET));
  crc = crc32c(ZEROS.subarray(0, 4), crc);
  crc = crc32c(view.slice(FIELD_OFFSET + 4, view.length - FIELD_OFFSET - 4), crc);
  for (let left = zerosBehind; left > 0; left -= ZEROS.length)
    crc = crc32c(ZEROS.subarray(0, Math.min(left, ZEROS.length)), crc);
  return crc === view.u32le(FIELD_OFFSET);
}
