import type { Section } from "./text.ts";

// Source: LVM2 lib/striped/striped.c, lib/mirror/mirrored.c, lib/raid/raid.c, lib/snapshot/snapshot.c and their
// neighbours: what each segment type writes (`*_text_export`).

const SECTOR = 512;
const AREAS_MAX = 1024;

/** A run of a logical volume's extents, and where they come from. */
export interface Segment {
  readonly startExtent: number;
  readonly extents: number;
  readonly layout: Layout;
}

export type Layout =
  /** Over the areas in turn, `stripeBytes` each. One area: linear. */
  | { readonly kind: "striped"; readonly stripeBytes: number; readonly areas: readonly AreaRef[] }
  /** Every area holds everything; `superblocks` are the volumes that say whose copy is up to date. */
  | {
      readonly kind: "copies";
      readonly type: "mirror" | "raid1";
      readonly areas: readonly AreaRef[];
      readonly superblocks: readonly string[];
    }
  | { readonly kind: "zero" }
  /** A pool: what it holds is seen through the volumes made from it. */
  | { readonly kind: "pool"; readonly type: string }
  /** `cow` holds what changed since or, being merged back, what `origin` is about to become. */
  | {
      readonly kind: "snapshot";
      readonly origin: string;
      readonly cow: string;
      readonly merging: boolean;
    }
  | { readonly kind: "refused"; readonly type: string; readonly what: string };

/** Extents of a physical or logical volume, by its name in the metadata. */
export interface AreaRef {
  readonly name: string;
  readonly extent: number;
}

/** What is not read, as a person would call it. */
const REFUSED: Readonly<Record<string, string>> = {
  thin: "thin volume",
  raid4: "RAID 4 volume",
  raid5: "RAID 5 volume",
  raid6: "RAID 6 volume",
  raid10: "RAID 10 volume",
  cache: "cached volume",
  writecache: "volume with a write cache",
  vdo: "VDO volume (deduplicated blocks)",
  integrity: "volume with integrity data",
  error: "volume of errors only",
};

/** @throws corrupt */
export function segmentOf(section: Section): Segment {
  const extents = section.count("extent_count");
  if (extents === 0) throw section.wrong("extent_count", "usable number");
  return { startExtent: section.count("start_extent"), extents, layout: layoutOf(section, extents) };
}

function layoutOf(section: Section, extents: number): Layout {
  // A compatibility flag may stand behind the type: `raid5+SOMETHING`.
  const [type = ""] = section.text("type").split("+");
  switch (type) {
    case "striped":
    case "linear":
      return striped(section, areasOf(section, "stripes"), extents);
    case "raid0":
      return striped(section, namesOf(section, "raid0_lvs").map(atStart), extents);
    case "raid0_meta":
      return striped(section, everyOther(namesOf(section, "raids"), 1).map(atStart), extents);
    case "mirror":
      return { kind: "copies", type, areas: some(section, areasOf(section, "mirrors")), superblocks: [] };
    case "raid1": {
      const names = namesOf(section, "raids");
      const areas = some(section, everyOther(names, 1).map(atStart));
      return { kind: "copies", type, areas, superblocks: everyOther(names, 0) };
    }
    case "zero":
      return { kind: "zero" };
    case "thin-pool":
    case "cache-pool":
    case "vdo-pool":
      return { kind: "pool", type };
    case "snapshot":
      return snapshot(section);
    default: {
      const what = REFUSED[type] ?? REFUSED[type.replace(/_.*$/, "")];
      return { kind: "refused", type, what: what ?? `volume of type ${JSON.stringify(type.slice(0, 40))}` };
    }
  }
}

function striped(section: Section, areas: readonly AreaRef[], extents: number): Layout {
  some(section, areas);
  if (areas.length === 1) return { kind: "striped", stripeBytes: SECTOR, areas };
  const stripeBytes = section.count("stripe_size") * SECTOR;
  if (stripeBytes === 0 || stripeBytes > 2 ** 31) throw section.wrong("stripe_size", "usable size");
  if (extents % areas.length !== 0)
    throw section.wrong("extent_count", `multiple of the ${areas.length} stripes`);
  return { kind: "striped", stripeBytes, areas };
}

function snapshot(section: Section): Layout {
  const merging = section.values.has("merging_store");
  return {
    kind: "snapshot",
    origin: section.text("origin"),
    cow: section.text(merging ? "merging_store" : "cow_store"),
    merging,
  };
}

/** `["pv0", 0, "pv1", 512]` */
function areasOf(section: Section, key: string): readonly AreaRef[] {
  const list = section.list(key);
  if (list.length % 2 !== 0) throw section.wrong(key, "list of pairs");
  return everyOther(list, 0).map((name, index) => {
    const extent = list[index * 2 + 1];
    if (typeof name !== "string" || typeof extent !== "number" || !Number.isSafeInteger(extent) || extent < 0)
      throw section.wrong(key, "list of pairs");
    return { name, extent };
  });
}

function namesOf(section: Section, key: string): readonly string[] {
  return section.list(key).map((name) => {
    if (typeof name !== "string") throw section.wrong(key, "list of names");
    return name;
  });
}

function some(section: Section, areas: readonly AreaRef[]): readonly AreaRef[] {
  if (areas.length === 0 || areas.length > AREAS_MAX)
    throw section.wrong("stripes", `list of 1 to ${AREAS_MAX} areas`);
  return areas;
}

function everyOther<T>(list: readonly T[], from: 0 | 1): readonly T[] {
  return list.filter((_, index) => index % 2 === from);
}

function atStart(name: string): AreaRef {
  return { name, extent: 0 };
}
