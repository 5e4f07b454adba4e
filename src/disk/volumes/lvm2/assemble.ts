import { isReadError, type ScanError, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { LogicalVolume, VolumeGroup } from "./group.ts";
import type { PhysicalVolume } from "./physical-volume.ts";
import type { Layout } from "./segment.ts";
import { GroupSources } from "./sources.ts";

/** A logical volume that a machine would have under `devices`. */
export interface FoundVolume {
  /** `p1/lvm:vg/lv`, by the first physical volume it lies on. */
  readonly name: string;
  /** The same by the group's other physical volumes. */
  readonly aliases: readonly string[];
  readonly devices: readonly string[];
  /** What locates it, in errors too: `x > gpt#1 > lvm:vg/lv`. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Its bytes; why they are not read; or, of a pool, that there are none to be read as they are. */
  readonly content:
    | { readonly kind: "data"; readonly data: ByteSource }
    | { readonly kind: "unread"; readonly type: string; readonly error: ScanError }
    | { readonly kind: "pool"; readonly type: string };
  readonly notes: readonly string[];
}

/** What became of a physical volume: part of a group, of none, or of one that cannot be told. */
export type Membership =
  | { readonly kind: "member"; readonly group: string }
  | { readonly kind: "free" }
  | { readonly kind: "unread"; readonly error: ScanError };

export interface Groups {
  readonly volumes: readonly FoundVolume[];
  readonly membershipOf: (pv: PhysicalVolume) => Membership;
}

/** Puts the volume groups together that lie on these physical volumes. */
export async function assemble(pvs: readonly PhysicalVolume[]): Promise<Groups> {
  const groups = newestOfEach(pvs.flatMap((pv) => pv.copies));
  const groupOf = new Map(
    groups.flatMap((group) => [...group.physicalVolumes.values()].map((pv) => [pv.uuid, group] as const)),
  );
  const volumes = await Promise.all(groups.map((group) => volumesOf(group, pvs)));
  return { volumes: volumes.flat(), membershipOf: (pv) => membership(pv, groupOf.get(pv.uuid)) };
}

/** Of the copies of one group's metadata, the one that was written last. */
function newestOfEach(copies: readonly VolumeGroup[]): readonly VolumeGroup[] {
  const newest = new Map<string, VolumeGroup>();
  for (const copy of copies) {
    const known = newest.get(copy.id);
    if (!known || copy.seqno > known.seqno) newest.set(copy.id, copy);
  }
  return [...newest.values()];
}

function membership(pv: PhysicalVolume, group: VolumeGroup | undefined): Membership {
  if (group) return { kind: "member", group: group.name };
  const [error] = pv.errors;
  if (error) return { kind: "unread", error };
  if (pv.used && pv.copies.length === 0)
    return {
      kind: "unread",
      error: unsupported(
        pv.data.label,
        "LVM2 physical volume of a group whose metadata lies on another disk: scan an image of the whole group",
      ),
    };
  return { kind: "free" };
}

async function volumesOf(
  group: VolumeGroup,
  pvs: readonly PhysicalVolume[],
): Promise<readonly FoundVolume[]> {
  const uuids = new Set([...group.physicalVolumes.values()].map((pv) => pv.uuid));
  const own = pvs.filter((pv) => uuids.has(pv.uuid));
  const [first] = own.length > 0 ? own : pvs;
  if (!first) return [];
  const present = new Map(own.map((pv) => [pv.uuid, pv]));
  const twice = copiesIn(own);
  const notes = [
    ...own.flatMap((pv) => notesOn(pv, group)),
    ...(group.exported ? ["its group is exported: no machine has it active before vgimport"] : []),
  ];
  const snapshots = snapshotsOf(group);
  const visible = [...group.logicalVolumes.values()].filter((volume) => isListed(volume, snapshots));
  const home = (volume: LogicalVolume): PhysicalVolume => homeOf(group, volume, present) ?? first;
  const sources = new GroupSources(
    group,
    new Map([...present].map(([uuid, pv]) => [uuid, pv.data])),
    (volume) => home(volume).data.label,
  );
  return Promise.all(
    visible.map(async (volume) => {
      const path = `lvm:${group.name}/${volume.name}`;
      const opened =
        twice === undefined
          ? await open(sources, volume, reasonOf(volume, snapshots))
          : refused(sources, volume, "LVM2_member", twice);
      return {
        name: `${home(volume).name}/${path}`,
        aliases: own.map((pv) => `${pv.name}/${path}`),
        devices: devicesOf(group, volume),
        label: sources.labelOf(volume),
        sizeBytes: sources.sizeOf(volume),
        content: opened.content,
        notes: [...notes, ...opened.notes],
      };
    }),
  );
}

/** LVM2 activates no volume of such a group. Source: lvm.conf(5), allow_changes_with_duplicate_pvs. */
function copiesIn(pvs: readonly PhysicalVolume[]): string | undefined {
  for (const { uuid } of pvs) {
    const copies = pvs.filter((pv) => pv.uuid === uuid);
    if (copies.length < 2) continue;
    const places = copies.map((pv) => pv.name).join(" and ");
    return `one LVM physical volume (${uuid}) lies in ${places}: which one counts cannot be told, scan an image that has one of them`;
  }
  return undefined;
}

function notesOn(pv: PhysicalVolume, group: VolumeGroup): readonly string[] {
  const stale = pv.copies.filter((copy) => copy.id === group.id && copy.seqno < group.seqno);
  return [
    ...pv.errors.map((error) => `${pv.name}: a copy of the LVM metadata was not used: ${error.message}`),
    ...stale.map(
      (copy) =>
        `${pv.name}: its LVM metadata is old (${copy.seqno}, elsewhere ${group.seqno}) and was not used`,
    ),
  ];
}

async function open(
  sources: GroupSources,
  volume: LogicalVolume,
  snapshot: string | undefined,
): Promise<Pick<FoundVolume, "content" | "notes">> {
  const pool = volume.segments.find((segment) => segment.layout.kind === "pool")?.layout;
  if (pool?.kind === "pool") return { content: { kind: "pool", type: pool.type }, notes: [] };
  if (snapshot !== undefined) return refused(sources, volume, "snapshot", snapshot);
  try {
    const { data, notes } = await sources.open(volume);
    return { content: { kind: "data", data }, notes };
  } catch (error) {
    if (!isReadError(error)) throw error;
    const refused = volume.segments.find((segment) => segment.layout.kind === "refused")?.layout;
    const type = refused?.kind === "refused" ? refused.type : "unknown";
    return { content: { kind: "unread", type, error }, notes: [] };
  }
}

function refused(
  sources: GroupSources,
  volume: LogicalVolume,
  type: string,
  why: string,
): Pick<FoundVolume, "content" | "notes"> {
  return {
    content: { kind: "unread", type, error: unsupported(sources.labelOf(volume), why) },
    notes: [],
  };
}

/** Snapshots of a group, by the volume that holds what changed. */
function snapshotsOf(group: VolumeGroup): ReadonlyMap<string, Extract<Layout, { kind: "snapshot" }>> {
  const layouts = [...group.logicalVolumes.values()]
    .flatMap((volume) => volume.segments)
    .map((one) => one.layout);
  return new Map(layouts.flatMap((layout) => (layout.kind === "snapshot" ? [[layout.cow, layout]] : [])));
}

/** What `lvs` lists. Source: LVM2 lib/metadata/lv_manip.c, lv_is_visible. */
function isListed(volume: LogicalVolume, snapshots: ReturnType<typeof snapshotsOf>): boolean {
  if (volume.segments.some(({ layout }) => layout.kind === "snapshot")) return false;
  const snapshot = snapshots.get(volume.name);
  return snapshot ? !snapshot.merging : volume.visible;
}

/** Why a volume that has to do with a snapshot is not what its extents hold. */
function reasonOf(volume: LogicalVolume, snapshots: ReturnType<typeof snapshotsOf>): string | undefined {
  const own = snapshots.get(volume.name);
  if (own)
    return `LVM snapshot of ${JSON.stringify(own.origin)}: scan the origin, or the snapshot's own device`;
  for (const { cow, origin, merging } of snapshots.values())
    if (merging && origin === volume.name)
      return `LVM volume that is going back to its snapshot ${JSON.stringify(cow)}: let that end`;
  return undefined;
}

/** The physical volume that a volume's first extent lies on. */
function homeOf(
  group: VolumeGroup,
  volume: LogicalVolume,
  present: ReadonlyMap<string, PhysicalVolume>,
): PhysicalVolume | undefined {
  let at: LogicalVolume | undefined = volume;
  for (let depth = 0; at && depth < 8; depth++) {
    const layout = at.segments[0]?.layout;
    if (layout?.kind !== "striped" && layout?.kind !== "copies") return undefined;
    const name = layout.areas[0]?.name ?? "";
    const pv = group.physicalVolumes.get(name);
    if (pv) return present.get(pv.uuid);
    at = group.logicalVolumes.get(name);
  }
  return undefined;
}

/** Source: libdm's dm_build_dm_name (hyphens doubled), udev's 13-dm-disk.rules. */
function devicesOf(group: VolumeGroup, volume: LogicalVolume): readonly string[] {
  const mapper = `${group.name.replaceAll("-", "--")}-${volume.name.replaceAll("-", "--")}`;
  return [
    `/dev/mapper/${mapper}`,
    `/dev/${group.name}/${volume.name}`,
    `/dev/disk/by-id/dm-name-${mapper}`,
    `/dev/disk/by-id/dm-uuid-LVM-${group.id}${volume.id}`,
  ];
}
