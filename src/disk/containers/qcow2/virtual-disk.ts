import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import { clusterMap } from "./cluster-map.ts";
import { decompress } from "./decompress.ts";
import type { Header } from "./header.ts";
import type { Compressed, Run } from "./runs.ts";

/** Decompressed clusters are kept up to this size. */
const CLUSTER_CACHE_BYTES = 8 << 20;

/** What the clusters of an image are read from. */
export interface Layers {
  /** The image file: tables, and clusters unless there is an external data file. */
  readonly image: ByteSource;
  readonly data: ByteSource;
  /** What shows through where nothing is allocated; without one, zeros. */
  readonly backing?: ByteSource;
}

/** The virtual disk of an image, by random access. Independent reads below run side by side. */
export function virtualDisk(header: Header, { image, data, backing }: Layers): ByteSource {
  const label = `${image.label} > qcow2`;
  const clusterBytes = 2 ** header.clusterBits;
  const runs = clusterMap(image, header, label, data.size);
  const clusters = recent<Uint8Array>(Math.floor(CLUSTER_CACHE_BYTES / clusterBytes));

  // Shared by all who ask for this cluster, so it carries nobody's signal.
  function compressedCluster(at: Compressed): Promise<Uint8Array> {
    return clusters(at.offset, async () =>
      decompress(
        new View(await data.read(at.offset, at.length), label, at.offset),
        header.compression,
        clusterBytes,
      ),
    );
  }

  /** The bytes of a run that begins at `offset` of the disk, or undefined for zeros. */
  async function bytesOf(run: Run, offset: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    switch (run.kind) {
      case "zero":
        return undefined;
      case "unallocated": {
        const length = Math.min(run.length, (backing?.size ?? 0) - offset);
        return length > 0 ? backing?.read(offset, length, signal) : undefined;
      }
      case "stored":
        return data.read(run.offset, run.length, signal);
      case "compressed":
        return (await compressedCluster(run.at)).subarray(run.within, run.within + run.length);
    }
  }

  const disk: ByteSource = {
    size: header.sizeBytes,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(disk, offset, length);
      const parts = await runs(offset, length);
      let at = 0;
      const reads = parts.map(async (run) => {
        const start = at;
        at += run.length;
        return { start, bytes: await bytesOf(run, offset + start, signal) };
      });
      const done = await Promise.all(reads);
      const [only] = done;
      if (done.length === 1 && only?.bytes?.length === length) return only.bytes;
      const result = new Uint8Array(length);
      for (const { start, bytes } of done) if (bytes) result.set(bytes, start);
      return result;
    },
  };
  return disk;
}
