import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";
import { checksum } from "./checksum.ts";
import type { Area } from "./label.ts";

// Source: LVM2 lib/format_text/layout.h (mda_header, raw_locn) and format-text.c: the text lies in a ring that
// begins behind the header.

const HEADER = 512;
const MAGIC = " LVM2 x[5A%r0N*>";
const IGNORED = 1;
const TEXT_MAX_BYTES = 8 << 20;

/** The text of a metadata area and its checksum, which tells equal copies without comparing them. */
export interface MetadataText {
  readonly text: string;
  readonly crc: number;
}

/**
 * The committed metadata in `area`; undefined when the area is empty or set aside.
 * @throws corrupt, unsupported, limit
 */
export async function readMetadata(source: ByteSource, area: Area): Promise<MetadataText | undefined> {
  const { label } = source;
  const header = new View(await source.read(area.offset, HEADER), label, area.offset);
  if (!header.is(4, MAGIC)) throw corrupt(label, "metadata area without its magic number", area.offset);
  if (checksum(header.slice(4, HEADER - 4)) !== header.u32le(0))
    throw corrupt(label, "checksum of the metadata area's header is wrong", area.offset);
  const version = header.u32le(20);
  if (version !== 1) throw unsupported(label, `metadata area of version ${version}`, area.offset);
  if (header.u64le(24) !== area.offset)
    throw corrupt(label, "metadata area that says it lies elsewhere", area.offset);
  const size = header.u64le(32);
  const text = { offset: header.u64le(40), size: header.u64le(48) };
  const crc = header.u32le(56);
  if (text.offset === 0 || text.size === 0 || (header.u32le(60) & IGNORED) !== 0) return undefined;
  if (text.size > TEXT_MAX_BYTES)
    throw limitReached(label, `metadata of ${text.size} bytes, more than ${TEXT_MAX_BYTES}`, area.offset);
  if (text.offset < HEADER || text.offset >= size || text.size > size - HEADER)
    throw corrupt(label, "metadata text lies outside its area", area.offset);
  const first = Math.min(text.size, size - text.offset);
  const parts = await Promise.all([
    source.read(area.offset + text.offset, first),
    source.read(area.offset + HEADER, text.size - first),
  ]);
  if (checksum(...parts) !== crc)
    throw corrupt(label, "checksum of the metadata text is wrong", area.offset + text.offset);
  return { text: Buffer.concat(parts).toString("latin1").replace(/\0+$/, ""), crc };
}
