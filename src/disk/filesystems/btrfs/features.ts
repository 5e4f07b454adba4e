import { unsupported } from "../../../errors.ts";

// Source: Linux include/uapi/linux/btrfs.h (feature bits), fs/btrfs/fs.h (which are understood); names as
// `btrfs inspect-internal dump-super` prints them.

const INCOMPAT_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0, "mixed-backref"],
  [1, "default-subvol"],
  [2, "mixed-groups"],
  [3, "compress-lzo"],
  [4, "compress-zstd"],
  [5, "big-metadata"],
  [6, "extended-iref"],
  [7, "raid56"],
  [8, "skinny-metadata"],
  [9, "no-holes"],
  [10, "metadata-uuid"],
  [11, "raid1c34"],
  [16, "simple-quota"],
];
/** Recognised by name and refused: they change where things lie. */
const REFUSED_NAMES: ReadonlyMap<number, string> = new Map([
  [12, "zoned"],
  [13, "extent-tree-v2"],
  [14, "raid-stripe-tree"],
]);
const COMPAT_RO_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [0, "free-space-tree"],
  [1, "free-space-tree-valid"],
  [2, "verity"],
  [3, "block-group-tree"],
];
export const METADATA_UUID = 0x400n;

const FLAG_NAMES: ReadonlyMap<number, string> = new Map([
  [32, "a seed device, which other devices grow from"],
  [33, "a metadata dump (btrfs-image), without file contents"],
  [34, "a metadata dump (btrfs-image), without file contents"],
  [35, "a change of its UUID that was interrupted"],
  [36, "a change of its UUID that was interrupted"],
  [38, "a conversion to a block group tree that was interrupted"],
  [39, "a change of its data checksums that was interrupted"],
  [40, "a change of its metadata checksums that was interrupted"],
]);
/** Written, being relocated, marked as having errors: none changes how it is read. */
const FLAGS_READABLE = new Set([0, 1, 2]);

/** Feature names in bit order: incompatible ones first. */
export function featureNames(incompat: bigint, compatRo: bigint): readonly string[] {
  const named = (bits: bigint, names: typeof INCOMPAT_NAMES): readonly string[] =>
    names.flatMap(([bit, name]) => (has(bits, bit) ? [name] : []));
  return [...named(incompat, INCOMPAT_NAMES), ...named(compatRo, COMPAT_RO_NAMES)];
}

/** @throws unsupported when the file system uses what this reader does not know */
export function refuseUnreadable(incompat: bigint, flags: bigint, label: string, offset: number): void {
  const known = new Set(INCOMPAT_NAMES.map(([bit]) => bit));
  const features = bitsOf(incompat)
    .filter((bit) => !known.has(bit))
    .map((bit) => REFUSED_NAMES.get(bit) ?? `incompatible bit ${bit}`);
  if (features.length > 0) throw unsupported(label, `Btrfs feature ${features.join(", ")}`, offset);
  const states = bitsOf(flags)
    .filter((bit) => !FLAGS_READABLE.has(bit))
    .map((bit) => FLAG_NAMES.get(bit) ?? `superblock flag ${bit}`);
  if (states.length > 0) throw unsupported(label, `Btrfs with ${states.join(", ")}`, offset);
}

function has(bits: bigint, bit: number): boolean {
  return ((bits >> BigInt(bit)) & 1n) === 1n;
}

function bitsOf(bits: bigint): readonly number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => has(bits, bit));
}
