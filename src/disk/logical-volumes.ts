import { limitReached, type ScanError, unsupported } from "../errors.ts";
import type { ByteSource } from "./bytes/byte-source.ts";
import { PARTITION_TABLES } from "./formats.ts";
import { firstThatProbes } from "./probe.ts";
import type { DiskVolume, OpenedVolume, Place, VolumeContent } from "./volume.ts";
import { assemble, type FoundVolume, type Groups } from "./volumes/lvm2/assemble.ts";

/** More logical volumes than this are listed and not opened. */
const VOLUMES_MAX = 1024;

/** The volumes as they are, and behind them the logical volumes that lie across them. */
export async function logicalVolumes(
  opened: readonly OpenedVolume[],
  open: (place: Place) => Promise<OpenedVolume>,
): Promise<readonly DiskVolume[]> {
  const pvs = opened.flatMap((volume) => volume.pv ?? []);
  const groups = await assemble(pvs);
  const inside = await Promise.all(
    groups.volumes.map((found, index) => openLogical(found, index < VOLUMES_MAX ? open : undefined)),
  );
  return [...opened.map((volume) => plain(volume, groups)), ...inside];
}

/** The volume as others see it; a physical volume with what became of it. */
function plain(opened: OpenedVolume, groups: Groups): DiskVolume {
  const { pv, ...volume } = opened;
  if (!pv) return volume;
  const membership = groups.membershipOf(pv);
  if (membership.kind !== "unread") return volume;
  return { ...volume, content: { kind: "unread", type: "LVM2_member", error: membership.error } };
}

async function openLogical(
  found: FoundVolume,
  open: ((place: Place) => Promise<OpenedVolume>) | undefined,
): Promise<DiskVolume> {
  const { name, aliases, devices, notes, content, label, sizeBytes } = found;
  const about = { name, aliases, devices, notes };
  switch (content.kind) {
    case "pool":
      return { ...about, data: refusing(label, sizeBytes), content: { kind: "nothing", type: content.type } };
    case "unread":
      return { ...about, data: refusing(label, sizeBytes, content.error), content };
    case "data": {
      const { data } = content;
      if (!open) return { ...about, data, content: unread(limitReached(label, TOO_MANY)) };
      const { pv, inside, ...opened } = await open({ name, data });
      const inner = pv
        ? unread(unsupported(label, "LVM2 physical volume in a logical volume"))
        : inside
          ? unread(unsupported(label, TABLE_IN_ARRAY))
          : await withoutTable(data, opened.content);
      return {
        ...about,
        data: opened.data,
        content: inner,
        devices: [...devices, ...(opened.devices ?? [])],
        notes: [...notes, ...(opened.notes ?? [])],
      };
    }
  }
}

const TABLE_IN_ARRAY = "partition table in a RAID in a logical volume: scan the assembled device";
const TABLE =
  "partition table in a logical volume, as the disk of a virtual machine has one: scan a copy of it (dd)";

/** Linux does not look for partitions in a logical volume; what is in them does not belong to this machine. */
async function withoutTable(data: ByteSource, content: VolumeContent): Promise<VolumeContent> {
  if (content.kind !== "unread" || content.type !== "unknown") return content;
  const table = await firstThatProbes(PARTITION_TABLES, data);
  return table ? { kind: "unread", type: table.name, error: unsupported(data.label, TABLE) } : content;
}

const TOO_MANY = `more than ${VOLUMES_MAX} logical volumes on one disk`;

function unread(error: ScanError): VolumeContent {
  return { kind: "unread", type: "unknown", error };
}

/** The place of a volume whose bytes are not to be had. */
function refusing(label: string, size: number, error?: ScanError): ByteSource {
  return {
    size,
    label,
    read: () => Promise.reject(error ?? unsupported(label, "an LVM pool has no content of its own")),
  };
}
