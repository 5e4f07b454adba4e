import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { checksumHolds } from "./checksum.ts";

// Source: [MS-VHDX] 2.2.2 (headers).

export const HEADER_OFFSETS: readonly number[] = [64 << 10, 128 << 10];
export const HEADER_BYTES = 4096;
const MIB = 1 << 20;
const NO_GUID = "00000000-0000-0000-0000-000000000000";

export interface Header {
  readonly sequence: bigint;
  /** Changes with every write to the disk: what a child keeps of its parent. */
  readonly dataWriteGuid: string;
  /** Set when the log holds what is not in its place yet. */
  readonly log?: { readonly guid: string; readonly offset: number; readonly length: number };
}

/** The header that is in force: of the two whose checksum holds, the one with the higher sequence number. */
export async function readHeader(source: ByteSource, label: string): Promise<Header> {
  const both = await Promise.all(
    HEADER_OFFSETS.map(async (offset) => {
      if (offset + HEADER_BYTES > source.size) return undefined;
      const view = new View(await source.read(offset, HEADER_BYTES), label, offset);
      return view.is(0, "head") && checksumHolds(view) ? view : undefined;
    }),
  );
  const [view] = both
    .filter((one) => one !== undefined)
    .toSorted((a, b) => Number(b.big64le(8) - a.big64le(8) > 0n) - Number(b.big64le(8) - a.big64le(8) < 0n));
  if (!view) throw corrupt(label, "neither header has a checksum that matches", HEADER_OFFSETS[0]);
  const version = view.u16le(66);
  if (version !== 1) throw unsupported(label, `VHDX version ${version}`, view.base + 66);
  const guid = view.guid(48);
  return {
    sequence: view.big64le(8),
    dataWriteGuid: view.guid(32),
    ...(guid === NO_GUID ? {} : { log: { guid, ...logRange(view, source) } }),
  };
}

function logRange(view: View, source: ByteSource): { readonly offset: number; readonly length: number } {
  const { label, base } = view;
  const logVersion = view.u16le(64);
  if (logVersion !== 0) throw unsupported(label, `VHDX log version ${logVersion}`, base + 64);
  const length = view.u32le(68);
  const offset = view.u64le(72);
  if (
    length === 0 ||
    length % MIB !== 0 ||
    offset < MIB ||
    offset % MIB !== 0 ||
    offset + length > source.size
  )
    throw corrupt(label, `log of ${length} bytes at ${offset} is impossible`, base + 68);
  return { offset, length };
}
