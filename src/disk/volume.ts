import { isReadError, limitReached, type ScanError, unsupported } from "../errors.ts";
import type { ByteSource } from "./bytes/byte-source.ts";
import type { Format, Partition, PartitionTable } from "./bytes/format.ts";
import type { Recognised } from "./bytes/signature.ts";
import type { FileSystem } from "./filesystems/driver.ts";
import {
  FILESYSTEMS,
  FILESYSTEMS_FURTHER_IN,
  PARTITION_TABLES,
  recogniseOuterLayer,
  recogniseVolume,
} from "./formats.ts";
import { logicalVolumes } from "./logical-volumes.ts";
import { firstThatProbes, prefetch } from "./probe.ts";
import { withoutCopies, withoutStaleDevices } from "./stale-devices.ts";
import { hasLabel } from "./volumes/lvm2/label.ts";
import { openPhysicalVolume, type PhysicalVolume } from "./volumes/lvm2/physical-volume.ts";
import { type MdMember, openMember } from "./volumes/md/member.ts";

/** What lies in a volume. */
export type VolumeContent =
  | { readonly kind: "filesystem"; readonly fs: FileSystem; readonly locator: string }
  /** Nothing that holds files itself: swap, boot code, a physical volume whose logical volumes are listed. */
  | { readonly kind: "nothing"; readonly type: string }
  /** Something that could hold files and was not read. */
  | { readonly kind: "unread"; readonly type: string; readonly error: ScanError };

export interface DiskVolume {
  /** As `--volume` names it: `whole`, `p1`, `p1/lvm:vg/lv`; `p1/p2` of a table in an array. */
  readonly name: string;
  /** Further names that are as good: a logical volume by its group's other physical volumes. */
  readonly aliases?: readonly string[];
  readonly partition?: Partition;
  readonly data: ByteSource;
  readonly content: VolumeContent;
  /** What Linux calls it, beyond what the partition gives: `/dev/mapper/vg-lv`, `/dev/md0`. */
  readonly devices?: readonly string[];
  /** What a reviewer should know about how it was put together: "raid1: only leg 0 of 2 was read". */
  readonly notes?: readonly string[];
}

/** A place on the disk that may hold something. */
export type Place = Pick<DiskVolume, "name" | "partition" | "data" | "devices">;

/** A volume, and what it is part of when it is not read by itself. */
export interface OpenedVolume extends DiskVolume {
  readonly pv?: PhysicalVolume;
  readonly md?: MdMember;
  /** The partitions of a table in it, to be opened. */
  readonly inside?: readonly Place[];
}

/** Enough for the superblock of every file system but Btrfs, and ext4's first group descriptors. */
const VOLUME_FRONT_BYTES = 8 << 10;
/** Enough for every signature that is looked for at the front, in a volume that no ext4 is expected in. */
const SIGNATURES_BYTES = 4608;
/** EFI system partitions, by GPT and MBR. Source: UEFI 2.11 sections 5.3.3 and 5.2.2. */
const FAT_PARTITIONS = new Set(["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"]);
/** Partitions that hold boot code, no files. Source: UEFI 2.11 section 5.3.3, and the owners' registries. */
const CODE_PARTITIONS = new Map([
  ["21686148-6449-6e6f-744e-656564454649", "BIOS boot partition"],
  ["9e1a2d38-c612-4316-aa26-8b49521e5a8b", "PReP boot partition"],
  ["41", "PReP boot partition"],
  ["e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved partition"],
]);
/** Partitions whose end is looked at for a RAID superblock even when a file system shows at their start. */
const RAID_PARTITIONS = new Set(["fd", "a19d880f-05fc-4d3b-a006-743f0f84911e"]);
/** Partitions of a pool of Windows: named where no file system shows at their start. */
const POOLS: ReadonlyMap<string, { readonly type: string; readonly what: string }> = new Map([
  ["42", { type: "LDM", what: "member of a dynamic disk of Windows (LDM)" }],
  [
    "5808c8aa-7e8f-42e0-85d2-e7e90be74d7a",
    { type: "LDM database", what: "the database of a dynamic disk of Windows (LDM)" },
  ],
  [
    "af9b60a0-1431-4f62-bc68-3311714a69ad",
    { type: "LDM", what: "member of a dynamic disk of Windows (LDM)" },
  ],
  [
    "e75caf8f-f680-4cee-afa3-b001e56efc2d",
    { type: "storage-spaces", what: "member of a pool of Windows (Storage Spaces)" },
  ],
]);
/** Partitions in arrays that are opened, of all arrays of a disk. */
const INSIDE_MAX = 256;
const UNKNOWN_CONTENT = "no file system that sixray knows";
const UNKNOWN_IN_ARRAY = `${UNKNOWN_CONTENT} in this RAID: scan the assembled device`;

/** Opens what lies at these places, and the logical volumes that lie across them. */
export async function openVolumes(places: readonly Place[]): Promise<readonly DiskVolume[]> {
  const opened = withoutCopies(await Promise.all(places.map(openPlace)));
  const inside = opened
    .flatMap((volume) => volume.inside ?? [])
    .map(async (place, index) => (index < INSIDE_MAX ? openPlace(place) : tooMany(place)));
  const all = [...opened, ...withoutCopies(await Promise.all(inside))];
  return withoutStaleDevices(await logicalVolumes(all, openPlace));
}

