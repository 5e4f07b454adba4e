import { corrupt, isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { type TablePiece, tablePieces } from "../../bytes/table-pieces.ts";
import type { SparseHeader } from "./sparse-header.ts";

// Source: VMware, Virtual Disk Format 5.0, section "Hosted Sparse Extents": grain directory and grain tables.

const SECTOR = 512;
const ENTRY = 4;
const HOLE = 0;
const ZEROED = 1;
/** Each is asked for by several reads. */
const GRAINS_KEPT = 4096;
/** The first tables mostly follow their directory: those of some 200 MiB, where the partitions begin. */
const FIRST_TABLES_BYTES = 12 << 10;

/** What the tables say of one grain. */
export type Grain =
  | { readonly kind: "hole" }
  | { readonly kind: "zeros" }
  | {
      readonly kind: "stored";
      readonly offset: number;
      /** Where the next thing that the tables at hand know of begins: a compressed grain ends before it. */
      readonly before?: number;
    };

/**
 * Looks grains up through directory and table, in 4 KiB pieces: two dependent rounds when nothing is known yet.
 * What the first directory cannot tell (it, its table or what they say lies outside the file) the redundant one
 * is asked for.
 * @param onRedundant told once, when the redundant directory had to be used
 */
export function grainMap(
  source: ByteSource,
  header: SparseHeader,
  label: string,
  onRedundant: () => void,
): (grain: number) => Promise<Grain> {
  const piece = tablePieces(source, label);
  const { tableEntries, zeroedGrains, directoryOffset, redundantOffset } = header;
  let told = false;
  let guessed = false;

  /** Asked for with the directory, one round saves another. */
  function guessFirstTables(): void {
    guessed = true;
    const length = Math.min(FIRST_TABLES_BYTES, source.size - directoryOffset);
    if (length > 0) source.read(directoryOffset, length).catch(() => undefined);
  }

  async function lookUp(grain: number, directory: number): Promise<Grain> {
    if (!guessed) guessFirstTables();
    const directoryEntry = directory + Math.floor(grain / tableEntries) * ENTRY;
    const inDirectory = await piece(directoryEntry, ENTRY, "grain directory");
    const tableSector = inDirectory.view.u32le(inDirectory.at);
    if (tableSector === HOLE) return { kind: "hole" };
    const table = tableSector * SECTOR;
    if (table + tableEntries * ENTRY > source.size)
      throw corrupt(
        label,
        `grain table at ${table} lies outside the file of ${source.size} bytes: is the file complete?`,
        directoryEntry,
      );
    const tableEntry = table + (grain % tableEntries) * ENTRY;
    const inTable = await piece(tableEntry, ENTRY, "grain table");
    const sector = inTable.view.u32le(inTable.at);
    if (sector === HOLE) return { kind: "hole" };
    if (sector === ZEROED && zeroedGrains) return { kind: "zeros" };
    const offset = sector * SECTOR;
    if (sector === ZEROED || offset >= source.size)
      throw corrupt(
        label,
        sector === ZEROED
          ? "a grain of zeros, which the header does not allow"
          : `grain at ${offset} lies outside the file of ${source.size} bytes: is the file complete?`,
        tableEntry,
      );
    const tableEnd = table + tableEntries * ENTRY;
    const before = Math.min(
      nextOffset(inTable, sector, table, tableEnd),
      nextOffset(inDirectory, sector, directory, Number.POSITIVE_INFINITY),
      directory > offset ? directory : Number.POSITIVE_INFINITY,
    );
    return { kind: "stored", offset, ...(before <= source.size ? { before } : {}) };
  }

  async function lookUpInEither(grain: number): Promise<Grain> {
    try {
      return await lookUp(grain, directoryOffset);
    } catch (error) {
      if (redundantOffset === undefined || !isReadError(error) || error.code !== "corrupt") throw error;
      const found = await lookUp(grain, redundantOffset).catch(() => undefined);
      if (!found) throw error;
      if (!told) onRedundant();
      told = true;
      return found;
    }
  }

  const known = recent<Grain>(GRAINS_KEPT);
  return (grain) => known(grain, () => lookUpInEither(grain));
}

/** The smallest offset above `sector` among the entries of a table that are in the piece at hand. */
function nextOffset({ view }: TablePiece, sector: number, tableStart: number, tableEnd: number): number {
  const from = Math.max(0, tableStart - view.base);
  const to = Math.min(view.length, tableEnd - view.base);
  let next = Number.POSITIVE_INFINITY;
  for (let at = from; at + ENTRY <= to; at += ENTRY) {
    const other = view.u32le(at);
    if (other > sector && other < next) next = other;
  }
  return next * SECTOR;
}
