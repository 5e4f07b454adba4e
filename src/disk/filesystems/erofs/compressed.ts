import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { Extent } from "../../bytes/mapped.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import { ADVISE, type Cluster, type ClusterIndex, clusterIndex, TYPE } from "./cluster-index.ts";
import type { ErofsVolume, Inode } from "./inode.ts";
import { INCOMPAT } from "./superblock.ts";
import { unpack } from "./unpack.ts";

const EXTENT_MAX_BYTES = 16 << 20;
const PACKED_MAX_BYTES = 1 << 20;
const EXTENTS_MAX = 4;

interface Header {
  readonly advise: number;
  readonly algorithms: number;
  readonly inlineBytes: number;
}

/** Where an extent lies: plain bytes `start` to `end`, packed ones at `at`. */
interface Packed {
  readonly start: number;
  readonly end: number;
  readonly at: number;
  readonly bytes: number;
  readonly type: number;
}

/** Source: Linux fs/erofs/zmap.c and decompressor.c (what the structures mean). */
export function compressedExtents(
  volume: ErofsVolume,
  inode: Inode,
  label: string,
): (offset: number, length: number) => Promise<readonly Extent[]> {
  let opened: Promise<{ readonly header: Header; readonly index: ClusterIndex }> | undefined;
  const plain = recent<Uint8Array>(EXTENTS_MAX);
  return async (offset, length) => {
    opened ??= readHeader(volume, inode, label).then((header) => ({
      header,
      index: clusterIndex(volume, inode, header.advise, label),
    }));
    const { header, index } = await opened;
    const extents: Extent[] = [];
    for (let at = offset; at < offset + length; ) {
      const packed = await extentAt(volume, inode, header, index, at, label);
      const from = at;
      const to = Math.min(packed.end, offset + length);
      const make = async (): Promise<Uint8Array> => {
        const bytes = await plain(packed.start, () => plainOf(volume, header, packed, label));
        return bytes.subarray(from - packed.start, to - packed.start);
      };
      extents.push({ kind: "made", length: to - from, make });
      at = to;
    }
    return extents;
  };
}

async function readHeader({ source, superblock }: ErofsVolume, inode: Inode, label: string): Promise<Header> {
  const { incompat } = superblock;
  const since = INCOMPAT.bigPcluster | INCOMPAT.tailPacking | INCOMPAT.fragments;
  // The first format had no header there.
  if (inode.layout === "full" && (incompat & since) === 0)
    return { advise: 0, algorithms: 0, inlineBytes: 0 };
  const at = Math.ceil(inode.tail / 8) * 8;
  const view = new View(await source.read(at, 8), label, at);
  const advise = view.u16le(4);
  const bits = view.u8(7);
  if ((bits & 0x80) !== 0 || (advise & ADVISE.fragment) !== 0)
    throw unsupported(label, "EROFS fragments: the file's tail lies in the packed inode", at);
  if ((bits & 7) !== 0) throw unsupported(label, "EROFS logical clusters larger than a block", at);
  if ((advise & ~0x3f) !== 0 || (inode.layout === "full" && (advise & ADVISE.compact2b) !== 0))
    throw unsupported(label, `EROFS compression advice ${advise}`, at);
  return { advise, algorithms: view.u8(6), inlineBytes: (advise & ADVISE.inline) !== 0 ? view.u16le(2) : 0 };
}

async function extentAt(
  { superblock }: ErofsVolume,
  inode: Inode,
  header: Header,
  index: ClusterIndex,
  offset: number,
  label: string,
): Promise<Packed> {
  const { blockBytes } = superblock;
  let number = Math.floor(offset / blockBytes);
  let head = await index.cluster(number);
  if (head.type !== TYPE.nonHead && offset % blockBytes < head.within) {
    number -= 1;
    if (number < 0) throw corrupt(label, "the first extent does not begin at 0");
    head = await index.cluster(number);
  }
  for (let steps = 0; head.type === TYPE.nonHead; steps++) {
    if (head.back === 0 || head.back > number || steps > 8192)
      throw corrupt(label, `logical cluster ${number} points ${head.back} back`);
    number -= head.back;
    head = await index.cluster(number);
  }
  if (head.within >= blockBytes) throw corrupt(label, `logical cluster ${number} begins at ${head.within}`);
  const start = number * blockBytes + head.within;
  const end = await endOf(inode, index, number, blockBytes, label);
  if (end <= offset || start > offset)
    throw corrupt(label, `logical cluster ${number} does not reach ${offset}`);
  if (end === inode.sizeBytes && header.inlineBytes > 0) {
    if ((index.end % blockBytes) + header.inlineBytes > blockBytes)
      throw corrupt(label, `packed tail of ${header.inlineBytes} bytes crosses a block`, index.end);
    return { start, end, at: index.end, bytes: header.inlineBytes, type: head.type };
  }
  const blocks = await blocksOf(header, index, number, head, label);
  return { start, end, at: head.block * blockBytes, bytes: blocks * blockBytes, type: head.type };
}

/** An extent ends where the next one begins. */
async function endOf(
  inode: Inode,
  index: ClusterIndex,
  head: number,
  blockBytes: number,
  label: string,
): Promise<number> {
  for (let number = head + 1; number < index.clustersCount; number++) {
    if ((number - head) * blockBytes > EXTENT_MAX_BYTES)
      throw limitReached(label, `compressed extent of more than ${EXTENT_MAX_BYTES} bytes`);
    const { type, within } = await index.cluster(number);
    if (type !== TYPE.nonHead) return Math.min(inode.sizeBytes, number * blockBytes + within);
  }
  return inode.sizeBytes;
}

async function blocksOf(
  { advise }: Header,
  index: ClusterIndex,
  number: number,
  head: Cluster,
  label: string,
): Promise<number> {
  const big = head.type === TYPE.head1 ? advise & ADVISE.big1 : advise & ADVISE.big2;
  if (head.type === TYPE.plain || big === 0 || number + 1 >= index.clustersCount) return 1;
  const next = await index.cluster(number + 1);
  if (next.type !== TYPE.nonHead) return 1;
  if (next.blocks === undefined || next.blocks === 0)
    throw corrupt(label, `logical cluster ${number} does not say how many blocks it takes`);
  return next.blocks;
}

async function plainOf(
  { source, superblock }: ErofsVolume,
  { advise, algorithms }: Header,
  { start, end, at, bytes, type }: Packed,
  label: string,
): Promise<Uint8Array> {
  const length = end - start;
  if (type === TYPE.plain) {
    if ((advise & ADVISE.interlaced) !== 0) throw unsupported(label, "EROFS interlaced blocks", at);
    if (length > bytes) throw corrupt(label, `${length} bytes in a block of ${bytes}`, at);
    return source.read(at, length);
  }
  const algorithm = type === TYPE.head1 ? algorithms & 15 : algorithms >> 4;
  if (bytes > PACKED_MAX_BYTES) throw limitReached(label, `compressed extent of ${bytes} bytes`, at);
  const packed = new View(await source.read(at, bytes), label, at);
  return unpack(packed, algorithm, (superblock.incompat & INCOMPAT.zeroPadding) !== 0, length);
}
