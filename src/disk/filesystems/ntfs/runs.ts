import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";

/** Clusters side by side: `length` from virtual cluster `vcn` on lie at `lcn`; undefined is a hole. */
export interface Run {
  readonly vcn: number;
  readonly lcn: number | undefined;
  readonly length: number;
}

/**
 * The runs of one attribute segment that starts at `firstVcn`.
 * Source: Linux-NTFS project documentation, "Data Runs".
 */
export function decodeRuns(pairs: View, firstVcn: number, clustersCount: number): readonly Run[] {
  const runs: Run[] = [];
  let vcn = firstVcn;
  let lcn = 0;
  for (let at = 0; at < pairs.length; ) {
    const header = pairs.u8(at);
    if (header === 0) return runs;
    const lengthBytes = header & 0xf;
    const offsetBytes = header >> 4;
    const length = signed(pairs, at + 1, lengthBytes);
    if (lengthBytes === 0 || length <= 0 || !Number.isSafeInteger(vcn + length))
      throw corrupt(pairs.label, `run of ${length} clusters`, pairs.base + at);
    if (offsetBytes === 0) runs.push({ vcn, lcn: undefined, length });
    else {
      lcn += signed(pairs, at + 1 + lengthBytes, offsetBytes);
      if (!Number.isSafeInteger(lcn) || lcn < 0 || lcn + length > clustersCount)
        throw corrupt(
          pairs.label,
          `run of ${length} clusters at ${lcn} of ${clustersCount}`,
          pairs.base + at,
        );
      runs.push({ vcn, lcn, length });
    }
    vcn += length;
    at += 1 + lengthBytes + offsetBytes;
  }
  throw corrupt(pairs.label, "run list has no end", pairs.base);
}

/** A little-endian two's complement number of `bytes` bytes. */
function signed(view: View, at: number, bytes: number): number {
  if (bytes > 8) throw corrupt(view.label, `run field of ${bytes} bytes`, view.base + at);
  let value = 0;
  for (let i = 0; i < bytes; i++) value += view.u8(at + i) * 2 ** (8 * i);
  return bytes > 0 && view.u8(at + bytes - 1) > 127 ? value - 2 ** (8 * bytes) : value;
}
