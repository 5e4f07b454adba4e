import type { ByteSource } from "./bytes/byte-source.ts";
import type { ContainerFormat, Format, PartitionTable } from "./bytes/format.ts";
import type { Recognised } from "./bytes/signature.ts";
import { qcow2 } from "./containers/qcow2/qcow2.ts";
import { recogniseRefused as recogniseRefusedContainer } from "./containers/refused.ts";
import { vdi } from "./containers/vdi/vdi.ts";
import { vhd } from "./containers/vhd/vhd.ts";
import { vhdx } from "./containers/vhdx/vhdx.ts";
import { vmdk } from "./containers/vmdk/vmdk.ts";
import { btrfs } from "./filesystems/btrfs/index.ts";
import type { FileSystem } from "./filesystems/driver.ts";
import { erofs } from "./filesystems/erofs/index.ts";
import { exfat } from "./filesystems/exfat/index.ts";
import { ext } from "./filesystems/ext/index.ts";
import { fat } from "./filesystems/fat/index.ts";
import { ntfs } from "./filesystems/ntfs/index.ts";
import { squashfs } from "./filesystems/squashfs/index.ts";
import { xfs } from "./filesystems/xfs/index.ts";
import { gpt } from "./partitions/gpt.ts";
import { mbr } from "./partitions/mbr.ts";
import { recogniseOuter, recogniseRefused as recogniseRefusedVolume } from "./volumes/refused.ts";

/** What sixray opens. In each list the first whose probe says yes wins; raw needs no reader. */
export const CONTAINERS: readonly ContainerFormat[] = [qcow2, vmdk, vhdx, vdi];

/** Asked when none of the others says yes: their signature may stand at the end only, which costs a read. */
export const CONTAINERS_BY_END: readonly ContainerFormat[] = [vhd];

export const PARTITION_TABLES: readonly Format<PartitionTable>[] = [gpt, mbr];

/** Those that show in sector 0. */
const FILESYSTEMS_BY_SECTOR_0: readonly Format<FileSystem>[] = [xfs, ntfs, squashfs, exfat, fat];

/**
 * Those that show in the first 4 KiB. Signatures in sector 0 come first, ext last: stale ext superblocks survive
 * under younger formats.
 */
export const FILESYSTEMS: readonly Format<FileSystem>[] = [...FILESYSTEMS_BY_SECTOR_0, erofs, ext];

/**
 * Asked when none of the others says yes: the superblock lies 64 KiB in, a read of its own. Who makes a Btrfs
 * clears what comes before it, so that nothing older shows there. Source: btrfs-progs, zero_dev_start and
 * btrfs-convert's migrate_super_block.
 */
export const FILESYSTEMS_FURTHER_IN: readonly Format<FileSystem>[] = [btrfs];

/** What is recognised and not opened, with the reason. */
export function recogniseContainer(image: ByteSource): Promise<Recognised | undefined> {
  return recogniseRefusedContainer(image);
}

/** What outranks a file system in the same volume; nothing beyond the front is read for it. */
export function recogniseOuterLayer(volume: ByteSource): Promise<Recognised | undefined> {
  return recogniseOuter(volume);
}

export function recogniseVolume(volume: ByteSource): Promise<Recognised | undefined> {
  return recogniseRefusedVolume(volume);
}
