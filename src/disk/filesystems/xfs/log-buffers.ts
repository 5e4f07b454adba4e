/**
 * Logged buffers: metadata blocks in chunks of 128 bytes. Source: XFS Algorithms & Data Structures, "Buffer Log
 * Item"; Linux fs/xfs/xfs_buf_item_recover.c.
 */
import { corrupt, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { seal } from "./checksum.ts";
import { BASIC_BLOCK_BYTES } from "./log-record.ts";
import type { Range, Sectors } from "./log-sectors.ts";
import { BUFFER, type LogItem } from "./log-transactions.ts";
import type { Superblock } from "./superblock.ts";

const CHUNK_BYTES = 128;
const MAP_OFFSET = 20;
const BUFFER_MAX_BYTES = 64 << 10;

/** Source: xfs_log_format.h, enum xfs_blft. */
const TYPE = { tree: 4, inodes: 8, block: 10, data: 11, leaf: 13, leafNode: 14, index: 15 } as const;
/** Quotas, free space, inode allocation, free indexes, attributes: nothing here is ever read. */
const NOT_READ: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 7, 12, 16, 17, 19, 20]);
const DIRECTORY: ReadonlySet<number> = new Set([TYPE.block, TYPE.data, TYPE.leaf, TYPE.leafNode]);

export interface LoggedBuffer extends Range {
  readonly key: string;
  readonly cancels: boolean;
  /** Whether anything that is read can lie in it. */
  readonly matters: boolean;
  readonly type: number;
}

/** Names a buffer as the log cancels them: by its place and length, in blocks of 512 bytes. */
export function bufferKey(block: number, blocks: number): string {
  return `${block} ${blocks}`;
}

export function parseBuffer({ regions }: LogItem, superblock: Superblock): LoggedBuffer {
  const [format] = regions;
  if (!format) throw new Error("a log item has at least one region");
  const flags = format.u16le(4);
  const blocks = format.u16le(6);
  const block = format.u64le(8);
  const type = flags >> 11;
  const length = blocks * BASIC_BLOCK_BYTES;
  const cancels = (flags & BUFFER.cancel) !== 0;
  const ofInodes = (flags & BUFFER.inodes) !== 0;
  // Of a buffer of inodes only the list of unlinked ones is logged this way.
  const matters = !cancels && !ofInodes && !NOT_READ.has(type);
  if (matters) {
    if (type === TYPE.inodes) throw unsupported(format.label, "XFS log: whole inodes as a buffer");
    const { directoryBlocks, blockBytes } = superblock;
    if (DIRECTORY.has(type) && length !== directoryBlocks * blockBytes)
      throw unsupported(format.label, "XFS log: a directory block in several places");
    if (length === 0 || length > BUFFER_MAX_BYTES)
      throw corrupt(format.label, `log: buffer of ${length} bytes`, format.base);
  }
  return {
    offset: block * BASIC_BLOCK_BYTES,
    length,
    key: bufferKey(block, blocks),
    cancels,
    matters,
    type,
  };
}

/** Puts the logged chunks into their block, unless what lies there is from later. */
export function replayBuffer(
  sectors: Sectors,
  item: LogItem,
  buffer: LoggedBuffer,
  superblock: Superblock,
): void {
  const bytes = sectors.read(buffer);
  if (!sectors.wrote(buffer.offset) && isLater(new View(bytes, "xfs"), item, superblock)) return;
  const [format, ...regions] = item.regions;
  if (!format) return;
  const words = format.u32le(16);
  const chunks = buffer.length / CHUNK_BYTES;
  const isSet = (bit: number): boolean =>
    bit < chunks &&
    bit < words * 32 &&
    ((format.u32le(MAP_OFFSET + (bit >> 5) * 4) >>> (bit & 31)) & 1) === 1;
  let bit = 0;
  for (const region of regions) {
    while (bit < chunks && !isSet(bit)) bit++;
    let end = bit;
    while (isSet(end) && (end - bit + 1) * CHUNK_BYTES <= region.length) end++;
    if (end === bit)
      throw corrupt(region.label, "log: buffer chunks that its map does not have", region.base);
    bytes.set(region.slice(0, (end - bit) * CHUNK_BYTES), bit * CHUNK_BYTES);
    bit = end;
  }
  const kind = kindOf(new View(bytes, "xfs"));
  // Trees of free space and of inodes come as the same type as those of extents.
  if (buffer.type === TYPE.tree && !kind) return;
  if (kind) seal(bytes, kind.crc);
  sectors.write(buffer.offset, bytes);
}

interface Kind {
  readonly crc: number;
  /** The log's place it was last written from: cycle and block. */
  readonly logged: number;
  readonly uuid: number;
}

const DATA: Kind = { crc: 4, logged: 16, uuid: 24 };
const INDEX: Kind = { crc: 12, logged: 24, uuid: 32 };
const INDEX_MAGIC_OFFSET = 8;
const SUPERBLOCK = "XFSB";

/** Version 5 blocks that are read, by their magic. Source: xfs_format.h, xfs_da_format.h. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  [SUPERBLOCK, { crc: 224, logged: 240, uuid: 32 }],
  ["BMA3", { crc: 64, logged: 32, uuid: 40 }],
  ["XDB3", DATA],
  ["XDD3", DATA],
  ["XSLM", { crc: 12, logged: 48, uuid: 16 }],
]);
const INDEX_KINDS: ReadonlyMap<number, Kind> = new Map(
  [0x3df1, 0x3dff, 0x3ebe].map((magic) => [magic, INDEX]),
);

function kindOf(block: View): Kind | undefined {
  return KINDS.get(block.ascii(0, 4)) ?? INDEX_KINDS.get(block.u16be(INDEX_MAGIC_OFFSET));
}

/** Whether a block was written to its place after this transaction. What has no such mark never was. */
function isLater(block: View, { at }: LogItem, { uuid, metaUuid }: Superblock): boolean {
  const kind = kindOf(block);
  if (!kind || block.uuid(kind.uuid) !== (block.is(0, SUPERBLOCK) ? uuid : metaUuid)) return false;
  const [cycle, number] = [block.u32be(kind.logged), block.u32be(kind.logged + 4)];
  if ((cycle === 0 && number === 0) || cycle === 0xffffffff) return false;
  return cycle > at.cycle || (cycle === at.cycle && number >= at.block);
}
