import { corrupt, type ScanError, unsupported } from "../../../errors.ts";
import type { View } from "../../bytes/view.ts";
import { ITEM, KEY_BYTES, keyAt } from "./keys.ts";
import type { Superblock } from "./superblock.ts";

// Source: Btrfs documentation, "On-disk format", CHUNK_ITEM; Linux include/uapi/linux/btrfs_tree.h for the bits.

const CHUNK_BYTES = 48;
const STRIPE_BYTES = 32;
const PROFILES: readonly (readonly [bit: number, name: string])[] = [
  [3, "RAID0"],
  [4, "RAID1"],
  [5, "DUP"],
  [6, "RAID10"],
  [7, "RAID5"],
  [8, "RAID6"],
  [9, "RAID1C3"],
  [10, "RAID1C4"],
];
const MIRRORED = new Set(["single", "DUP", "RAID1", "RAID1C3", "RAID1C4"]);

/** A run of logical addresses and where its copies lie on this device. */
export interface Chunk {
  readonly start: number;
  readonly length: number;
  /** Device offsets of the copies; empty with `error`. */
  readonly copies: readonly number[];
  readonly error?: ScanError;
}

/** One chunk item; `view` may be longer than it. @throws corrupt when it makes no sense */
export function parseChunk(view: View, start: number, superblock: Superblock): Chunk {
  const { device, sectorBytes } = superblock;
  const wrong = (what: string): Error => corrupt(view.label, `Btrfs chunk ${start}: ${what}`, view.base);
  const length = view.u64le(0);
  const stripes = view.u16le(44);
  if (length === 0 || length % sectorBytes !== 0 || start % sectorBytes !== 0) throw wrong(`${length} bytes`);
  if (!Number.isSafeInteger(start + length)) throw wrong("reaches too far");
  if (stripes === 0 || chunkItemBytes(stripes) > view.length) throw wrong(`${stripes} stripes`);
  const profile = profileOf(view.big64le(24));
  const here = Array.from({ length: stripes }, (_, i) => CHUNK_BYTES + i * STRIPE_BYTES)
    .filter((at) => view.big64le(at) === device.id)
    .map((at) => view.u64le(at + 8));
  const refuse = (what: string): Chunk => ({
    start,
    length,
    copies: [],
    error: unsupported(view.label, what, view.base),
  });
  // A stripe set of one is no set: what a striped profile degrades to on a single device.
  const isWhole = MIRRORED.has(profile) || (stripes === 1 && profile === "RAID0");
  const isPair = profile === "RAID10" && stripes === 2 && view.u16le(46) === 2;
  if (!isWhole && !isPair) return refuse(`Btrfs ${profile} across ${stripes} stripes`);
  if (here.length > 0) return { start, length, copies: here };
  const elsewhere = view.big64le(CHUNK_BYTES);
  return refuse(`lies on device ${elsewhere} of this Btrfs (${profile}), which is not here`);
}

/** The chunks of the superblock's array. */
export function systemChunks(superblock: Superblock): readonly Chunk[] {
  const view = superblock.systemChunks;
  const chunks: Chunk[] = [];
  for (let at = 0; at < view.length; ) {
    const key = keyAt(view, at);
    const item = view.sub(at + KEY_BYTES, view.length - at - KEY_BYTES);
    if (key.type !== ITEM.chunk || key.offset > Number.MAX_SAFE_INTEGER)
      throw corrupt(view.label, "Btrfs system chunks: a key that is none of a chunk", view.base + at);
    chunks.push(parseChunk(item, Number(key.offset), superblock));
    at += KEY_BYTES + chunkItemBytes(item.u16le(44));
  }
  return chunks;
}

function chunkItemBytes(stripes: number): number {
  return CHUNK_BYTES + stripes * STRIPE_BYTES;
}

function profileOf(type: bigint): string {
  return PROFILES.find(([bit]) => ((type >> BigInt(bit)) & 1n) === 1n)?.[1] ?? "single";
}

/** Chunks by logical address, as far as they are known. */
export class ChunkMap {
  readonly #chunks: Chunk[] = [];

  add(chunk: Chunk): void {
    const at = this.#after(chunk.start);
    if (this.#chunks[at - 1]?.start !== chunk.start) this.#chunks.splice(at, 0, chunk);
  }

  find(logical: number): Chunk | undefined {
    const chunk = this.#chunks[this.#after(logical) - 1];
    return chunk && logical < chunk.start + chunk.length ? chunk : undefined;
  }

  /** Index of the first chunk that starts behind `logical`. */
  #after(logical: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.start ?? 0) <= logical) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
