import { COMPARE, corrupt, isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { decodeName } from "../../bytes/names.ts";
import { isPowerOfTwo } from "../../bytes/power-of-two.ts";
import { View } from "../../bytes/view.ts";
import { type Checksum, checksumOf, matches } from "./checksum.ts";
import { featureNames, METADATA_UUID, refuseUnreadable } from "./features.ts";

/** Where the superblock and its mirrors lie. Source: Btrfs documentation, "On-disk format", "Superblock". */
const OFFSETS = [64 * 2 ** 10, 64 * 2 ** 20, 256 * 2 ** 30] as const;
const SUPERBLOCK_BYTES = 4096;
const CHECKSUM_BYTES = 32;
const MAGIC_OFFSET = 0x40;
const MAGIC = "_BHRfS_M";
const SYSTEM_CHUNKS_OFFSET = 0x32b;
const SYSTEM_CHUNKS_BYTES = 2048;
const LEVEL_MAX = 7;

export interface Superblock {
  readonly checksum: Checksum;
  /** What mount and blkid call it, and what every metadata block carries (differs after `btrfstune -m`). */
  readonly uuid: string;
  readonly metadataUuid: Uint8Array;
  readonly label: string;
  readonly generation: bigint;
  readonly rootTree: { readonly bytenr: number; readonly level: number };
  readonly chunkTree: { readonly bytenr: number; readonly level: number; readonly generation: bigint };
  /** At 0 there is none; else fsync wrote a log that a mount would replay. */
  readonly logTree: { readonly bytenr: number; readonly level: number };
  readonly rootDirectory: bigint;
  readonly totalBytes: number;
  readonly sectorBytes: number;
  readonly nodeBytes: number;
  readonly devices: number;
  readonly device: { readonly id: bigint; readonly bytes: number };
  readonly features: readonly string[];
  /** The chunks that hold the chunk tree, each a key and a chunk item. */
  readonly systemChunks: View;
}

export async function hasMagic(source: ByteSource): Promise<boolean> {
  const [offset] = OFFSETS;
  if (source.size < offset + SUPERBLOCK_BYTES) return false;
  return new View(await source.read(offset, SUPERBLOCK_BYTES), source.label).is(MAGIC_OFFSET, MAGIC);
}

/** The superblock; when it is damaged, the newest of its mirrors that is not, with a note. */
export async function readSuperblock(
  source: ByteSource,
): Promise<{ readonly superblock: Superblock; readonly notes: readonly string[] }> {
  const [offset, ...mirrors] = OFFSETS;
  try {
    return { superblock: await readAt(source, offset), notes: [] };
  } catch (error) {
    if (!isReadError(error) || error.code !== "corrupt") throw error;
    const others = await Promise.all(mirrors.map((at) => readMirror(source, at)));
    const [newest] = others
      .flatMap((one) => one ?? [])
      .toSorted((a, b) => (a.generation < b.generation ? 1 : -1));
    if (!newest) throw error;
    const note = `the superblock is damaged (${error.message}), a mirror is read: the kernel would not mount it`;
    return { superblock: newest, notes: [note] };
  }
}

async function readMirror(source: ByteSource, offset: number): Promise<Superblock | undefined> {
  try {
    return source.size < offset + SUPERBLOCK_BYTES ? undefined : await readAt(source, offset);
  } catch (error) {
    if (!isReadError(error) || error.code !== "corrupt") throw error;
    return undefined;
  }
}

async function readAt(source: ByteSource, offset: number): Promise<Superblock> {
  const { label } = source;
  const view = new View(await source.read(offset, SUPERBLOCK_BYTES), label, offset);
  const wrong = (what: string): Error => corrupt(label, `Btrfs superblock: ${what}`, offset);
  if (!view.is(MAGIC_OFFSET, MAGIC)) throw wrong("bad magic");
  const checksum = await checksumOf(view.u16le(0xc4), label);
  const covered = view.slice(CHECKSUM_BYTES, SUPERBLOCK_BYTES - CHECKSUM_BYTES);
  if (!matches(checksum, covered, view.bytes)) throw wrong(`checksum mismatch: ${COMPARE}`);
  if (view.u64le(0x30) !== offset) throw wrong(`says that it lies at ${view.u64le(0x30)}`);
  const incompat = view.big64le(0xbc);
  refuseUnreadable(incompat, view.big64le(0x38), label, offset);
  const sectorBytes = view.u32le(0x90);
  const nodeBytes = view.u32le(0x94);
  if (!isPowerBetween(sectorBytes, 4096, 65536)) throw wrong(`sectors of ${sectorBytes} bytes`);
  if (!isPowerBetween(nodeBytes, sectorBytes, 65536)) throw wrong(`nodes of ${nodeBytes} bytes`);
  const systemBytes = view.u32le(0xa0);
  if (systemBytes > SYSTEM_CHUNKS_BYTES) throw wrong(`system chunks of ${systemBytes} bytes`);
  const level = (at: number): number => {
    if (view.u8(at) > LEVEL_MAX) throw wrong(`a tree of level ${view.u8(at)}`);
    return view.u8(at);
  };
  const hasOwnUuid = (incompat & METADATA_UUID) !== 0n;
  return {
    checksum,
    uuid: view.uuid(0x20),
    metadataUuid: view.slice(hasOwnUuid ? 0x23b : 0x20, 16).slice(),
    label: labelText(view.slice(0x12b, 256)),
    generation: view.big64le(0x48),
    rootTree: { bytenr: view.u64le(0x50), level: level(0xc6) },
    chunkTree: { bytenr: view.u64le(0x58), level: level(0xc7), generation: view.big64le(0xa4) },
    logTree: { bytenr: view.u64le(0x60), level: level(0xc8) },
    rootDirectory: view.big64le(0x80),
    totalBytes: view.u64le(0x70),
    sectorBytes,
    nodeBytes,
    devices: view.u64le(0x88),
    device: { id: view.big64le(0xc9), bytes: view.u64le(0xc9 + 8) },
    features: featureNames(incompat, view.big64le(0xb4)),
    systemChunks: view.sub(SYSTEM_CHUNKS_OFFSET, systemBytes),
  };
}

function isPowerBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max && isPowerOfTwo(value);
}

function labelText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}
