import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { companionFile } from "../../bytes/companion.ts";
import type { Companions, Container, ContainerFormat } from "../../bytes/format.ts";
import { quoteName } from "../../bytes/names.ts";
import { has } from "../../bytes/signature.ts";
import { vhdxDisk } from "./block-map.ts";
import { HEADER_BYTES, HEADER_OFFSETS, readHeader } from "./header.ts";
import { replayLog } from "./log.ts";
import { type Metadata, readMetadata } from "./metadata.ts";
import type { ParentLocator } from "./parent-locator.ts";
import { FRONT_BYTES, REGION_OFFSETS, readRegions } from "./regions.ts";

// Source: [MS-VHDX] Virtual Hard Disk v2 (VHDX) File Format, revision 8.0.

const MAGIC = "vhdxfile";
const PARENT_DEPTH_MAX = 16;
const TABLE_FRONT_BYTES = 4096;

export const vhdx: ContainerFormat = {
  name: "vhdx",
  probe: (source) => has(source, 0, MAGIC),
  open: async (source, companions) => (await openLayer(source, companions, 0)).container,
};

/** A disk with what its children check: the mark of its last change. */
interface Layer {
  readonly container: Container;
  readonly dataWriteGuid: string;
}

async function openLayer(
  source: ByteSource,
  companions: Companions | undefined,
  depth: number,
): Promise<Layer> {
  const label = `${source.label} > vhdx`;
  if (depth > PARENT_DEPTH_MAX) throw limitReached(label, `more than ${PARENT_DEPTH_MAX} parents`);
  prefetchRegions(source);
  const header = await readHeader(source, label);
  const file = header.log ? await replayLog(source, header.log, label) : source;
  const { bat, metadata: region } = await readRegions(file, label);
  // Whoever looks at the disk begins at its first block: its entry comes in the round of the metadata.
  if (bat.length >= TABLE_FRONT_BYTES) file.read(bat.offset, TABLE_FRONT_BYTES).catch(() => undefined);
  const metadata = await readMetadata(file, region, label);
  const parent = metadata.parent && (await openParent(metadata.parent, companions, label, depth));
  return {
    container: {
      disk: vhdxDisk(file, bat, metadata, label, parent),
      details: detailsOf(metadata, header.log !== undefined),
    },
    dataWriteGuid: header.dataWriteGuid,
  };
}

/** The first region table is where it is: asked for along with the headers, it is in their round. */
function prefetchRegions(source: ByteSource): void {
  const [offset = 0] = REGION_OFFSETS;
  const reach = offset + FRONT_BYTES;
  const headers = (HEADER_OFFSETS.at(-1) ?? 0) + HEADER_BYTES;
  if (source.size >= Math.max(reach, headers)) source.read(offset, FRONT_BYTES).catch(() => undefined);
}

async function openParent(
  locator: ParentLocator,
  companions: Companions | undefined,
  label: string,
  depth: number,
): Promise<ByteSource> {
  const source = companionFile(locator.path, "parent disk", companions, label);
  const { container, dataWriteGuid } = await openLayer(source, companions, depth + 1);
  if (!locator.dataWriteGuids.includes(dataWriteGuid))
    throw corrupt(
      label,
      `${quoteName(locator.path)} is not its parent, or was changed since: its mark is ${dataWriteGuid}`,
    );
  return container.disk;
}

function detailsOf(metadata: Metadata, replayed: boolean): string[] {
  return [
    metadata.parent ? "differencing" : metadata.fixed ? "fixed" : "dynamic",
    `block ${metadata.blockBytes}`,
    `logical sector ${metadata.sectorBytes}`,
    ...(metadata.parent ? [`parent ${quoteName(metadata.parent.path)}`] : []),
    ...(replayed ? ["marked dirty: its log was replayed in memory"] : []),
  ];
}
