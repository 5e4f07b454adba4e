import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { beneath, byBlock, type Extent, mapped } from "../../bytes/mapped.ts";
import { tablePieces } from "../../bytes/table-pieces.ts";
import type { Metadata } from "./metadata.ts";
import type { Region } from "./regions.ts";

// Source: [MS-VHDX] 2.5 (block allocation table), 2.5.1 (entries).

const ENTRY = 8;
const MIB = 1 << 20;
/** Sectors of the disk that one bitmap block tells of. */
const BITMAP_SECTORS = 2 ** 23;

const NOT_PRESENT = 0;
const ZERO_STATES = new Set([1, 2, 3]);
const FULLY_PRESENT = 6;
const PARTIALLY_PRESENT = 7;

/** The virtual disk. A BAT entry of 8 bytes a block, and after every chunk of blocks one for their bitmap. */
export function vhdxDisk(
  source: ByteSource,
  bat: Region,
  metadata: Metadata,
  label: string,
  parent?: ByteSource,
): ByteSource {
  const { blockBytes, sectorBytes, sizeBytes } = metadata;
  const chunkBlocks = (BITMAP_SECTORS * sectorBytes) / blockBytes;
  const blocks = Math.ceil(sizeBytes / blockBytes);
  const chunks = Math.ceil(blocks / chunkBlocks);
  const entries = metadata.parent ? chunks * (chunkBlocks + 1) : blocks + Math.max(0, chunks - 1);
  if (entries * ENTRY > bat.length)
    throw corrupt(
      label,
      `block table of ${bat.length} bytes is too small for ${sizeBytes} bytes`,
      bat.offset,
    );
  const piece = tablePieces(source, label);

  async function entryAt(index: number): Promise<{ state: number; offset: number; at: number }> {
    const at = bat.offset + index * ENTRY;
    const { view, at: entry } = await piece(at, ENTRY, "block table");
    const value = view.big64le(entry);
    return { state: Number(value & 7n), offset: Number(value >> 20n) * MIB, at };
  }

  function stored(start: number, within: number, length: number, at: number): Extent {
    const offset = start + within;
    if (start < MIB || offset + length > source.size)
      throw corrupt(
        label,
        `block at ${start} lies outside the file of ${source.size} bytes: is it complete?`,
        at,
      );
    return { kind: "stored", length, source, offset };
  }

  /** Sector by sector: what the bitmap says is here, the rest from the parent. */
  async function partial(
    block: number,
    within: number,
    length: number,
    data: { readonly offset: number; readonly at: number },
  ): Promise<readonly Extent[]> {
    const chunk = Math.floor(block / chunkBlocks);
    const bitmap = await entryAt(chunk * (chunkBlocks + 1) + chunkBlocks);
    if (bitmap.state !== FULLY_PRESENT)
      throw corrupt(label, `block table says nothing of the sectors of block ${block}`, bitmap.at);
    const firstInChunk = ((block % chunkBlocks) * blockBytes) / sectorBytes;
    return byBlock(within, length, sectorBytes, async (sector, inSector, part) => {
      const bit = firstInChunk + sector;
      const { view, at } = await piece(bitmap.offset + Math.floor(bit / 8), 1, "sector bitmap");
      const offset = sector * sectorBytes + inSector;
      return (view.u8(at) >> (bit % 8)) & 1
        ? [stored(data.offset, offset, part, data.at)]
        : beneath(parent, block * blockBytes + offset, part);
    });
  }

  return mapped(sizeBytes, label, (offset, length) =>
    byBlock(offset, length, blockBytes, async (block, within, part) => {
      const entry = await entryAt(block + Math.floor(block / chunkBlocks));
      if (entry.state === NOT_PRESENT) return beneath(parent, block * blockBytes + within, part);
      if (ZERO_STATES.has(entry.state)) return [{ kind: "zeros", length: part }];
      if (entry.state === FULLY_PRESENT) return [stored(entry.offset, within, part, entry.at)];
      if (entry.state === PARTIALLY_PRESENT && metadata.parent) return partial(block, within, part, entry);
      throw corrupt(label, `block ${block} is in no possible state (${entry.state})`, entry.at);
    }),
  );
}
