/**
 * ext2, ext3 and ext4. Source: Linux Documentation/filesystems/ext4/ (data structures), and
 * Documentation/filesystems/ext4/journal.rst for JBD2.
 */
import { isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import { INCOMPAT } from "./features.ts";
import { replayJournal } from "./journal.ts";
import { type ExtNode, nodeOf } from "./node.ts";
import {
  isExt,
  parseSuperblock,
  SUPERBLOCK_BYTES,
  SUPERBLOCK_OFFSET,
  type Superblock,
} from "./superblock.ts";
import { ExtVolume } from "./volume.ts";

const ROOT_INODE = 2;

export const ext: Format<FileSystem> = {
  name: "ext",

  async probe(source) {
    const end = SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES;
    return source.size >= end && isExt(await source.read(0, end));
  },

  async open(source) {
    const superblock = await readSuperblock(source);
    const asItLies = new ExtVolume(source, superblock);
    const dirty = (superblock.incompat & INCOMPAT.recover) !== 0;
    const recovered: Recovered = dirty ? await recover(asItLies) : { volume: asItLies, notes: [] };
    const { volume, notes } = recovered;
    const stale = recovered.stale ?? cutOff(volume);
    let root: Promise<ExtNode> | undefined;
    return {
      type: superblock.type,
      label: superblock.label,
      uuid: superblock.uuid,
      features: superblock.features,
      notes: [...notesOn(volume), ...notes],
      ...(stale === undefined ? {} : { stale }),
      caseSensitive: true,
      root() {
        root ??= nodeOf(volume, ROOT_INODE);
        return root;
      },
    };
  },
};

/** No kernel mounts such a file system. */
function cutOff({ source, superblock }: ExtVolume): string | undefined {
  const bytes = superblock.blocksCount * superblock.blockBytes;
  if (bytes <= source.size) return undefined;
  return `cut off: ${bytes} bytes of file system in a volume of ${source.size} bytes`;
}

function notesOn(volume: ExtVolume): readonly string[] {
  const { incompat, hasErrors } = volume.superblock;
  const cut = cutOff(volume);
  const notes: string[] = cut === undefined ? [] : [cut];
  if (hasErrors) notes.push("marked as having errors: e2fsck was not run");
  if ((incompat & INCOMPAT.casefold) !== 0)
    notes.push("casefold: patterns of names are matched exactly, in case-insensitive directories, too");
  return notes;
}

async function readSuperblock(source: ByteSource): Promise<Superblock> {
  return parseSuperblock(await source.read(SUPERBLOCK_OFFSET, SUPERBLOCK_BYTES), source.label);
}

interface Recovered {
  readonly volume: ExtVolume;
  readonly notes: readonly string[];
  readonly stale?: string;
}

/** What the kernel would do at mount, in memory; when that fails, the file system as it lies there, with a note. */
async function recover(volume: ExtVolume): Promise<Recovered> {
  try {
    const { source, ...told } = await replayJournal(volume);
    return { volume: new ExtVolume(source, await readSuperblock(source)), ...told };
  } catch (error) {
    if (!isReadError(error) || error.code === "transient" || error.code === "access") throw error;
    const stale = `dirty journal: not replayed: ${error.message}`;
    return { volume, notes: [stale], stale };
  }
}
