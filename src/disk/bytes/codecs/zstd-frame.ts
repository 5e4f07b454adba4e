import { corrupt } from "../../../errors.ts";
import type { View } from "../view.ts";

// Source: RFC 8878, sections 3.1.1.1 (frame header) and 3.1.1.2 (blocks).

const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const RLE = 1;

/**
 * The bytes that the zstd frame at `start` takes. A compressed cluster only tells its length in sectors, and
 * node:zlib refuses a frame with anything behind it.
 * @throws corrupt when there is no frame, or it goes on past the end of the view
 */
export function zstdFrameBytes(view: View, start: number): number {
  if (view.u32le(start) !== MAGIC) throw corrupt(view.label, "no zstd frame", view.base + start);
  const descriptor = view.u8(start + 4);
  const singleSegment = (descriptor >> 5) & 1;
  const sizeFlag = descriptor >> 6;
  let at = start + 5 + (1 - singleSegment) + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  at += sizeFlag === 0 ? singleSegment : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
  for (let last = false; !last; ) {
    const block = view.u16le(at) + view.u8(at + 2) * 0x10000;
    last = (block & 1) === 1;
    const rle = ((block >> 1) & 3) === RLE;
    at += 3 + (rle ? 1 : block >> 3);
  }
  const checksumBytes = ((descriptor >> 2) & 1) * 4;
  view.slice(start, at + checksumBytes - start);
  return at + checksumBytes - start;
}
