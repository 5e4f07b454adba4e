import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { beneath, byBlock, type Extent, mapped } from "../../bytes/mapped.ts";
import { recent } from "../../bytes/recent.ts";
import { grainMap } from "./grain-map.ts";
import { type PackedGrain, readPackedGrain } from "./packed-grain.ts";
import type { SparseHeader } from "./sparse-header.ts";

/** Inflated grains are kept up to this size. */
const GRAIN_CACHE_BYTES = 8 << 20;
const SECTOR = 512;

/**
 * The part of a disk that a sparse extent holds.
 * @param parent what shows through where nothing was written, its first byte being the extent's own
 */
export function sparseExtent(
  source: ByteSource,
  header: SparseHeader,
  label: string,
  onRedundant: () => void,
  parent?: ByteSource,
): ByteSource {
  const { grainBytes } = header;
  const lookUp = grainMap(source, header, label, onRedundant);
  const grains = recent<Uint8Array>(Math.max(1, Math.floor(GRAIN_CACHE_BYTES / grainBytes)));

  function stored(offset: number, within: number, length: number): Extent {
    if (offset + within + length > source.size)
      throw corrupt(
        label,
        `grain at ${offset} lies outside the file of ${source.size} bytes: is the file complete?`,
        offset,
      );
    return { kind: "stored", length, source, offset: offset + within };
  }

  function packed(grain: PackedGrain, within: number, length: number): Extent {
    return {
      kind: "made",
      length,
      // Shared by all who ask for this grain, so it carries nobody's signal.
      async make() {
        const bytes = await grains(grain.sector, () => readPackedGrain(source, header, grain, label));
        if (within + length > bytes.length)
          throw corrupt(label, `compressed grain has only ${bytes.length} bytes`, grain.offset);
        return bytes.subarray(within, within + length);
      },
    };
  }

  return mapped(header.sizeBytes, label, (offset, length) =>
    byBlock(offset, length, grainBytes, async (index, within, part) => {
      const grain = await lookUp(index);
      if (grain.kind === "hole") return beneath(parent, index * grainBytes + within, part);
      if (grain.kind === "zeros") return [{ kind: "zeros", length: part }];
      if (!header.compressed) return [stored(grain.offset, within, part)];
      const { offset: at, before } = grain;
      const sector = (index * grainBytes) / SECTOR;
      return [packed({ offset: at, sector, ...(before === undefined ? {} : { before }) }, within, part)];
    }),
  );
}
