import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import type { Allocation } from "./volume.ts";

// Source: exFAT specification, sections 6 "Directory Structure" and 7 "Directory Entry Definitions".

const ENTRY_BYTES = 32;
const TYPE = { label: 0x83, file: 0x85, stream: 0xc0, name: 0xc1 } as const;
const FOLDER = 0x10;
const CONTIGUOUS = 0x02;
const NAME_PART_UNITS = 15;
const SECONDARIES_MAX = 18;

export interface Entry extends Allocation {
  readonly name: string;
  readonly folder: boolean;
  /** Where it stands in its folder: identity of an empty file. */
  readonly index: number;
}

export interface Listing {
  readonly entries: readonly Entry[];
  readonly label: string;
}

/** @throws corrupt when an entry's checksum or shape is wrong: a name that cannot be trusted is not left out silently */
export function parseDirectory(bytes: Uint8Array, label: string): Listing {
  const view = new View(bytes, label);
  const entries: Entry[] = [];
  let volumeLabel = "";
  for (let at = 0; at + ENTRY_BYTES <= view.length; ) {
    const type = view.u8(at);
    if (type === 0) break;
    if (type === TYPE.label) volumeLabel = text(view, at + 2, Math.min(11, view.u8(at + 1)));
    if (type !== TYPE.file) {
      at += ENTRY_BYTES;
      continue;
    }
    const count = view.u8(at + 1);
    if (count < 2 || count > SECONDARIES_MAX) throw corrupt(label, `exFAT entry set of ${count + 1}`, at);
    const set = view.sub(at, (count + 1) * ENTRY_BYTES);
    entries.push(entryOf(set, label, at));
    at += set.length;
  }
  return { entries, label: volumeLabel };
}

function entryOf(set: View, label: string, at: number): Entry {
  if (set.u16le(2) !== checksum(set.bytes))
    throw corrupt(label, "exFAT entry set: its checksum does not match", at);
  if (set.u8(ENTRY_BYTES) !== TYPE.stream) throw corrupt(label, "exFAT entry set without a stream", at);
  const units = set.u8(ENTRY_BYTES + 3);
  let name = "";
  for (let part = 2 * ENTRY_BYTES; part < set.length && name.length < units; part += ENTRY_BYTES)
    if (set.u8(part) === TYPE.name)
      name += text(set, part + 2, Math.min(NAME_PART_UNITS, units - name.length));
  if (name.length !== units || units === 0) throw corrupt(label, `exFAT name of ${units} units`, at);
  const sizeBytes = set.u64le(ENTRY_BYTES + 24);
  return {
    name,
    folder: (set.u16le(4) & FOLDER) !== 0,
    index: at / ENTRY_BYTES,
    cluster: set.u32le(ENTRY_BYTES + 20),
    contiguous: (set.u8(ENTRY_BYTES + 1) & CONTIGUOUS) !== 0,
    sizeBytes,
    validBytes: Math.min(sizeBytes, set.u64le(ENTRY_BYTES + 8)),
  };
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of bytes.entries())
    if (at !== 2 && at !== 3) sum = (((sum & 1) !== 0 ? 0x8000 : 0) + (sum >> 1) + byte) & 0xffff;
  return sum;
}

function text(view: View, at: number, units: number): string {
  let result = "";
  for (let i = 0; i < units; i++) result += String.fromCharCode(view.u16le(at + 2 * i));
  return result;
}
