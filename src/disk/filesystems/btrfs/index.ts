/**
 * Btrfs. Source: Btrfs documentation, "On-disk format" (btrfs.readthedocs.io/en/latest/dev/On-disk-format.html),
 * and Linux include/uapi/linux/btrfs_tree.h; what a mount does: fs/btrfs/{disk-io,super}.c.
 */
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import { BtrfsFileSystem } from "./file-system.ts";
import { hasMagic, readSuperblock } from "./superblock.ts";
import { BtrfsVolume } from "./volume.ts";

export const btrfs: Format<FileSystem> = {
  name: "btrfs",

  async probe(source) {
    return hasMagic(source);
  },

  async open(source) {
    const { superblock, notes } = await readSuperblock(source);
    const volume = new BtrfsVolume(source, superblock);
    volume.guessRootTree();
    // Whoever asks for the default subvolume next finds its way already read, or the reason why not.
    volume.chunk(superblock.rootTree.bytenr).catch(() => undefined);
    return new BtrfsFileSystem(volume, [...notes, ...notesOn(volume)]);
  },
};

function notesOn({ source, superblock }: BtrfsVolume): readonly string[] {
  const { devices, device, logTree } = superblock;
  const notes: string[] = [];
  if (devices > 1)
    notes.push(`device ${device.id} of ${devices}: what lies on the others only cannot be read`);
  if (device.bytes > source.size)
    notes.push(`cut off: ${device.bytes} bytes of file system in a volume of ${source.size} bytes`);
  if (logTree !== 0)
    notes.push("dirty log tree: not replayed: files written shortly before a crash may show older contents");
  return notes;
}
