import type { DiskVolume } from "../disk/disk.ts";

/** Names a disk's first device has in fstab, by driver: SCSI, virtio, Xen, IDE, NVMe, MMC. */
const DISK_PARTITION = /^\/dev\/(?:[hsv]da|xvda|nvme0n1p|mmcblk0p)(\d+)$/;

/** The volume that fstab's first field names; undefined when this disk has none such, or several that cannot be told apart. */
export function volumeOfDevice(device: string, volumes: readonly DiskVolume[]): DiskVolume | undefined {
  const [first, ...rest] = volumesOfDevice(device, volumes);
  return rest.length === 0 ? first : undefined;
}

/**
 * The volumes that fstab's first field names: several when a copy of a file system lies beside it, or two volume
 * groups or arrays of one name. The devices of one Btrfs count as one. Source: fstab(5) for the tags, udev's persistent
 * storage rules for /dev/disk.
 */
export function volumesOfDevice(device: string, volumes: readonly DiskVolume[]): readonly DiskVolume[] {
  const byName = volumes.filter((volume) => volume.devices?.includes(device));
  if (byName.length > 0) return asOne(byName);
  const byTag = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/i.exec(device);
  const byLink = /^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.*)$/.exec(device);
  const found = byTag ?? byLink;
  if (found) {
    const tag = (found[1] ?? "").toUpperCase();
    const value = byLink ? unescapeUdev(found[2] ?? "") : (found[2] ?? "");
    return asOne(volumes.filter((volume) => tagOf(volume, tag).some((one) => same(tag, one, value))));
  }
  const number = DISK_PARTITION.exec(device)?.[1];
  if (number !== undefined) return volumes.filter((volume) => isOfDisk(volume, Number(number))).slice(0, 1);
  return /^\/dev\/(?:[hsv]da|xvda|nvme0n1)$/.test(device)
    ? volumes.filter((volume) => volume.name === "whole")
    : [];
}

/** Not of a table in something else, which has numbers of its own. */
function isOfDisk({ name, partition }: DiskVolume, number: number): boolean {
  return partition?.number === number && !name.includes("/");
}

function asOne(volumes: readonly DiskVolume[]): readonly DiskVolume[] {
  const uuids = volumes.map(({ content }) =>
    content.kind === "filesystem" && content.fs.type === "btrfs" ? content.fs.uuid : undefined,
  );
  const [first] = uuids;
  return first !== undefined && uuids.every((uuid) => uuid === first) ? volumes.slice(0, 1) : volumes;
}

function tagOf(volume: DiskVolume, tag: string): readonly string[] {
  const { content, partition } = volume;
  switch (tag) {
    case "UUID":
      return content.kind === "filesystem" ? [content.fs.uuid] : [];
    case "LABEL":
      return content.kind === "filesystem" ? [content.fs.label] : [];
    case "PARTUUID":
      return partition ? [partition.uuid] : [];
    default:
      return partition ? [partition.label] : [];
  }
}

function same(tag: string, actual: string, wanted: string): boolean {
  if (wanted === "") return false;
  return tag.endsWith("UUID") ? actual.toLowerCase() === wanted.toLowerCase() : actual === wanted;
}

/** udev writes what is not safe in a file name as `\x20`. */
function unescapeUdev(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
