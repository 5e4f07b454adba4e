/**
 * What a GPT says of its partitions' purpose. Sources: UAPI Discoverable Partitions Specification (types, flags,
 * versions in labels); ChromiumOS "Disk format" ("Selecting the kernel") for priority, tries and success.
 */
import type { Partition } from "../disk/bytes/format.ts";
import type { DiskVolume } from "../disk/disk.ts";
import { compareSystemd } from "./boot/bls/version.ts";

const FLATCAR_ROOT = "3884dd41-8582-4404-b9a8-e9b84f2df50e";
const ROOT_TYPES = new Set([
  "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", // x86-64
  "b921b045-1df0-41c3-af44-4c6f280d3fae", // arm64
  "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", // ChromiumOS
  FLATCAR_ROOT,
]);
const USR_TYPES = new Set([
  "8484680c-9521-48c6-9c11-b0720656f69e", // x86-64
  "b0e01050-ee5f-4390-949a-9101b17104e9", // arm64
  "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6", // Flatcar
]);
/** Types whose attribute bits are priority (48-51), tries (52-55) and success (56). */
const SLOT_TYPES = new Set(["3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6"]);
/** The partition with /var, if it is this machine's own. */
export const VAR_TYPE = "4d21b016-b534-45c2-a9fb-5c16e091fd2d";
/** "Extended Boot Loader Partition": /boot. */
const XBOOTLDR_TYPE = "bc13c2ff-59e6-4262-a352-b275fd6f7172";
const NO_AUTO = 1n << 63n;

export function isRootType(type: string): boolean {
  return ROOT_TYPES.has(type);
}

/** Where the EFI system partition goes when nothing says so. */
export function espPath(rootType: string | undefined): string {
  return rootType === FLATCAR_ROOT ? "/boot" : "/boot/efi";
}

/** Where Flatcar has what an OEM adds, GRUB's variables among it; undefined for other systems. */
export function oemPath(rootType: string | undefined): string | undefined {
  return rootType === FLATCAR_ROOT ? "/oem" : undefined;
}

export function isUsrType(type: string): boolean {
  return USR_TYPES.has(type);
}

/** Not marked to be left alone by what mounts by the table. */
export function isAutomatic(partition: Partition): boolean {
  return ((partition.attributes ?? 0n) & NO_AUTO) === 0n;
}

export function isBootType(partition: Partition): boolean {
  return partition.type === XBOOTLDR_TYPE;
}

/**
 * The one of several that boots by the table alone: the highest priority that is known to work or has tries
 * left; among discoverable ones the newest version in the label. Undefined when none is ahead.
 */
export function bestSlot<T extends { readonly volume: DiskVolume }>(all: readonly T[]): T | undefined {
  const usable = all.filter(({ volume }) => isUsable(volume.partition));
  const [best, next] = usable.toSorted((a, b) => compare(b.volume.partition, a.volume.partition));
  if (best === undefined || next === undefined) return best;
  return compare(best.volume.partition, next.volume.partition) > 0 ? best : undefined;
}

function isUsable(partition: Partition | undefined): boolean {
  const attributes = partition?.attributes ?? 0n;
  if (!SLOT_TYPES.has(partition?.type ?? "")) return (attributes & NO_AUTO) === 0n;
  const tries = (attributes >> 52n) & 15n;
  const successful = (attributes >> 56n) & 1n;
  return priorityOf(partition) > 0 && (tries > 0n || successful === 1n);
}

function compare(a: Partition | undefined, b: Partition | undefined): number {
  const order = priorityOf(a) - priorityOf(b);
  if (order !== 0 || SLOT_TYPES.has(a?.type ?? "")) return order;
  return compareSystemd(a?.label ?? "", b?.label ?? "");
}

function priorityOf(partition: Partition | undefined): number {
  return SLOT_TYPES.has(partition?.type ?? "") ? Number(((partition?.attributes ?? 0n) >> 48n) & 15n) : 0;
}
