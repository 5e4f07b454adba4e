/**
 * XFS, versions 4 and 5. Source: "XFS Algorithms & Data Structures" (3rd edition, xfs-documentation), and for what
 * is younger Linux fs/xfs/libxfs/xfs_format.h and xfs_log_format.h.
 */
import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { Format } from "../../bytes/format.ts";
import type { FileSystem } from "../driver.ts";
import { recovered } from "./log.ts";
import { nodeOf, type XfsNode } from "./node.ts";
import { isXfs, parseSuperblock, type Superblock, sectorBytes } from "./superblock.ts";
import { XfsVolume } from "./volume.ts";

/** The front in which sectors of up to 4 KiB, and so nearly all, are whole. */
const FRONT_BYTES = 4096;

export const xfs: Format<FileSystem> = {
  name: "xfs",

  async probe(source) {
    return source.size >= FRONT_BYTES && isXfs(await source.read(0, FRONT_BYTES));
  },

  async open(source) {
    const superblock = await readSuperblock(source);
    const asItLies = new XfsVolume(source, superblock);
    // Asked for now, so that it shares a round with the log. Whoever wants the root hears of what is wrong.
    const lying = rootOf(asItLies);
    lying.catch(() => undefined);
    const { notes, stale: unreplayed, source: now } = await recovered(asItLies);
    const volume = now === source ? asItLies : new XfsVolume(now, await readSuperblock(now));
    const cut = sizeNotes(volume);
    const stale = unreplayed ?? cut[0];
    let root = volume === asItLies ? lying : undefined;
    return {
      type: "xfs",
      label: volume.superblock.label,
      uuid: volume.superblock.uuid,
      features: volume.superblock.features,
      notes: [...cut, ...notes],
      ...(stale === undefined ? {} : { stale }),
      caseSensitive: !volume.superblock.asciiCi,
      root() {
        root ??= rootOf(volume);
        return root;
      },
    };
  },
};

async function rootOf(volume: XfsVolume): Promise<XfsNode> {
  const { rootInode } = volume.superblock;
  const root = await nodeOf(volume, rootInode);
  if (root.type === "directory") return root;
  throw corrupt(volume.label, `root inode ${rootInode}: is a ${root.type}, not a directory`);
}

async function readSuperblock(source: ByteSource): Promise<Superblock> {
  const front = await source.read(0, FRONT_BYTES);
  const bytes = sectorBytes(front, source.label);
  const sector = bytes <= FRONT_BYTES ? front.subarray(0, bytes) : await source.read(0, bytes);
  return parseSuperblock(sector, source.label);
}

function sizeNotes({ source, superblock }: XfsVolume): readonly string[] {
  const bytes = superblock.blocksCount * superblock.blockBytes;
  return bytes > source.size
    ? [`cut off: ${bytes} bytes of file system in a volume of ${source.size} bytes`]
    : [];
}
