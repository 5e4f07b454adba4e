import { COMPARE, corrupt, ScanError, unsupported } from "../errors.ts";
import type { ByteSource } from "./bytes/byte-source.ts";
import type { Companions, ContainerFormat, PartitionTable } from "./bytes/format.ts";
import type { FileSystem } from "./filesystems/driver.ts";
import { CONTAINERS, CONTAINERS_BY_END, PARTITION_TABLES, recogniseContainer } from "./formats.ts";
import { GPT_FRONT_BYTES } from "./partitions/gpt.ts";
import { firstThatProbes, prefetch, prefetchEnd } from "./probe.ts";
import { type DiskVolume, openVolumes } from "./volume.ts";

export type { DiskVolume };

/** A disk, opened down to its file systems. */
export interface Disk {
  /** The disk inside its container. */
  readonly source: ByteSource;
  readonly container: { readonly name: string; readonly details: readonly string[] };
  readonly table?: PartitionTable;
  readonly volumes: readonly DiskVolume[];
}

/** Names of files whose front is a header, no partition table. A name that lies costs a round, no more. */
const CONTAINER_NAME = /\.(qcow2|vmdk|vhdx|vdi)$/i;
const HEADER_BYTES = 4 << 10;
/** Names of files that keep a footer at their end, or the map of their grains (streamOptimized). */
const FOOTER_NAME = /\.(vmdk|vhd)$/i;
/** The grain directory of a disk of some 20 GiB with its markers and the footer, or the footer of a VHD. */
const END_BYTES = 4 << 10;

/**
 * Opens the bytes of an image: container, partition table, file systems. Rejects when there is no disk to be
 * seen; what cannot be read inside it is told per volume.
 */
export async function openDisk(image: ByteSource, companions?: Companions): Promise<Disk> {
  if (image.size === 0) throw corrupt(image.label, "the image is empty (0 bytes): was it downloaded whole?");
  prefetch(image, CONTAINER_NAME.test(image.label) ? HEADER_BYTES : GPT_FRONT_BYTES);
  if (FOOTER_NAME.test(image.label)) prefetchEnd(image, END_BYTES);
  const { source, container } = await openContainer(image, companions);
  const table = await openTable(source);
  const volumes = await openVolumes(
    table
      ? table.partitions.map((partition) => ({
          name: `p${partition.number}`,
          partition,
          data: partition.data,
        }))
      : [{ name: "whole", data: source }],
  );
  const [only] = volumes;
  // Asked last: what has a partition table or a file system needs no look for signatures of containers.
  if (!table && !volumes.some(({ content }) => content.kind === "filesystem")) {
    const refused = container.name === "raw" ? await recogniseContainer(source) : undefined;
    if (refused) throw unsupported(image.label, refused.reason);
    if (only?.content.kind === "nothing" && only.content.type === "unknown")
      throw unsupported(
        source.label,
        `neither a known image format, partition table nor file system: ${COMPARE}`,
      );
  }
  return { source, container, ...(table ? { table } : {}), volumes };
}

async function openContainer(
  image: ByteSource,
  companions: Companions | undefined,
): Promise<Pick<Disk, "source" | "container">> {
  const format =
    (await firstThatProbes<ContainerFormat>(CONTAINERS, image)) ??
    (await firstThatProbes<ContainerFormat>(CONTAINERS_BY_END, image));
  if (format) {
    const { disk, details } = await format.open(image, companions);
    return { source: disk, container: { name: format.name, details } };
  }
  return { source: image, container: { name: "raw", details: [] } };
}

async function openTable(source: ByteSource): Promise<PartitionTable | undefined> {
  prefetch(source, GPT_FRONT_BYTES);
  const format = await firstThatProbes(PARTITION_TABLES, source);
  return format?.open(source);
}

/** The file system of the volume that `--volume` named, or the error that says what there is. */
export function fileSystemNamed(disk: Disk, name: string): { fs: FileSystem; locator: string } {
  const volume = disk.volumes.find((one) => one.name === name || one.aliases?.includes(name));
  if (!volume) {
    const names = disk.volumes.map((one) => one.name).join(", ") || "none";
    throw new ScanError("usage", `no volume ${name} here; there are: ${names}`);
  }
  if (volume.content.kind === "unread") throw volume.content.error;
  if (volume.content.kind === "nothing")
    throw new ScanError("usage", `volume ${name} holds no files (${volume.content.type})`);
  return volume.content;
}
