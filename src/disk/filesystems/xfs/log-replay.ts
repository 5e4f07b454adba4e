/**
 * What a mount does with a dirty log, in memory. Source: XFS Algorithms & Data Structures, "Journaling Log"; Linux
 * fs/xfs/xfs_log_recover.c. Intents that were not finished free blocks and change nothing that is read, but for
 * those that move extents.
 */
import { unsupported } from "../../../errors.ts";
import { bufferKey, parseBuffer, replayBuffer } from "./log-buffers.ts";
import type { LogReader } from "./log-head.ts";
import { parseCreated, parseInodeItem, replayCreated, replayInode } from "./log-inodes.ts";
import { BASIC_BLOCK_BYTES } from "./log-record.ts";
import { pendingRecords } from "./log-ring.ts";
import { type Range, Sectors } from "./log-sectors.ts";
import { committedItems, ITEM, type LogItem } from "./log-transactions.ts";
import type { XfsVolume } from "./volume.ts";

const SUPERBLOCK_LOG_FEATURES = { xattrs: 1 } as const;
/** Inodes are freed in clusters of 8 KiB, grown with their size in newer kernels. Source: xfs_ialloc_setup_geometry. */
const CLUSTER_BYTES = 8192;
const CLUSTER_INODE_BYTES = 256;

export interface Replayed {
  readonly sectors: Sectors;
  /** Why the log ends before its head, when it does. */
  readonly stopped: string | undefined;
}

/** The volume's sectors as they are once every committed transaction is in its place. */
export async function replayLog(volume: XfsVolume, log: LogReader): Promise<Replayed> {
  const { superblock, label } = volume;
  if (superblock.version !== 5) throw unsupported(label, "XFS log of version 4");
  if ((superblock.logIncompat & ~SUPERBLOCK_LOG_FEATURES.xattrs) !== 0)
    throw unsupported(label, `XFS log features ${superblock.logIncompat}`);
  const { records, stopped } = await pendingRecords(log, superblock.uuid);
  const items = committedItems(records);
  refuseUnfinished(items, label);
  const steps = items.flatMap((item) => stepOf(volume, item) ?? []);
  const cancelled = new Map<string, number>();
  for (const { cancels } of steps)
    if (cancels !== undefined) cancelled.set(cancels, (cancelled.get(cancels) ?? 0) + 1);
  const isCancelled = ({ keys }: Step): boolean => keys.some((key) => (cancelled.get(key) ?? 0) > 0);
  const sectors = await Sectors.load(
    volume.source,
    steps.flatMap(({ loads }) => loads ?? []),
  );
  for (const step of steps) {
    if (step.cancels !== undefined) cancelled.set(step.cancels, (cancelled.get(step.cancels) ?? 0) - 1);
    else if (!isCancelled(step)) step.apply(sectors);
  }
  return { sectors, stopped };
}

interface Step {
  /** The buffer that is given up here: what was logged of it before is not replayed. */
  readonly cancels?: string;
  /** The buffers that it changes. */
  readonly keys: readonly string[];
  readonly loads?: Range;
  apply(sectors: Sectors): void;
}

function stepOf(volume: XfsVolume, item: LogItem): Step | undefined {
  const { superblock } = volume;
  if (item.type === ITEM.buffer) {
    const buffer = parseBuffer(item, superblock);
    if (buffer.cancels) return { cancels: buffer.key, keys: [], apply: () => undefined };
    if (!buffer.matters) return undefined;
    return {
      keys: [buffer.key],
      loads: { offset: buffer.offset, length: buffer.length },
      apply: (sectors) => replayBuffer(sectors, item, buffer, superblock),
    };
  }
  if (item.type === ITEM.inode) {
    const inode = parseInodeItem(volume, item);
    return {
      keys: [bufferKey(inode.block, inode.blocks)],
      loads: { offset: inode.offset, length: inode.length },
      apply: (sectors) => replayInode(sectors, item, inode),
    };
  }
  if (item.type !== ITEM.inodesCreated) return undefined;
  const created = parseCreated(volume, item);
  const scaled = (CLUSTER_BYTES * superblock.inodeBytes) / CLUSTER_INODE_BYTES;
  const lengths = [CLUSTER_BYTES, scaled].map((bytes) => Math.max(bytes, superblock.blockBytes));
  const block = created.offset / BASIC_BLOCK_BYTES;
  return {
    keys: lengths.map((bytes) => bufferKey(block, bytes / BASIC_BLOCK_BYTES)),
    apply: (sectors) => replayCreated(volume, sectors, created),
  };
}

/** A mount goes on where extents were being moved between files. Source: xfs_bmap_item.c, xfs_exchmaps_item.c. */
function refuseUnfinished(items: readonly LogItem[], label: string): void {
  const open = new Set<string>();
  for (const { type, regions } of items) {
    const [format] = regions;
    if (!format) continue;
    if (type === ITEM.mapIntent || type === ITEM.exchangeIntent) open.add(`${type} ${format.big64le(8)}`);
    if (type === ITEM.mapDone || type === ITEM.exchangeDone) open.delete(`${type - 1} ${format.big64le(8)}`);
  }
  if (open.size > 0) throw unsupported(label, `XFS log: ${open.size} moves of extents that are not finished`);
}
