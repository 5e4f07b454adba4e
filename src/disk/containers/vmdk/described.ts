import { corrupt, unsupported } from "../../../errors.ts";
import { assembled } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { companionFiles } from "../../bytes/companion.ts";
import type { Companions } from "../../bytes/format.ts";
import { mapped } from "../../bytes/mapped.ts";
import { quoteName } from "../../bytes/names.ts";
import { slice } from "../../bytes/slice.ts";
import type { Descriptor, ExtentLine } from "./descriptor.ts";
import { sesparseExtent } from "./sesparse.ts";
import { sparseExtent } from "./sparse-extent.ts";
import { readSparseHeader } from "./sparse-header.ts";

// Source: VMware, Virtual Disk Format 5.0, section "The Extent Description".

const SECTOR = 512;
const FLAT = new Set(["FLAT", "VMFS"]);
const SPARSE = new Set(["SPARSE", "VMFSSPARSE"]);
const SESPARSE = "SESPARSE";
const REFUSED = new Map([
  ["VMFSRDM", "raw device mappings"],
  ["VMFSRDMP", "raw device mappings"],
  ["VMFSRAW", "raw device mappings"],
  ["VMFSPASSTHROUGHRDM", "raw device mappings"],
]);

/** One stretch of the disk. */
interface Part {
  readonly start: number;
  readonly source: ByteSource;
}

/**
 * The disk that a descriptor puts together from extents, which the user gave along with it.
 * @throws unsupported for extents that are missing or not read, corrupt for extents that are too short
 */
export async function describedDisk(
  descriptor: Descriptor,
  companions: Companions | undefined,
  label: string,
  onRedundant: () => void,
  parent?: ByteSource,
): Promise<ByteSource> {
  const { extents, createType } = descriptor;
  if (extents.length === 0) throw corrupt(label, "the descriptor lists no extents");
  if (/^(fullDevice|partitionedDevice)$/i.test(createType))
    throw unsupported(label, `a disk that is a device of the host (${createType})`);
  for (const extent of extents) refuse(extent, label);
  const named = extents.filter(({ type }) => type !== "ZERO");
  const names = [...new Set(named.map(({ name }) => name))];
  const sources = companionFiles(names, names.length > 1 ? "extents" : "extent", companions, label);
  const byName = new Map(names.map((name, i) => [name, sources[i]]));

  let size = 0;
  const opening: Promise<Part>[] = [];
  for (const extent of extents) {
    const start = size;
    size += extent.sectors * SECTOR;
    const beneath =
      parent && slice(parent, Math.min(start, parent.size), spare(parent, start, extent), label);
    const source = byName.get(extent.name);
    opening.push(
      openExtent(extent, source, label, onRedundant, beneath).then((opened) => ({ start, source: opened })),
    );
  }
  if (!Number.isSafeInteger(size)) throw corrupt(label, "the extents make an impossible size");
  const parts = await Promise.all(opening);
  const placed = parts.map((part) => ({
    start: part.start,
    length: part.source.size,
    parts: [{ source: part.source, offset: 0 }],
  }));
  return assembled(placed, size, label);
}

function spare(parent: ByteSource, start: number, extent: ExtentLine): number {
  return Math.max(0, Math.min(extent.sectors * SECTOR, parent.size - start));
}

function refuse({ type, access }: ExtentLine, label: string): void {
  const why = REFUSED.get(type);
  if (why) throw unsupported(label, why);
  if (access === "NOACCESS") throw unsupported(label, "an extent that may not be accessed (NOACCESS)");
  if (type !== "ZERO" && type !== SESPARSE && !FLAT.has(type) && !SPARSE.has(type))
    throw unsupported(label, `extents of type ${quoteName(type)}`);
}

async function openExtent(
  extent: ExtentLine,
  source: ByteSource | undefined,
  label: string,
  onRedundant: () => void,
  beneath: ByteSource | undefined,
): Promise<ByteSource> {
  const length = extent.sectors * SECTOR;
  if (!source) return mapped(length, label, async (_, part) => [{ kind: "zeros", length: part }]);
  const start = extent.startSector * SECTOR;
  if (FLAT.has(extent.type)) return slice(source, start, length, `${label} > ${source.label}`);
  const inner = `${label} > ${source.label}`;
  const opened =
    extent.type === SESPARSE
      ? await sesparseExtent(source, inner, beneath)
      : sparseExtent(source, await readSparseHeader(source, inner), inner, onRedundant, beneath);
  if (opened.size < length)
    throw corrupt(inner, `extent of ${opened.size} bytes, where the descriptor says ${length}`, 12);
  return slice(opened, 0, length, inner);
}
