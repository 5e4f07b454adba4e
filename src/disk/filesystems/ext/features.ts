/** Feature bits of the superblock. Source: Linux Documentation/filesystems/ext4/super.rst. */
export const COMPAT = { hasJournal: 0x4, sparseSuper2: 0x200 } as const;

export const INCOMPAT = {
  compression: 0x1,
  filetype: 0x2,
  recover: 0x4,
  journalDev: 0x8,
  metaBg: 0x10,
  extents: 0x40,
  is64bit: 0x80,
  mmp: 0x100,
  flexBg: 0x200,
  eaInode: 0x400,
  dirdata: 0x1000,
  csumSeed: 0x2000,
  largedir: 0x4000,
  inlineData: 0x8000,
  encrypt: 0x10000,
  casefold: 0x20000,
} as const;

export const RO_COMPAT = { sparseSuper: 0x1, gdtCsum: 0x10, bigalloc: 0x200, metadataCsum: 0x400 } as const;

/** Names as dumpe2fs prints them, by bit. */
const COMPAT_NAMES: Names = [
  [0x1, "dir_prealloc"],
  [0x2, "imagic_inodes"],
  [0x4, "has_journal"],
  [0x8, "ext_attr"],
  [0x10, "resize_inode"],
  [0x20, "dir_index"],
  [0x40, "lazy_bg"],
  [0x100, "snapshot_bitmap"],
  [0x200, "sparse_super2"],
  [0x400, "fast_commit"],
  [0x800, "stable_inodes"],
  [0x1000, "orphan_file"],
];

const INCOMPAT_NAMES: Names = [
  [0x1, "compression"],
  [0x2, "filetype"],
  [0x4, "needs_recovery"],
  [0x8, "journal_dev"],
  [0x10, "meta_bg"],
  [0x40, "extent"],
  [0x80, "64bit"],
  [0x100, "mmp"],
  [0x200, "flex_bg"],
  [0x400, "ea_inode"],
  [0x1000, "dirdata"],
  [0x2000, "metadata_csum_seed"],
  [0x4000, "large_dir"],
  [0x8000, "inline_data"],
  [0x10000, "encrypt"],
  [0x20000, "casefold"],
];

const RO_COMPAT_NAMES: Names = [
  [0x1, "sparse_super"],
  [0x2, "large_file"],
  [0x8, "huge_file"],
  [0x10, "uninit_bg"],
  [0x20, "dir_nlink"],
  [0x40, "extra_isize"],
  [0x100, "quota"],
  [0x200, "bigalloc"],
  [0x400, "metadata_csum"],
  [0x800, "replica"],
  [0x1000, "read-only"],
  [0x2000, "project"],
  [0x4000, "shared_blocks"],
  [0x8000, "verity"],
  [0x10000, "orphan_present"],
];

/** Features that change what a reader must understand, and that this one does not. */
const READABLE =
  INCOMPAT.filetype |
  INCOMPAT.recover |
  INCOMPAT.metaBg |
  INCOMPAT.extents |
  INCOMPAT.is64bit |
  INCOMPAT.mmp |
  INCOMPAT.flexBg |
  INCOMPAT.eaInode |
  INCOMPAT.csumSeed |
  INCOMPAT.largedir |
  INCOMPAT.inlineData |
  INCOMPAT.encrypt |
  INCOMPAT.casefold;

type Names = readonly (readonly [bit: number, name: string])[];

export function featureNames(compat: number, incompat: number, roCompat: number): readonly string[] {
  return [
    ...namesOf(compat, COMPAT_NAMES, "FEATURE_C"),
    ...namesOf(incompat, INCOMPAT_NAMES, "FEATURE_I"),
    ...namesOf(roCompat, RO_COMPAT_NAMES, "FEATURE_R"),
  ];
}

/** Names of the incompatible features that keep the file system from being read. */
export function unreadableFeatures(incompat: number): readonly string[] {
  return namesOf(incompat & ~READABLE, INCOMPAT_NAMES, "FEATURE_I");
}

function namesOf(bits: number, names: Names, unknown: string): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < 32; index++) {
    const bit = (1 << index) >>> 0;
    if ((bits & bit) !== 0) found.push(names.find(([known]) => known === bit)?.[1] ?? `${unknown}${index}`);
  }
  return found;
}
