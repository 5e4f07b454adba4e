/**
 * Btrfs. Source: Btrfs documentation, "On-disk format" (btrfs.readthedocs.io/en/latest/dev/On-disk-format.html),
 * and Linux include/uapi/linux/btrfs_tree.h; what a mount does: fs/btrfs/{disk-io,super}.c.
 */
import { isReadError } from "../../../errors.ts";
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import { BtrfsFileSystem } from "./file-system.ts";
import { loggedInodes } from "./log-tree.ts";
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
    return new BtrfsFileSystem(volume, [...notes, ...notesOn(volume), ...(await logNotes(volume))]);
  },
};

function notesOn({ superblock, cutOff }: BtrfsVolume): readonly string[] {
  const { devices, device } = superblock;
  const notes: string[] = [];
  if (devices > 1)
    notes.push(`device ${device.id} of ${devices}: what lies on the others only cannot be read`);
  if (cutOff !== undefined) notes.push(cutOff);
  return notes;
}

async function logNotes(volume: BtrfsVolume): Promise<readonly string[]> {
  if (volume.superblock.logTree.bytenr === 0) return [];
  try {
    const inodes = await loggedInodes(volume);
    volume.setLogged(inodes);
    return [`dirty log tree: not replayed: ${inodes.size} files and folders may show older contents`];
  } catch (error) {
    if (!isReadError(error) || error.code === "transient" || error.code === "access") throw error;
    volume.setLogged("unknown");
    return [`dirty log tree: not replayed: what it is about cannot be read: ${error.message}`];
  }
}
