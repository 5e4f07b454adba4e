import { corrupt, isReadError, limitReached, unsupported } from "../../../errors.ts";
import { assembled, type Part, type Placed } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { LogicalVolume, PvEntry, VolumeGroup } from "./group.ts";
import { usableLegs } from "./raid-superblock.ts";
import type { AreaRef, Layout, Segment } from "./segment.ts";

/** The bytes of a logical volume, and what a reviewer should know about how they are put together. */
export interface Assembled {
  readonly data: ByteSource;
  readonly notes: readonly string[];
}

const DEPTH_MAX = 8;
const PIECES_MAX = 200_000;
const SCAN_INSTEAD = "scan it on a machine that has the volume active (its device), or a copy of its files";

/** Puts the logical volumes of one group together from the physical volumes that are there. */
export class GroupSources {
  readonly #group: VolumeGroup;
  /** By UUID. */
  readonly #present: ReadonlyMap<string, ByteSource>;
  readonly #homeOf: (volume: LogicalVolume) => string;
  /** Over all volumes of the group: what a crafted nest of volumes can cost. */
  #pieces = 0;

  /** `homeOf` labels the physical volume that a logical volume is shown under. */
  constructor(
    group: VolumeGroup,
    present: ReadonlyMap<string, ByteSource>,
    homeOf: (volume: LogicalVolume) => string,
  ) {
    this.#group = group;
    this.#present = present;
    this.#homeOf = homeOf;
  }

  labelOf(volume: LogicalVolume): string {
    return `${this.#homeOf(volume)} > lvm:${this.#group.name}/${volume.name}`;
  }

  sizeOf(volume: LogicalVolume): number {
    return volume.extents * this.#group.extentBytes;
  }

  /** @throws unsupported when its kind is not read or a physical volume is missing; corrupt; limit */
  async open(volume: LogicalVolume, depth = 0): Promise<Assembled> {
    if (depth > DEPTH_MAX) throw limitReached(this.labelOf(volume), "logical volumes nest too deep");
    const made = await Promise.all(volume.segments.map((segment) => this.#extentOf(volume, segment, depth)));
    const extents = made.map((one) => one.extent);
    const notes = [...new Set(made.flatMap((one) => one.notes))];
    return { data: assembled(extents, this.sizeOf(volume), this.labelOf(volume)), notes };
  }

  async #extentOf(
    volume: LogicalVolume,
    { startExtent, extents, layout }: Segment,
    depth: number,
  ): Promise<{ readonly extent: Placed; readonly notes: readonly string[] }> {
    const { extentBytes } = this.#group;
    const place = { start: startExtent * extentBytes, length: extents * extentBytes };
    switch (layout.kind) {
      case "zero":
        return { extent: { ...place, parts: [] }, notes: [] };
      case "striped": {
        const { areas, stripeBytes } = layout;
        const each = extents / areas.length;
        const opened = await Promise.all(areas.map((area) => this.#area(volume, area, each, depth)));
        const parts = opened.map((one) => one.part);
        return { extent: { ...place, parts, stripeBytes }, notes: opened.flatMap((one) => one.notes) };
      }
      case "copies": {
        const { part, notes } = await this.#copy(volume, layout, extents, depth);
        return { extent: { ...place, parts: [part] }, notes };
      }
      case "pool":
      case "snapshot":
        throw unsupported(this.labelOf(volume), `LVM ${layout.kind} where data was expected`);
      case "refused":
        throw unsupported(this.labelOf(volume), `LVM ${layout.what} (${layout.type}): ${SCAN_INSTEAD}`);
    }
  }

  /** One leg of a mirror: the first that is there among those that are up to date. */
  async #copy(
    volume: LogicalVolume,
    { areas, superblocks, type }: Extract<Layout, { kind: "copies" }>,
    extents: number,
    depth: number,
  ): Promise<Opened> {
    const { legs, notes } = await this.#usableLegs(superblocks, areas.length, depth);
    let failure = corrupt(this.labelOf(volume), `${type} of which no leg is up to date`);
    for (const leg of legs) {
      const area = areas[leg];
      if (!area) continue;
      try {
        const opened = await this.#area(volume, area, extents, depth);
        const read = `${type}: only leg ${leg} of ${areas.length} was read`;
        return { part: opened.part, notes: [...opened.notes, read, ...notes] };
      } catch (error) {
        if (!isReadError(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  async #usableLegs(
    superblocks: readonly string[],
    count: number,
    depth: number,
  ): ReturnType<typeof usableLegs> {
    if (superblocks.length === 0)
      return { legs: Array.from({ length: count }, (_, leg) => leg), notes: ["its log was not read"] };
    const metas = superblocks.map(async (name) => {
      const volume = this.#group.logicalVolumes.get(name);
      try {
        return volume && (await this.open(volume, depth + 1)).data;
      } catch (error) {
        if (!isReadError(error)) throw error;
        return undefined;
      }
    });
    return usableLegs(await Promise.all(metas));
  }

  async #area(volume: LogicalVolume, area: AreaRef, extents: number, depth: number): Promise<Opened> {
    if (++this.#pieces > PIECES_MAX)
      throw limitReached(this.labelOf(volume), `group of more than ${PIECES_MAX} pieces`);
    const pv = this.#group.physicalVolumes.get(area.name);
    if (pv) return { part: this.#onDisk(volume, pv, area, extents), notes: [] };
    const inner = this.#group.logicalVolumes.get(area.name);
    if (!inner) throw corrupt(this.labelOf(volume), `metadata: no volume ${JSON.stringify(area.name)}`);
    if (area.extent + extents > inner.extents)
      throw corrupt(this.labelOf(volume), `metadata: reaches past the end of ${inner.name}`);
    const { data, notes } = await this.open(inner, depth + 1);
    return { part: { source: data, offset: area.extent * this.#group.extentBytes }, notes };
  }

  #onDisk(volume: LogicalVolume, pv: PvEntry, { name, extent }: AreaRef, extents: number): Part {
    const label = this.labelOf(volume);
    const source = this.#present.get(pv.uuid);
    if (!source || pv.missing) {
      const last = pv.device === "" ? "" : `, last seen as ${JSON.stringify(pv.device)}`;
      const how = source ? "is marked as missing" : "is not in this image";
      throw unsupported(label, `needs physical volume ${name} (${pv.uuid}${last}), which ${how}`);
    }
    if (extent + extents > pv.extents)
      throw corrupt(label, `metadata: reaches past the ${pv.extents} extents of ${name}`);
    const { extentBytes } = this.#group;
    // Beyond the end of a disk that was cut, only the reads that need it fail.
    return { source, offset: pv.startBytes + extent * extentBytes };
  }
}

interface Opened {
  readonly part: Part;
  readonly notes: readonly string[];
}
