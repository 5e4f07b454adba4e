import { View } from "../../bytes/view.ts";
import { oemText } from "./oem-text.ts";

/** One file or folder. Source: FAT: General Overview, "FAT Directory Structure" and "Long Directory Entries". */
export interface FatEntry {
  readonly name: string;
  /** The 8.3 name, by which it is found, too. */
  readonly shortName: string;
  readonly folder: boolean;
  readonly cluster: number;
  readonly sizeBytes: number;
  /** Where the entry stands in its folder: identity of an empty file. */
  readonly index: number;
}

const ENTRY_BYTES = 32;
const ATTRIBUTES = { volume: 0x08, folder: 0x10, long: 0x0f } as const;
const LOWER_CASE = { base: 0x08, extension: 0x10 } as const;
const LONG_PARTS_MAX = 20;
const LONG_PART_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

export interface Listing {
  readonly entries: readonly FatEntry[];
  /** The volume label that a root folder holds. */
  readonly label: string | undefined;
}

export function parseDirectory(bytes: Uint8Array, label: string): Listing {
  const entries: FatEntry[] = [];
  let volumeLabel: string | undefined;
  let long: LongName | undefined;
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const view = new View(bytes.subarray(at, at + ENTRY_BYTES), label, at);
    const first = view.u8(0);
    if (first === 0) break;
    const attributes = view.u8(11);
    if (first === 0xe5) long = undefined;
    else if ((attributes & 0x3f) === ATTRIBUTES.long) long = collect(long, view);
    else {
      const longName = long?.text(shortChecksum(view.slice(0, 11)));
      long = undefined;
      if ((attributes & ATTRIBUTES.volume) !== 0) volumeLabel ??= oemText(view.slice(0, 11)).trimEnd();
      else if (!view.is(0, ".          ") && !view.is(0, "..         ")) {
        const shortName = shortNameOf(view);
        entries.push({
          name: longName ?? shortName,
          shortName,
          folder: (attributes & ATTRIBUTES.folder) !== 0,
          cluster: view.u16le(20) * 65536 + view.u16le(26),
          sizeBytes: view.u32le(28),
          index: at / ENTRY_BYTES,
        });
      }
    }
  }
  return { entries, label: volumeLabel };
}

interface LongName {
  readonly left: number;
  readonly checksum: number;
  readonly parts: readonly string[];
  /** The name, when all parts were there and belong to this short name. */
  text(checksum: number): string | undefined;
}

/** Parts come last first; one that does not fit ends the collection: the short name is all there is then. */
function collect(before: LongName | undefined, view: View): LongName | undefined {
  const order = view.u8(0);
  const checksum = view.u8(13);
  const number = order & 0x1f;
  const begins = (order & 0x40) !== 0;
  if (number === 0 || number > LONG_PARTS_MAX) return undefined;
  if (!begins && (before?.left !== number || before.checksum !== checksum)) return undefined;
  const units = LONG_PART_OFFSETS.map((offset) => view.u16le(offset));
  const end = units.indexOf(0);
  const part = String.fromCharCode(...(end < 0 ? units : units.slice(0, end)));
  const parts = [part, ...(begins ? [] : (before?.parts ?? []))];
  return {
    left: number - 1,
    checksum,
    parts,
    text: (wanted) =>
      number === 1 && wanted === checksum && parts.join("") !== "" ? parts.join("") : undefined,
  };
}

function shortChecksum(name: Uint8Array): number {
  return name.reduce((sum, byte) => (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff, 0);
}

function shortNameOf(view: View): string {
  const raw = view.slice(0, 11).slice();
  if (raw[0] === 0x05) raw[0] = 0xe5; // a first byte of E5 would mark the entry as free
  const flags = view.u8(12);
  const part = (bytes: Uint8Array, lower: boolean): string => {
    const text = oemText(bytes).trimEnd();
    return lower ? text.toLowerCase() : text;
  };
  const base = part(raw.subarray(0, 8), (flags & LOWER_CASE.base) !== 0);
  const extension = part(raw.subarray(8), (flags & LOWER_CASE.extension) !== 0);
  return extension === "" ? base : `${base}.${extension}`;
}
