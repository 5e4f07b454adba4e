/** Feature bits of the superblock. Source: Linux fs/xfs/libxfs/xfs_format.h. */
export const VERSION = {
  mask: 0xf,
  attr: 0x10,
  logV2: 0x400,
  dirV2: 0x2000,
  asciiCi: 0x4000,
  moreBits: 0x8000,
} as const;

export const FEATURES2 = { lazyCount: 0x2, attr2: 0x8, projid32bit: 0x80, ftype: 0x200 } as const;

export const INCOMPAT = {
  ftype: 0x1,
  sparse: 0x2,
  metaUuid: 0x4,
  bigtime: 0x8,
  needsRepair: 0x10,
  nrext64: 0x20,
  exchange: 0x40,
  parent: 0x80,
  metadir: 0x100,
  zoned: 0x200,
  zoneGaps: 0x400,
} as const;

const KNOWN_INCOMPAT = Object.values(INCOMPAT).reduce((all, bit) => all | bit, 0);

/** The feature words; zero where the version has none. */
export interface FeatureWords {
  readonly version: number;
  readonly features2: number;
  readonly roCompat: number;
  readonly incompat: number;
}

type Names = readonly (readonly [bit: number, name: string])[];

/** Names as xfs_info prints them, in its order; the last three it does not show. */
const INCOMPAT_NAMES: Names = [
  [INCOMPAT.sparse, "sparse"],
  [INCOMPAT.bigtime, "bigtime"],
  [INCOMPAT.nrext64, "nrext64"],
  [INCOMPAT.exchange, "exchange"],
  [INCOMPAT.metadir, "metadir"],
  [INCOMPAT.parent, "parent"],
  [INCOMPAT.zoned, "zoned"],
  [INCOMPAT.metaUuid, "meta_uuid"],
  [INCOMPAT.needsRepair, "needsrepair"],
  [INCOMPAT.zoneGaps, "zone_gaps"],
];

const RO_COMPAT_NAMES: Names = [
  [0x1, "finobt"],
  [0x2, "rmapbt"],
  [0x4, "reflink"],
  [0x8, "inobtcount"],
];

/** What is on, by the names that xfs_info gives; unknown bits by their number. */
export function featureNames({ version, features2, roCompat, incompat }: FeatureWords): readonly string[] {
  const v5 = (version & VERSION.mask) === 5;
  const names: string[] = [];
  if (v5) names.push("crc");
  if ((features2 & FEATURES2.attr2) !== 0) names.push("attr2");
  if ((features2 & FEATURES2.projid32bit) !== 0) names.push("projid32bit");
  if ((features2 & FEATURES2.lazyCount) !== 0) names.push("lazy-count");
  if ((version & VERSION.asciiCi) !== 0) names.push("ascii-ci");
  if (hasFtype({ version, features2, roCompat, incompat })) names.push("ftype");
  return [
    ...names,
    ...namesOf(roCompat, RO_COMPAT_NAMES, "ro_compat"),
    ...namesOf(incompat & ~INCOMPAT.ftype, INCOMPAT_NAMES, "incompat"),
  ];
}

/** Directory entries say what they lead to. */
export function hasFtype({ version, features2, incompat }: FeatureWords): boolean {
  return (version & VERSION.mask) === 5
    ? (incompat & INCOMPAT.ftype) !== 0
    : (features2 & FEATURES2.ftype) !== 0;
}

/** Numbers of the incompatible bits that are not known. */
export function unknownIncompat(incompat: number): readonly number[] {
  return bitsOf(incompat & ~KNOWN_INCOMPAT);
}

function bitsOf(word: number): readonly number[] {
  return Array.from({ length: 32 }, (_, index) => index).filter((index) => (word & (1 << index)) !== 0);
}

function namesOf(word: number, names: Names, unknown: string): readonly string[] {
  return bitsOf(word).map(
    (index) => names.find(([bit]) => bit === (1 << index) >>> 0)?.[1] ?? `${unknown} bit ${index}`,
  );
}
