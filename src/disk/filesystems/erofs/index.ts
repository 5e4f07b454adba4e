/** EROFS. Source: Linux Documentation/filesystems/erofs.rst and fs/erofs/erofs_fs.h. */
import { corrupt } from "../../../errors.ts";
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import type { ErofsVolume } from "./inode.ts";
import { type ErofsNode, nodeOf } from "./node.ts";
import { isErofs, readSuperblock, SUPERBLOCK_BYTES, SUPERBLOCK_OFFSET } from "./superblock.ts";

export const erofs: Format<FileSystem> = {
  name: "erofs",

  async probe(source) {
    const end = SUPERBLOCK_OFFSET + SUPERBLOCK_BYTES;
    return source.size >= end && isErofs(await source.read(0, end));
  },

  async open(source) {
    const superblock = await readSuperblock(source);
    const volume: ErofsVolume = { source, superblock };
    const bytes = superblock.blocksCount * superblock.blockBytes;
    let root: Promise<ErofsNode> | undefined;
    return {
      type: "erofs",
      label: superblock.label,
      uuid: superblock.uuid,
      features: superblock.features,
      notes:
        bytes > source.size
          ? [`cut off: ${bytes} bytes of file system in a volume of ${source.size} bytes`]
          : [],
      caseSensitive: true,
      root() {
        root ??= openRoot(volume);
        return root;
      },
    };
  },
};

async function openRoot(volume: ErofsVolume): Promise<ErofsNode> {
  const node = await nodeOf(volume, volume.superblock.rootInode);
  if (node.type !== "directory")
    throw corrupt(volume.source.label, `root inode ${node.id} is a ${node.type}`);
  return node;
}
