import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName, quoteName } from "../../bytes/names.ts";
import { View } from "../../bytes/view.ts";
import { type Extensions, parseExtensions } from "./extensions.ts";

// Source: QEMU docs/interop/qcow2, sections "Header" and "Additional fields"; limits as in QEMU block/qcow2.h.

export const MAGIC = "QFI\xfb";
const FIRST_READ_BYTES = 4096;
/** The extension area may fill the first cluster; more than this is nothing but abuse. */
const HEADER_BYTES_MAX = 64 << 10;
const L1_BYTES_MAX = 32 << 20;
const BACKING_NAME_BYTES_MAX = 1023;

const DIRTY = 1n << 0n;
const CORRUPT = 1n << 1n;
const DATA_FILE = 1n << 2n;
const COMPRESSION_TYPE = 1n << 3n;
const EXTENDED_L2 = 1n << 4n;
const KNOWN = DIRTY | CORRUPT | DATA_FILE | COMPRESSION_TYPE | EXTENDED_L2;
const LAZY_REFCOUNTS = 1n;

export type Compression = "zlib" | "zstd";

export interface Header {
  readonly version: 2 | 3;
  readonly clusterBits: number;
  /** Size of the virtual disk. */
  readonly sizeBytes: number;
  readonly l1Offset: number;
  readonly compression: Compression;
  readonly extendedL2: boolean;
  readonly externalData: boolean;
  readonly backingName?: string;
  readonly extensions: Extensions;
  readonly snapshots: number;
  readonly dirty: boolean;
  readonly corrupt: boolean;
  readonly lazyRefcounts: boolean;
}

/**
 * Reads and checks the header: one read of 4 KiB, a second one when the extensions need it.
 * @throws corrupt, unsupported (encryption, unknown features), limit
 */
export async function readHeader(source: ByteSource, label: string): Promise<Header> {
  const view = new View(await source.read(0, Math.min(FIRST_READ_BYTES, source.size)), label);
  if (!view.is(0, MAGIC)) throw corrupt(label, "no qcow2 magic", 0);
  const version = view.u32be(4);
  if (version !== 2 && version !== 3)
    throw unsupported(label, `qcow version ${version}: convert it with qemu-img convert -O qcow2`, 4);
  const clusterBits = view.u32be(20);
  if (clusterBits < 9 || clusterBits > 21)
    throw corrupt(label, `cluster size of 2^${clusterBits} bytes is not 512 bytes to 2 MiB`, 20);
  refuseEncryption(view);
  const features = version === 3 ? view.big64be(72) : 0n;
  const headerBytes = headerLength(view, version, clusterBits);

  const clusterBytes = 2 ** clusterBits;
  const backing = backingNameRange(view, clusterBytes);
  const first = await firstCluster(source, view, headerBytes, backing, clusterBytes);
  const extensions = parseExtensions(first, headerBytes, backing?.start ?? first.length);
  refuseUnknownFeatures(label, features, extensions.featureNames);
  const extendedL2 = (features & EXTENDED_L2) !== 0n;
  if (extendedL2 && clusterBits < 14)
    throw corrupt(label, `extended L2 entries need clusters of 16 KiB or more, not ${clusterBytes}`, 72);
  return {
    version,
    clusterBits,
    ...checkedL1(view, source, clusterBits, extendedL2),
    compression: compressionOf(view, features, headerBytes),
    extendedL2,
    externalData: (features & DATA_FILE) !== 0n,
    ...(backing ? { backingName: decodeName(first.slice(backing.start, backing.length)) } : {}),
    extensions,
    snapshots: view.u32be(60),
    dirty: (features & DIRTY) !== 0n,
    corrupt: (features & CORRUPT) !== 0n,
    lazyRefcounts: version === 3 && (view.big64be(80) & LAZY_REFCOUNTS) !== 0n,
  };
}

function refuseEncryption(view: View): void {
  const method = view.u32be(32);
  if (method === 0) return;
  const name = { 1: "AES (legacy qcow2 encryption)", 2: "LUKS" }[method] ?? `method ${method}`;
  throw unsupported(
    view.label,
    `encrypted with ${name}: decrypt it with qemu-img convert and scan the result`,
    32,
  );
}