function tooMany(place: Place): OpenedVolume {
  const error = limitReached(place.data.label, `more than ${INSIDE_MAX} partitions in arrays`);
  return { ...place, content: { kind: "unread", type: "unknown", error } };
}

/** What has no known content counts as unread; of a whole disk, `openDisk` says more. */
async function openPlace(place: Place): Promise<OpenedVolume> {
  const code = CODE_PARTITIONS.get(place.partition?.type ?? "");
  if (code) return { ...place, content: { kind: "nothing", type: code } };
  const opened = await openVolume(place);
  const { content, data } = opened;
  const pool = content.kind === "nothing" ? POOLS.get(place.partition?.type ?? "") : undefined;
  if (pool) {
    const { type, what } = pool;
    const reason = `${what}: sixray recognises it and does not read it; scan the volume on a machine that has it open`;
    return { ...opened, content: { kind: "unread", type, error: unsupported(data.label, reason) } };
  }
  if (content.kind !== "nothing" || content.type !== "unknown" || place.name === "whole") return opened;
  return {
    ...opened,
    content: { kind: "unread", type: "unknown", error: unsupported(data.label, UNKNOWN_CONTENT) },
  };
}

async function openVolume(place: Place): Promise<OpenedVolume> {
  const { data, name } = place;
  let type = "unknown";
  try {
    const partitionType = place.partition?.type ?? "";
    prefetch(data, FAT_PARTITIONS.has(partitionType) ? SIGNATURES_BYTES : VOLUME_FRONT_BYTES);
    const tailToo = RAID_PARTITIONS.has(partitionType);
    const [isPhysicalVolume, format, outer, front, tail] = await Promise.all([
      hasLabel(data),
      formatOf(data),
      recogniseOuterLayer(data),
      settled(openMember(data, "front")),
      tailToo ? settled(openMember(data, "tail")) : undefined,
    ]);
    // As for blkid, RAID comes first: a physical volume lies in the array, where its metadata is at the end.
    type = "linux_raid_member";
    const member = front() ?? tail?.();
    if (member) return await openArray(place, member);
    if (isPhysicalVolume) {
      type = "LVM2_member";
      const pv = await openPhysicalVolume(data, name);
      return { ...place, content: { kind: "nothing", type }, pv };
    }
    type = "unknown";
    if (outer) return { ...place, content: refused(data, outer) };
    if (format) return { ...place, content: await openFileSystem(format, data) };
    type = "linux_raid_member";
    const late = tailToo ? undefined : await openMember(data, "tail");
    if (late) return await openArray(place, late);
    type = "unknown";
    return { ...place, content: await recognise(data) };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { ...place, content: { kind: "unread", type, error } };
  }
}

/** The first whose signature is there. */
async function formatOf(data: ByteSource): Promise<Format<FileSystem> | undefined> {
  return (await firstThatProbes(FILESYSTEMS, data)) ?? (await firstThatProbes(FILESYSTEMS_FURTHER_IN, data));
}

/** A RAID 1 member counts as the array: the volume keeps its place's name. A table in it is read, none in that. */
async function openArray(place: Place, md: MdMember): Promise<OpenedVolume> {
  const inner = await openPlace({ name: place.name, data: md.data });
  const { content } = inner;
  const known = content.kind === "filesystem" || content.type !== "unknown";
  const table = known || isInside(place) ? undefined : await tableIn(md.data);
  if (table) {
    const inside = table.partitions.map((partition): Place => {
      const name = `${place.name}/p${partition.number}`;
      const devices = md.devices.map((device) => partitionDevice(device, partition.number));
      return { name, partition, data: partition.data, devices };
    });
    const notes = [md.note, ...table.notes];
    const nothing = { kind: "nothing", type: table.scheme } as const;
    return { ...place, data: md.data, content: nothing, md, devices: md.devices, notes, inside };
  }
  return {
    ...place,
    ...inner,
    content: known
      ? content
      : { kind: "unread", type: "unknown", error: unsupported(md.data.label, UNKNOWN_IN_ARRAY) },
    md,
    devices: md.devices,
    notes: [md.note, ...(inner.notes ?? [])],
  };
}

/** True for a partition of a table in an array. */
function isInside({ name }: Place): boolean {
  return /\/p\d+$/.test(name);
}

async function tableIn(data: ByteSource): Promise<PartitionTable | undefined> {
  return (await firstThatProbes(PARTITION_TABLES, data))?.open(data);
}

/** Source: Linux block/partitions/core.c, disk_name; udev's and mdadm's rules for links. */
function partitionDevice(device: string, number: number): string {
  if (device.startsWith("/dev/disk/")) return `${device}-part${number}`;
  return `${device}${/\d$/.test(device) ? "p" : ""}${number}`;
}

async function recognise(data: ByteSource): Promise<VolumeContent> {
  const seen = await recogniseVolume(data);
  return seen ? refused(data, seen) : { kind: "nothing", type: "unknown" };
}

function refused(data: ByteSource, { name, reason, holdsFiles }: Recognised): VolumeContent {
  return holdsFiles
    ? { kind: "unread", type: name, error: unsupported(data.label, reason) }
    : { kind: "nothing", type: name };
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

/** Waits for an answer without failing yet: who looks at it later gets the value or the error. */
async function settled<T>(promise: Promise<T>): Promise<() => T> {
  try {
    const value = await promise;
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
