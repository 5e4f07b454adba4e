import { unsupported } from "../errors.ts";
import type { DiskVolume, OpenedVolume } from "./volume.ts";

/**
 * Of the devices of one file system, and of copies of it, those whose count of changes is highest are read: the others
 * missed what was written while they were away. Source: Linux fs/btrfs/volumes.c, device_list_add and latest_dev.
 */
export function withoutStaleDevices(volumes: readonly DiskVolume[]): readonly DiskVolume[] {
  const newest = new Map<string, { readonly volume: DiskVolume; readonly generation: bigint }>();
  for (const volume of volumes) {
    const fs = countedFileSystem(volume);
    const known = fs && newest.get(fs.uuid);
    if (fs && (!known || fs.generation > known.generation))
      newest.set(fs.uuid, { volume, generation: fs.generation });
  }
  return volumes.map((volume) => {
    const fs = countedFileSystem(volume);
    const best = fs && newest.get(fs.uuid);
    if (!fs || !best || fs.generation >= best.generation) return volume;
    const what = `${fs.type} that missed changes: it is at generation ${fs.generation}, ${best.volume.name}, which is read in its place, at ${best.generation}`;
    const error = unsupported(volume.data.label, what);
    return { ...volume, content: { kind: "unread", type: fs.type, error } };
  });
}

interface Counted {
  readonly type: string;
  readonly uuid: string;
  readonly generation: bigint;
}

function countedFileSystem({ content }: DiskVolume): Counted | undefined {
  if (content.kind !== "filesystem" || content.fs.generation === undefined) return undefined;
  const { type, uuid, generation } = content.fs;
  return { type, uuid, generation };
}

/** Of several members of one RAID 1, the one that was written last counts. */
export function withoutCopies(opened: readonly OpenedVolume[]): readonly OpenedVolume[] {
  const best = new Map<string, OpenedVolume>();
  for (const volume of opened) {
    if (!volume.md) continue;
    const { uuid, events } = volume.md.superblock;
    const known = best.get(uuid)?.md;
    if (!known || events > known.superblock.events) best.set(uuid, volume);
  }
  return opened.map((volume) => {
    const chosen = volume.md && best.get(volume.md.superblock.uuid);
    if (!chosen || chosen === volume) return volume;
    const { name, partition, data } = volume;
    return {
      name,
      ...(partition ? { partition } : {}),
      data,
      content: { kind: "nothing", type: "linux_raid_member" },
      notes: [`another member of the RAID 1 in ${chosen.name}, which was read`],
    };
  });
}
