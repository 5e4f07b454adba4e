import type { IncomingMessage } from "node:http";
import { ScanError } from "../../../src/errors.ts";
import { pieces } from "../../ranges/remote-file.ts";

// Source: Azure Storage REST API, "Get Page Ranges" and "Get Blob".

/** Where a page blob was written: ascending, apart from each other, `end` behind the last byte. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
}

/** A list beyond this is not worth its bytes: then holes are read like the rest. */
const LIST_BYTES_MAX = 4 << 20;

/** Undefined when the list is too long. @throws corrupt when it is no list of pages */
export async function pageRangesIn(
  reply: IncomingMessage,
  size: number,
  label: string,
): Promise<readonly PageRange[] | undefined> {
  let have = 0;
  const parts: Uint8Array[] = [];
  for await (const piece of pieces(reply)) {
    have += piece.length;
    if (have > LIST_BYTES_MAX) return undefined;
    parts.push(piece);
  }
  const xml = Buffer.concat(parts).toString("utf8");
  const bad = (): ScanError =>
    new ScanError("corrupt", "the list of pages makes no sense", { at: [label, "page ranges"] });
  if (!/<\/PageList>\s*$|<PageList\s*\/>\s*$/.test(xml)) throw bad();
  // A list that came in parts would make what is missing look like holes.
  if (/<NextMarker>[^<]/.test(xml)) return undefined;
  const ranges: PageRange[] = [];
  const shape = /<PageRange>\s*<Start>(\d{1,16})<\/Start>\s*<End>(\d{1,16})<\/End>\s*<\/PageRange>/g;
  for (const [, start, last] of xml.matchAll(shape)) {
    const range = { start: Number(start), end: Number(last) + 1 };
    if (range.start >= range.end || range.end > size || range.start < (ranges.at(-1)?.end ?? 0)) throw bad();
    ranges.push(range);
  }
  if (ranges.length !== (xml.match(/<PageRange>/g)?.length ?? 0)) throw bad();
  return ranges;
}

/** Whether nothing was ever written from `start` to `end`: it reads as zeros. */
export function isHole(ranges: readonly PageRange[], start: number, end: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return (ranges[low]?.start ?? Number.POSITIVE_INFINITY) >= end;
}