function headerLength(view: View, version: number, clusterBits: number): number {
  const length = version === 3 ? view.u32be(100) : 72;
  if (version === 3 && (length < 104 || length % 8 !== 0 || length > 2 ** clusterBits))
    throw corrupt(view.label, `header length ${length} is impossible`, 100);
  if (length > HEADER_BYTES_MAX) throw limitReached(view.label, `header of ${length} bytes`, 100);
  return length;
}

interface Range {
  readonly start: number;
  readonly length: number;
}

function backingNameRange(view: View, clusterBytes: number): Range | undefined {
  const start = view.u64be(8);
  if (start === 0) return undefined;
  const length = view.u32be(16);
  if (length === 0 || length > BACKING_NAME_BYTES_MAX || start + length > clusterBytes)
    throw corrupt(view.label, `backing file name of ${length} bytes at ${start} is outside the header`, 8);
  return { start, length };
}

/** The part of the first cluster that holds extensions and backing file name: mostly the 4 KiB at hand. */
async function firstCluster(
  source: ByteSource,
  front: View,
  headerBytes: number,
  backing: Range | undefined,
  clusterBytes: number,
): Promise<View> {
  const end = Math.min(clusterBytes, source.size, HEADER_BYTES_MAX);
  const needed = backing ? backing.start + backing.length : extensionsEnd(front, headerBytes);
  if (needed > end)
    throw corrupt(front.label, `header area of ${needed} bytes does not fit the first ${end} bytes`, 0);
  const complete = needed + 8 <= front.length || end <= front.length;
  return complete
    ? front.sub(0, Math.min(front.length, end))
    : new View(await source.read(0, end), front.label);
}

/** How far the extension area reaches at least, as far as `view` can tell. */
function extensionsEnd(view: View, start: number): number {
  let at = start;
  while (at + 8 <= view.length && view.u32be(at) !== 0) at += 8 + Math.ceil(view.u32be(at + 4) / 8) * 8;
  return at;
}

function refuseUnknownFeatures(label: string, features: bigint, names: ReadonlyMap<number, string>): void {
  const unknown: string[] = [];
  for (let bit = 0; bit < 64; bit++) {
    if (((features & ~KNOWN) >> BigInt(bit)) % 2n === 0n) continue;
    const name = names.get(bit);
    unknown.push(name ? quoteName(name) : `bit ${bit}`);
  }
  if (unknown.length > 0) throw unsupported(label, `incompatible feature ${unknown.join(", ")}`, 72);
}

function compressionOf(view: View, features: bigint, headerBytes: number): Compression {
  const type = headerBytes > 104 ? view.u8(104) : 0;
  const flagged = (features & COMPRESSION_TYPE) !== 0n;
  if (flagged !== (type !== 0))
    throw corrupt(view.label, `compression type ${type} contradicts the feature bits`, 104);
  if (type > 1) throw unsupported(view.label, `compression type ${type}`, 104);
  return type === 1 ? "zstd" : "zlib";
}

/** The L1 table must cover the disk, be aligned, and lie inside the file. */
function checkedL1(
  view: View,
  source: ByteSource,
  clusterBits: number,
  extendedL2: boolean,
): Pick<Header, "sizeBytes" | "l1Offset"> {
  const sizeBytes = view.u64be(24);
  const entries = view.u32be(36);
  const l1Offset = view.u64be(40);
  const bytesPerEntry = 2 ** (2 * clusterBits - (extendedL2 ? 4 : 3));
  if (entries * 8 > L1_BYTES_MAX)
    throw limitReached(view.label, `L1 table of ${entries} entries is above 32 MiB`, 36);
  if (Math.ceil(sizeBytes / bytesPerEntry) > entries)
    throw corrupt(view.label, `L1 table of ${entries} entries is too small for ${sizeBytes} bytes`, 36);
  if (l1Offset % 2 ** clusterBits !== 0)
    throw corrupt(view.label, `L1 table at ${l1Offset} is not aligned to clusters`, 40);
  if (entries > 0 && l1Offset + entries * 8 > source.size)
    throw corrupt(
      view.label,
      `L1 table at ${l1Offset} lies outside the file of ${source.size} bytes: is the file complete?`,
      40,
    );
  return { sizeBytes, l1Offset };
}
