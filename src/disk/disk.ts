import { corrupt, isReadError, ScanError, unsupported } from "../errors.ts";
import type { ByteSource } from "./bytes/byte-source.ts";
import type { Companions, ContainerFormat, Format, Partition, PartitionTable } from "./bytes/format.ts";
import type { FileSystem } from "./filesystems/driver.ts";
import {
  CONTAINERS,
  CONTAINERS_BY_END,
  FILESYSTEMS,
  PARTITION_TABLES,
  recogniseContainer,
  recogniseVolume,
} from "./formats.ts";

/** What lies in a volume. */
export type VolumeContent =
  | { readonly kind: "filesystem"; readonly fs: FileSystem; readonly locator: string }
  /** Nothing that holds files: swap, an empty or a boot-code partition. */
  | { readonly kind: "nothing"; readonly type: string }
  /** Something that could hold files and was not read. */
  | { readonly kind: "unread"; readonly type: string; readonly error: ScanError };

export interface DiskVolume {
  /** As `--volume` names it: `whole`, `p1`. */
  readonly name: string;
  readonly partition?: Partition;
  readonly data: ByteSource;
  readonly content: VolumeContent;
}

/** A disk, opened down to its file systems. */
export interface Disk {
  /** The disk inside its container. */
  readonly source: ByteSource;
  readonly container: { readonly name: string; readonly details: readonly string[] };
  readonly table?: PartitionTable;
  readonly volumes: readonly DiskVolume[];
}

/** Enough for a GPT of 128 entries behind 512-byte sectors, so that probing and reading it is one round. */
const FRONT_BYTES = 20 << 10;
/** Enough for the superblock of every file system but Btrfs, and ext4's first group descriptors. */
const VOLUME_FRONT_BYTES = 8 << 10;
/** Partitions that hold boot code, no files. Source: UEFI 2.11 section 5.3.3, and the owners' registries. */
const CODE_PARTITIONS = new Map([
  ["21686148-6449-6e6f-744e-656564454649", "BIOS boot partition"],
  ["9e1a2d38-c612-4316-aa26-8b49521e5a8b", "PReP boot partition"],
  ["41", "PReP boot partition"],
  ["e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved partition"],
]);

/**
 * Opens the bytes of an image: container, partition table, file systems. Rejects when there is no disk to be
 * seen; what cannot be read inside it is told per volume.
 */
export async function openDisk(image: ByteSource, companions?: Companions): Promise<Disk> {
  if (image.size === 0) throw corrupt(image.label, "the image is empty (0 bytes): was it downloaded whole?");
  prefetch(image, FRONT_BYTES);
  const { source, container } = await openContainer(image, companions);
  const table = await openTable(source);
  const volumes = table
    ? await Promise.all(table.partitions.map((partition) => openPartition(partition)))
    : [{ name: "whole", data: source, content: await openVolume(source) }];
  const [only] = volumes;
  // Asked last: what has a partition table or a file system needs no look for signatures of containers.
  if (!table && only?.content.kind !== "filesystem") {
    const refused = container.name === "raw" ? await recogniseContainer(source) : undefined;
    if (refused) throw unsupported(image.label, refused.reason);
    if (only?.content.kind === "nothing" && only.content.type === "unknown")
      throw unsupported(source.label, "neither a known image format, partition table nor file system");
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
  const format = await firstThatProbes(PARTITION_TABLES, source);
  return format?.open(source);
}

async function openPartition(partition: Partition): Promise<DiskVolume> {
  const code = CODE_PARTITIONS.get(partition.type);
  const content: VolumeContent = code
    ? { kind: "nothing", type: code }
    : await openVolume(partition.data).then((found) =>
        found.kind === "nothing" && found.type === "unknown"
          ? { kind: "unread", type: "unknown", error: unsupported(partition.data.label, UNKNOWN_CONTENT) }
          : found,
      );
  return { name: `p${partition.number}`, partition, data: partition.data, content };
}

const UNKNOWN_CONTENT = "no file system that sixray knows";

async function openVolume(data: ByteSource): Promise<VolumeContent> {
  try {
    prefetch(data, VOLUME_FRONT_BYTES);
    const format = await firstThatProbes(FILESYSTEMS, data);
    if (format) return await openFileSystem(format, data);
    const seen = await recogniseVolume(data);
    if (!seen) return { kind: "nothing", type: "unknown" };
    return seen.holdsFiles
      ? { kind: "unread", type: seen.name, error: unsupported(data.label, seen.reason) }
      : { kind: "nothing", type: seen.name };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { kind: "unread", type: "unknown", error };
  }
}

async function openFileSystem(format: Format<FileSystem>, data: ByteSource): Promise<VolumeContent> {
  try {
    const fs = await format.open(data);
    return { kind: "filesystem", fs, locator: `${data.label} > ${fs.type}` };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { kind: "unread", type: format.name, error };
  }
}

/** Probes run side by side, so that they share one round; the first in the list's order wins. */
async function firstThatProbes<T extends { probe(source: ByteSource): Promise<boolean> }>(
  formats: readonly T[],
  source: ByteSource,
): Promise<T | undefined> {
  const answers = await Promise.all(formats.map((format) => format.probe(source)));
  return formats.find((_, index) => answers[index]);
}

/** Asks for the front of a source now: the cache below shares it with whoever asks later in this turn. */
function prefetch(source: ByteSource, bytes: number): void {
  source.read(0, Math.min(bytes, source.size)).catch(() => undefined);
}

/** The file system of the volume that `--volume` named, or the error that says what there is. */
export function fileSystemNamed(disk: Disk, name: string): { fs: FileSystem; locator: string } {
  const volume = disk.volumes.find((one) => one.name === name);
  if (!volume) {
    const names = disk.volumes.map((one) => one.name).join(", ") || "none";
    throw new ScanError("usage", `no volume ${name} here; there are: ${names}`);
  }
  if (volume.content.kind === "unread") throw volume.content.error;
  if (volume.content.kind === "nothing")
    throw new ScanError("usage", `volume ${name} holds no files (${volume.content.type})`);
  return volume.content;
}
