import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { type Extent, mapped } from "../../bytes/mapped.ts";
import { View } from "../../bytes/view.ts";
import type { BootSector } from "./boot-sector.ts";

const PIECE_BYTES = 4096;
const LAST = 0xfffffff8;

/** Where the bytes of a file or folder lie. */
export interface Allocation {
  readonly cluster: number;
  /** True: the clusters lie side by side and the table says nothing of them. */
  readonly contiguous: boolean;
  readonly sizeBytes: number;
  /** What was never written reads as zeros. */
  readonly validBytes: number;
}

interface Run {
  readonly cluster: number;
  length: number;
}

/** An opened volume: its table and its cluster heap. Source: exFAT specification, sections 4 and 5. */
export class ExfatVolume {
  readonly source: ByteSource;
  readonly boot: BootSector;

  constructor(source: ByteSource, boot: BootSector) {
    this.source = source;
    this.boot = boot;
  }

  /** The bytes of an allocation. The table is read when the first byte is. */
  content(allocation: Allocation, label: string): ByteSource {
    const { clusterBytes, heapOffset } = this.boot;
    const { sizeBytes, validBytes } = allocation;
    let known: Promise<readonly Run[]> | undefined;
    return mapped(sizeBytes, label, async (offset, length) => {
      const extents: Extent[] = [];
      const end = Math.min(offset + length, validBytes);
      if (end > offset) {
        known ??= this.#runs(allocation);
        let start = 0;
        for (const run of await known) {
          const stop = start + run.length * clusterBytes;
          const from = Math.max(offset, start);
          const to = Math.min(end, stop);
          if (from < to) {
            const at = heapOffset + (run.cluster - 2) * clusterBytes + (from - start);
            extents.push({ kind: "stored", length: to - from, source: this.source, offset: at });
          }
          start = stop;
        }
      }
      const zeros = offset + length - Math.max(offset, end);
      return zeros > 0 ? [...extents, { kind: "zeros", length: zeros }] : extents;
    });
  }

  /** The whole length of a chain whose end the table tells: a root folder has no size of its own. */
  async chainBytes(cluster: number, bytesMax: number): Promise<number> {
    const { clusterBytes } = this.boot;
    let bytes = 0;
    for (let at: number | undefined = cluster; at !== undefined; at = await this.#next(at)) {
      bytes += clusterBytes;
      if (bytes > bytesMax)
        throw corrupt(this.source.label, `cluster chain of ${cluster} is longer than ${bytesMax} bytes`);
    }
    return bytes;
  }

  async #runs({ cluster, contiguous, sizeBytes, validBytes }: Allocation): Promise<readonly Run[]> {
    const { clusterBytes, clustersCount } = this.boot;
    const { label } = this.source;
    const wanted = Math.ceil(Math.min(sizeBytes, validBytes) / clusterBytes);
    if (wanted > clustersCount) throw corrupt(label, `${wanted} clusters of ${clustersCount}`);
    if (contiguous) {
      this.#check(cluster);
      if (cluster + wanted > clustersCount + 2)
        throw corrupt(label, `clusters ${cluster} to ${cluster + wanted} of ${clustersCount}`);
      return [{ cluster, length: wanted }];
    }
    const runs: Run[] = [];
    let at: number | undefined = cluster;
    for (let count = 0; count < wanted; count++) {
      if (at === undefined)
        throw corrupt(label, `cluster chain of ${cluster} ends after ${count} of ${wanted}`);
      this.#check(at);
      const last = runs.at(-1);
      if (last && last.cluster + last.length === at) last.length++;
      else runs.push({ cluster: at, length: 1 });
      at = count + 1 < wanted ? await this.#next(at) : undefined;
    }
    return runs;
  }

  async #next(cluster: number): Promise<number | undefined> {
    this.#check(cluster);
    const at = this.boot.fatOffset + cluster * 4;
    const piece = Math.floor(at / PIECE_BYTES) * PIECE_BYTES;
    const end = Math.min(this.source.size, piece + PIECE_BYTES);
    const view = new View(await this.source.read(piece, Math.max(0, end - piece)), this.source.label, piece);
    const next = view.u32le(at - piece);
    return next >= LAST ? undefined : next;
  }

  #check(cluster: number): void {
    const { clustersCount } = this.boot;
    if (cluster < 2 || cluster >= clustersCount + 2)
      throw corrupt(this.source.label, `cluster ${cluster} of ${clustersCount}`);
  }
}
