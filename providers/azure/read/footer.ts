import { ScanError } from "../../../src/errors.ts";

// Source: "Virtual Hard Disk Image Format Specification" 1.0, "Hard Disk Footer Format".

export const FOOTER_BYTES = 512;
const FIXED = 2;

/** Holds the blob's last 512 bytes against what a fixed VHD ends with. @throws corrupt, unsupported */
export function checkFooter(footer: Uint8Array, diskBytes: number, label: string): void {
  const at = [label, "VHD footer"];
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength);
  const cookie = String.fromCharCode(...footer.subarray(0, 8));
  if (cookie !== "conectix") throw new ScanError("corrupt", "the blob does not end as a VHD does", { at });
  const type = view.getUint32(60);
  if (type !== FIXED)
    throw new ScanError("unsupported", `a VHD of type ${type}, where Azure has fixed ones`, { at });
  const size = view.getBigUint64(48);
  if (size !== BigInt(diskBytes))
    throw new ScanError("corrupt", `the footer says ${size} bytes, the blob has ${diskBytes}`, { at });
  let sum = 0;
  for (const [index, byte] of footer.entries()) if (index < 64 || index > 67) sum += byte;
  if (view.getUint32(64) !== ~sum >>> 0) throw new ScanError("corrupt", "the checksum does not fit", { at });
}
