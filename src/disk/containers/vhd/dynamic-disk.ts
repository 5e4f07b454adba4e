import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { beneath, byBlock, type Extent, mapped } from "../../bytes/mapped.ts";
import { tablePieces } from "../../bytes/table-pieces.ts";
import type { DynamicHeader } from "./dynamic-header.ts";

// Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0, section "Block Allocation Table and Data
// Blocks".

const SECTOR = 512;
const ENTRY = 4;
const UNALLOCATED = 0xffff_ffff;

/**
 * A disk in blocks, each behind a bitmap of its sectors. A sector whose bit is clear was never written: it shows
 * the parent, or zeros. Bitmap and data are read in the same round.
 */
export function dynamicDisk(
  source: ByteSource,
  header: DynamicHeader,
  sizeBytes: number,
  label: string,
  parent?: ByteSource,
): ByteSource {
  const { tableOffset, blockBytes, bitmapBytes } = header;
  const piece = tablePieces(source, label);
  // The bitmap of a block of 2 MiB is one sector, and what follows is data.
  const bitmapPiece = tablePieces(source, label, SECTOR);

  /** One bit a sector, the first in the highest bit of the first byte. */
  async function isWritten(bitmap: number, firstSector: number, sectors: number): Promise<boolean[]> {
    const from = Math.floor(firstSector / 8);
    const to = Math.floor((firstSector + sectors - 1) / 8);
    const bits = new Uint8Array(to - from + 1);
    const parts: Promise<void>[] = [];
    for (let at = bitmap + from; at <= bitmap + to; at = (Math.floor(at / SECTOR) + 1) * SECTOR)
      parts.push(
        bitmapPiece(at, 1, "sector bitmap").then((one) => {
          const start = at - bitmap - from;
          bits.set(one.view.bytes.subarray(one.at, one.at + bits.length - start), start);
        }),
      );
    await Promise.all(parts);
    return Array.from({ length: sectors }, (_, i) => {
      const sector = firstSector + i;
      return (((bits[Math.floor(sector / 8) - from] ?? 0) >> (7 - (sector % 8))) & 1) === 1;
    });
  }

  /** A range of one block, sectors that were never written replaced by what is beneath them. */
  async function blockPart(
    bitmap: number,
    within: number,
    diskOffset: number,
    length: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const first = Math.floor(within / SECTOR);
    const sectors = Math.floor((within + length - 1) / SECTOR) - first + 1;
    const [written, data] = await Promise.all([
      isWritten(bitmap, first, sectors),
      source.read(bitmap + bitmapBytes + within, length, signal),
    ]);
    if (!written.includes(false)) return data;
    const mixed = parent ? await parentPart(parent, diskOffset, length, signal) : new Uint8Array(length);
    for (const [i, has] of written.entries()) {
      if (!has) continue;
      const from = Math.max(0, (first + i) * SECTOR - within);
      mixed.set(data.subarray(from, (first + i + 1) * SECTOR - within), from);
    }
    return mixed;
  }

  return mapped(sizeBytes, label, (offset, length) =>
    byBlock(offset, length, blockBytes, async (block, within, part): Promise<readonly Extent[]> => {
      const at = tableOffset + block * ENTRY;
      const { view, at: entry } = await piece(at, ENTRY, "block table");
      const sector = view.u32be(entry);
      const diskOffset = block * blockBytes + within;
      if (sector === UNALLOCATED) return beneath(parent, diskOffset, part);
      const bitmap = sector * SECTOR;
      if (bitmap + bitmapBytes + within + part > source.size)
        throw corrupt(
          label,
          `block at ${bitmap} lies outside the file of ${source.size} bytes: is the file complete?`,
          at,
        );
      return [
        {
          kind: "made",
          length: part,
          make: (signal) => blockPart(bitmap, within, diskOffset, part, signal),
        },
      ];
    }),
  );
}

/** A writable copy of the parent's bytes, zeros past its end. */
async function parentPart(
  parent: ByteSource,
  offset: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const shown = Math.max(0, Math.min(length, parent.size - offset));
  if (shown > 0) bytes.set(await parent.read(offset, shown, signal));
  return bytes;
}
