import { corrupt } from "../../../errors.ts";
import { decodeName } from "../../bytes/names.ts";
import type { View } from "../../bytes/view.ts";

// Source: POSIX.1-2017 pax, section "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".

export const BLOCK = 512;

/** One header block as it stands, before any extension changes what it says. */
export interface TarHeader {
  readonly path: string;
  readonly linkPath: string;
  /** `0` file, `1` hard link, `2` symbolic link, `5` directory, `x` and `g` PAX, `L` and `K` GNU long names. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  /** Bytes of data behind the header, without the padding. */
  readonly size: number;
}

/** True when the block is no header: how an archive ends. */
export function isEnd(block: View): boolean {
  return block.bytes.every((byte) => byte === 0);
}

/** True when the block's checksum says that it is a header. */
export function isHeader(block: View): boolean {
  if (isEnd(block)) return false;
  const stored = octal(block.slice(148, 8));
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < BLOCK; at++) {
    const counted = at >= 148 && at < 156 ? 0x20 : block.u8(at);
    unsigned += counted;
    signed += counted > 127 ? counted - 256 : counted;
  }
  // Some old programs summed signed characters.
  return stored === unsigned || stored === signed;
}

/** @throws corrupt */
export function parseHeader(block: View): TarHeader {
  if (!isHeader(block)) throw corrupt(block.label, "tar header with a wrong checksum", block.base);
  const name = text(block, 0, 100);
  const posix = block.is(257, "ustar\0");
  const prefix = posix ? text(block, 345, 155) : "";
  const type = block.ascii(156, 1) || "0";
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    linkPath: text(block, 157, 100),
    // Before ustar a directory was a file whose name ends in a slash.
    type: type === "0" && name.endsWith("/") ? "5" : type,
    mode: number(block, 100, 8) & 0o7777,
    uid: number(block, 108, 8),
    size: number(block, 124, 12),
  };
}

/** A number in octal or, when its first bit is set, in base 256. @throws corrupt when it is no usable size */
export function number(block: View, at: number, length: number): number {
  const field = block.slice(at, length);
  const value = ((field[0] ?? 0) & 0x80) === 0 ? octal(field) : base256(field);
  if (value === undefined || !Number.isSafeInteger(value) || value < 0)
    throw corrupt(block.label, "tar header with an impossible number", block.base + at);
  return value;
}

function octal(field: Uint8Array): number | undefined {
  const digits = Buffer.from(field).toString("latin1").replace(/\0.*$/s, "").trim();
  if (digits === "") return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

function base256(field: Uint8Array): number | undefined {
  const [first = 0, ...rest] = field;
  // 0xff begins a negative number.
  if (first === 0xff) return undefined;
  return rest.reduce((value, byte) => value * 256 + byte, first & 0x7f);
}

function text(block: View, at: number, length: number): string {
  const bytes = block.slice(at, length);
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}
