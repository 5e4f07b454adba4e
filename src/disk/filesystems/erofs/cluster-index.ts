import { corrupt } from "../../../errors.ts";
import { tablePieces } from "../../bytes/table-pieces.ts";
import type { View } from "../../bytes/view.ts";
import type { ErofsVolume, Inode } from "./inode.ts";

/** Source: Linux fs/erofs/erofs_fs.h, Z_EROFS_ADVISE_* and Z_EROFS_LCLUSTER_TYPE_*. */
export const ADVISE = { compact2b: 0x1, big1: 0x2, big2: 0x4, inline: 0x8, interlaced: 0x10, fragment: 0x20 };
export const TYPE = { plain: 0, head1: 1, nonHead: 2, head2: 3 } as const;
/** Marks the second logical cluster's field as a count of blocks. */
const COUNT_FLAG = 0x800;
const HEADER_BYTES = 8;
const ENTRY_BYTES = 8;

/** One logical cluster: it begins an extent at `within`, or belongs to one `back` clusters before. */
export interface Cluster {
  readonly type: number;
  readonly within: number;
  readonly back: number;
  /** Blocks of the extent that began one before, where that is written here. */
  readonly blocks: number | undefined;
  readonly block: number;
}

export interface ClusterIndex {
  readonly clustersCount: number;
  /** Where what follows the index begins. */
  readonly end: number;
  cluster(number: number): Promise<Cluster>;
}

export function clusterIndex(volume: ErofsVolume, inode: Inode, advise: number, label: string): ClusterIndex {
  const { blockBytes, blockBits } = volume.superblock;
  const clustersCount = Math.ceil(inode.sizeBytes / blockBytes);
  const piece = tablePieces(volume.source, label);
  const header = Math.ceil(inode.tail / 8) * 8;
  const entries = async (offset: number, bytes: number): Promise<View> => {
    const { view, at } = await piece(offset, bytes, "cluster index");
    return view.sub(at, bytes);
  };
  if (inode.layout === "full") {
    const start = header + HEADER_BYTES + 8;
    return {
      clustersCount,
      end: start + clustersCount * ENTRY_BYTES,
      cluster: async (number) => fullCluster(await entries(start + number * ENTRY_BYTES, ENTRY_BYTES)),
    };
  }
  const start = header + HEADER_BYTES;
  const places = compactPlaces(start, clustersCount, (advise & ADVISE.compact2b) !== 0);
  const last = places(Math.max(0, clustersCount - 1));
  return {
    clustersCount,
    end: last.pack + last.bytes,
    async cluster(number) {
      const place = places(number);
      const pack = await entries(place.pack, place.bytes);
      return compactCluster(pack, place, Math.max(blockBits, 12), (advise & ADVISE.big1) !== 0);
    },
  };
}

function fullCluster(view: View): Cluster {
  const type = view.u16le(0) & 3;
  const within = view.u16le(2);
  if (type !== TYPE.nonHead) return { type, within, back: 0, blocks: undefined, block: view.u32le(4) };
  const delta = view.u16le(4);
  const counts = (delta & COUNT_FLAG) !== 0;
  return {
    type,
    within: 0,
    back: counts ? 1 : delta,
    blocks: counts ? delta & ~COUNT_FLAG : undefined,
    block: 0,
  };
}

interface Place {
  /** Where the pack of entries begins, and how many bytes it takes. */
  readonly pack: number;
  readonly bytes: number;
  readonly count: number;
  readonly slot: number;
}

/** Entries of 4 bytes up to a boundary of 32, then of 2 in packs of 16, then of 4 again. */
function compactPlaces(start: number, total: number, short: boolean): (number: number) => Place {
  const first = ((32 - (start % 32)) / 4) & 7;
  const shorts = short && first < total ? Math.floor((total - first) / 16) * 16 : 0;
  return (number) => {
    const inShort = number >= first && number < first + shorts;
    let at = start + number * 4;
    if (inShort) at = start + first * 4 + (number - first) * 2;
    else if (number >= first) at = start + first * 4 + shorts * 2 + (number - first - shorts) * 4;
    const bytes = inShort ? 32 : 8;
    const pack = Math.floor(at / bytes) * bytes;
    return { pack, bytes, count: inShort ? 16 : 2, slot: (at - pack) / (inShort ? 2 : 4) };
  };
}

/** A pack holds bit fields, and at its end the block from which its extents' blocks are counted. */
function compactCluster(pack: View, { bytes, count, slot }: Place, lowBits: number, big: boolean): Cluster {
  const wide = ((bytes - 4) * 8) / count;
  const field = (index: number): { low: number; type: number } => {
    const bit = index * wide;
    const value = pack.u32le(bit >> 3) >>> (bit & 7);
    return { low: value & ((1 << lowBits) - 1), type: (value >>> lowBits) & 3 };
  };
  const { low, type } = field(slot);
  if (type === TYPE.nonHead) {
    if ((low & COUNT_FLAG) !== 0) return { type, within: 0, back: 1, blocks: low & ~COUNT_FLAG, block: 0 };
    if (slot + 1 !== count) return { type, within: 0, back: low, blocks: undefined, block: 0 };
    // The last one of a pack says how far the next head is: how far the last was, the one before it says.
    const before = field(slot - 1);
    const away = before.type !== TYPE.nonHead ? 0 : (before.low & COUNT_FLAG) !== 0 ? 1 : before.low;
    return { type, within: 0, back: away + 1, blocks: undefined, block: 0 };
  }
  const base = pack.u32le(bytes - 4);
  return {
    type,
    within: low,
    back: 0,
    blocks: undefined,
    block: base + blocksBefore(field, slot, big, pack),
  };
}

function blocksBefore(
  field: (index: number) => { low: number; type: number },
  slot: number,
  big: boolean,
  pack: View,
): number {
  let blocks = big ? 0 : 1;
  for (let i = slot - 1; i >= 0; i--) {
    const { low, type } = field(i);
    if (type !== TYPE.nonHead) blocks++;
    else if (!big) {
      i -= low;
      if (i >= 0) blocks++;
    } else if ((low & COUNT_FLAG) !== 0) {
      i--;
      blocks += low & ~COUNT_FLAG;
    } else {
      if (low <= 1) throw corrupt(pack.label, "cluster index: a pack that does not add up", pack.base);
      i -= low - 2;
    }
  }
  return blocks;
}
