import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { type Extent, mapped } from "../../bytes/mapped.ts";
import { View } from "../../bytes/view.ts";
import type { BootSector } from "./boot-sector.ts";

/** A read of the table: enough to follow a contiguous file, little enough to waste. */
const PIECE_BYTES = 4096;

/** `length` clusters from `cluster` that lie side by side. */
export interface ClusterRun {
  readonly cluster: number;
  readonly length: number;
}

/** An opened volume: its table and its clusters. Source: FAT: General Overview, "FAT Data Structure". */
export class FatVolume {
  readonly source: ByteSource;
  readonly boot: BootSector;

  constructor(source: ByteSource, boot: BootSector) {
    this.source = source;
    this.boot = boot;
  }

  /**
   * The runs that hold the first `bytes` of a chain, or all of it when `bytes` is undefined: then a chain of more
   * than `bytesMax` is refused.
   */
  async runs(first: number, bytes: number | undefined, bytesMax: number): Promise<readonly ClusterRun[]> {
    const { clusterBytes, clustersCount } = this.boot;
    const { label } = this.source;
    const wanted = Math.ceil((bytes ?? bytesMax) / clusterBytes);
    const runs: { cluster: number; length: number }[] = [];
    let cluster = first;
    for (let count = 1; count <= clustersCount; count++) {
      if (cluster < 2 || cluster >= clustersCount + 2)
        throw corrupt(label, `cluster ${cluster} of ${clustersCount}`);
      const last = runs.at(-1);
      if (last && last.cluster + last.length === cluster) last.length++;
      else runs.push({ cluster, length: 1 });
      if (bytes !== undefined && count === wanted) return runs;
      const next = await this.#next(cluster);
      if (next === undefined && bytes === undefined) return runs;
      if (next === undefined)
        throw corrupt(label, `cluster chain of ${first} ends after ${count} of ${wanted} clusters`);
      if (count >= wanted)
        throw limitReached(label, `cluster chain of ${first}: more than ${bytesMax} bytes`);
      cluster = next;
    }
    throw corrupt(label, `cluster chain of ${first} is a circle`);
  }

  /** The bytes of a chain. */
  chainSource(first: number, size: number, label: string): ByteSource {
    const { clusterBytes, dataOffset } = this.boot;
    let known: Promise<readonly ClusterRun[]> | undefined;
    return mapped(size, label, async (offset, length) => {
      known ??= this.runs(first, size, size);
      const extents: Extent[] = [];
      let start = 0;
      for (const run of await known) {
        const end = start + run.length * clusterBytes;
        const from = Math.max(offset, start);
        const to = Math.min(offset + length, end);
        const at = dataOffset + (run.cluster - 2) * clusterBytes + (from - start);
        if (from < to) extents.push({ kind: "stored", length: to - from, source: this.source, offset: at });
        start = end;
      }
      return extents;
    });
  }

  /** The cluster after this one, undefined at the end of the chain. */
  async #next(cluster: number): Promise<number | undefined> {
    const { bits } = this.boot;
    if (bits === 12) {
      const pair = (await this.#entry(cluster + (cluster >> 1), 2)).u16le(0);
      return beyond((cluster & 1) === 1 ? pair >> 4 : pair & 0xfff, 0xff8);
    }
    if (bits === 16) return beyond((await this.#entry(cluster * 2, 2)).u16le(0), 0xfff8);
    return beyond((await this.#entry(cluster * 4, 4)).u32le(0) & 0x0fffffff, 0x0ffffff8);
  }

  async #entry(at: number, length: number): Promise<View> {
    const { fatOffset, fatBytes } = this.boot;
    if (at + length > fatBytes)
      throw corrupt(this.source.label, `table entry at ${at} of ${fatBytes} bytes`, fatOffset + at);
    const start = fatOffset + at;
    const piece = Math.floor(start / PIECE_BYTES) * PIECE_BYTES;
    const end = Math.min(this.source.size, Math.ceil((start + length) / PIECE_BYTES) * PIECE_BYTES);
    const bytes = await this.source.read(piece, Math.max(0, end - piece));
    return new View(bytes, this.source.label, piece).sub(start - piece, length);
  }
}

function beyond(value: number, end: number): number | undefined {
  return value >= end ? undefined : value;
}
