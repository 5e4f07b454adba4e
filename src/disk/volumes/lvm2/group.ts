import { corrupt } from "../../../errors.ts";
import { type Segment, segmentOf } from "./segment.ts";
import type { Section } from "./text.ts";

// Source: LVM2 lib/format_text/import_vsn1.c; names: lib/metadata/metadata.c, validate_name.

const SECTOR = 512;
const EXTENTS_MAX = 2 ** 32;
const NAME = /^(?!-)(?!\.{1,2}$)[a-zA-Z0-9+_.-]{1,127}$/;

/** A volume group as one copy of its metadata describes it. */
export interface VolumeGroup {
  readonly id: string;
  readonly name: string;
  /** Counts changes: of several copies the one with the highest is true. */
  readonly seqno: number;
  /** Given away: inactive until somebody imports it. */
  readonly exported: boolean;
  readonly extentBytes: number;
  /** By the name that segments use (`pv0`). */
  readonly physicalVolumes: ReadonlyMap<string, PvEntry>;
  readonly logicalVolumes: ReadonlyMap<string, LogicalVolume>;
}

export interface PvEntry {
  /** 32 characters, without hyphens. */
  readonly uuid: string;
  /** What the machine that wrote it called the device: for people only. */
  readonly device: string;
  readonly startBytes: number;
  readonly extents: number;
  /** Went missing while the group changed: what it holds may be old. */
  readonly missing: boolean;
}

export interface LogicalVolume {
  readonly name: string;
  readonly id: string;
  /** False for the parts that others are made of. */
  readonly visible: boolean;
  readonly extents: number;
  readonly segments: readonly Segment[];
}

/** The group that parsed metadata text describes. @throws corrupt */
export function groupOf(text: Section): VolumeGroup {
  const [found] = [...text.sections].filter(([, section]) => section.values.has("seqno"));
  if (!found) throw corrupt(text.label, "metadata without a volume group");
  const [name, group] = found;
  checkName(text, name);
  return {
    id: withoutHyphens(group.text("id")),
    name,
    seqno: group.count("seqno"),
    exported: [...group.list("status"), ...group.list("flags")].includes("EXPORTED"),
    extentBytes: extentBytesOf(group),
    physicalVolumes: new Map(
      [...group.section("physical_volumes").sections].map(([key, pv]) => [key, physicalVolumeOf(pv)]),
    ),
    logicalVolumes: new Map(
      [...group.section("logical_volumes").sections].map(([key, lv]) => [key, logicalVolumeOf(key, lv)]),
    ),
  };
}

function extentBytesOf(group: Section): number {
  const bytes = group.count("extent_size") * SECTOR;
  if (bytes === 0 || bytes > 2 ** 46) throw group.wrong("extent_size", "usable size");
  return bytes;
}

function physicalVolumeOf(pv: Section): PvEntry {
  const device = pv.values.get("device");
  return {
    uuid: withoutHyphens(pv.text("id")),
    device: typeof device === "string" ? device : "",
    startBytes: pv.count("pe_start") * SECTOR,
    extents: pv.count("pe_count"),
    missing: [...pv.list("status"), ...pv.list("flags")].includes("MISSING"),
  };
}

function logicalVolumeOf(name: string, lv: Section): LogicalVolume {
  checkName(lv, name);
  const segments = [...lv.sections.values()]
    .filter((section) => section.values.has("start_extent"))
    .map(segmentOf)
    .toSorted((a, b) => a.startExtent - b.startExtent);
  let extents = 0;
  for (const segment of segments) {
    if (segment.startExtent !== extents)
      throw corrupt(lv.label, `metadata: a segment begins at extent ${segment.startExtent}, not ${extents}`);
    extents += segment.extents;
  }
  if (segments.length === 0 || extents > EXTENTS_MAX) throw lv.wrong("segment_count", "usable number");
  const id = lv.values.get("id");
  return {
    name,
    id: typeof id === "string" ? withoutHyphens(id) : "",
    visible: lv.list("status").includes("VISIBLE"),
    extents,
    segments,
  };
}

function checkName(section: Section, name: string): void {
  if (!NAME.test(name)) throw corrupt(section.label, `metadata: ${JSON.stringify(name)} is no name`);
}

function withoutHyphens(id: string): string {
  return id.replaceAll("-", "");
}
