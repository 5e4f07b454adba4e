import { corrupt } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import { undoFixups } from "./fixup.ts";

/** Attribute types. Source: Linux-NTFS project documentation, "Attributes". */
export const TYPE = {
  standardInformation: 0x10,
  attributeList: 0x20,
  volumeName: 0x60,
  volumeInformation: 0x70,
  data: 0x80,
  indexRoot: 0x90,
  indexAllocation: 0xa0,
  reparsePoint: 0xc0,
} as const;

export const FLAG = { compressed: 0x00ff, encrypted: 0x4000, sparse: 0x8000 } as const;

/** One attribute of one record; a long one may be a segment of what other records go on with. */
export interface Attribute {
  readonly type: number;
  readonly name: string;
  readonly instance: number;
  readonly flags: number;
  readonly firstVcn: number;
  readonly value: Value;
}

export type Value =
  | { readonly kind: "resident"; readonly view: View }
  | {
      readonly kind: "runs";
      /** The encoded run list. */
      readonly pairs: View;
      readonly sizeBytes: number;
      /** Bytes from here on read as zeros. */
      readonly initializedBytes: number;
      /** log2 of the clusters in a compression unit; 0: none. */
      readonly unitBits: number;
    };

/** A file record. Source: Linux-NTFS project documentation, "File Record". */
export interface MftRecord {
  readonly number: number;
  readonly sequence: number;
  readonly inUse: boolean;
  readonly isDirectory: boolean;
  /** The record that this one extends; 0: it is a base record. */
  readonly base: number;
  readonly attributes: readonly Attribute[];
  readonly label: string;
}

const END = 0xffffffff;
const ATTRIBUTES_MAX = 512;

export function parseRecord(bytes: Uint8Array, number: number, label: string, offset: number): MftRecord {
  const name = `${label} > MFT record ${number}`;
  const view = undoFixups(bytes, "FILE", name, offset);
  const flags = view.u16le(0x16);
  const used = view.u32le(0x18);
  if (used > view.length) throw corrupt(name, `record of ${view.length} bytes uses ${used}`, offset + 0x18);
  return {
    number,
    sequence: view.u16le(0x10),
    inUse: (flags & 1) !== 0,
    isDirectory: (flags & 2) !== 0,
    base: reference(view, 0x20).record,
    attributes: parseAttributes(view.sub(0, used), view.u16le(0x14)),
    label: name,
  };
}

/** A reference to a file record: 48 bits of number, 16 of the sequence that tells reuse. */
export function reference(view: View, at: number): { readonly record: number; readonly sequence: number } {
  return { record: view.u32le(at) + view.u16le(at + 4) * 2 ** 32, sequence: view.u16le(at + 6) };
}

function parseAttributes(view: View, first: number): readonly Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = first; view.u32le(at) !== END; ) {
    const length = view.u32le(at + 4);
    if (length < 0x18 || length % 8 !== 0 || attributes.length >= ATTRIBUTES_MAX)
      throw corrupt(view.label, `attribute of ${length} bytes`, view.base + at);
    attributes.push(parseAttribute(view.sub(at, length)));
    at += length;
  }
  return attributes;
}

function parseAttribute(view: View): Attribute {
  const isResident = view.u8(8) === 0;
  return {
    type: view.u32le(0),
    name: utf16(view, view.u16le(0x0a), view.u8(9)),
    instance: view.u16le(0x0e),
    flags: view.u16le(0x0c),
    firstVcn: isResident ? 0 : view.u64le(0x10),
    value: isResident
      ? { kind: "resident", view: view.sub(view.u16le(0x14), view.u32le(0x10)) }
      : runsValue(view),
  };
}

function runsValue(view: View): Value {
  const at = view.u16le(0x20);
  // Only the first segment carries the sizes.
  const isFirst = view.big64le(0x10) === 0n;
  const sizeBytes = isFirst ? view.u64le(0x30) : 0;
  return {
    kind: "runs",
    pairs: view.sub(at, view.length - at),
    sizeBytes,
    initializedBytes: isFirst ? Math.min(sizeBytes, view.u64le(0x38)) : 0,
    unitBits: view.u8(0x22),
  };
}

/** `units` UTF-16 code units as they are: lone surrogates stay. */
export function utf16(view: View, at: number, units: number): string {
  let text = "";
  for (let i = 0; i < units; i++) text += String.fromCharCode(view.u16le(at + i * 2));
  return text;
}
