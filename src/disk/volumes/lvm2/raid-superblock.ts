import { isReadError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";

// Source: Linux drivers/md/dm-raid.c, struct dm_raid_superblock.

const BYTES = 64;
const DONE = 0xffff_ffff_ffff_ffffn;

/** What a leg's superblock says of the array, as of its last write. */
interface RaidSuperblock {
  readonly events: bigint;
  readonly failedDevices: bigint;
  /** True when this leg was whole, not in the middle of being rebuilt. */
  readonly whole: boolean;
  /** True when all legs were known to be equal. */
  readonly inSync: boolean;
}

/**
 * The legs of a RAID 1 volume whose copy is up to date, best first, with what a reviewer should know.
 * `metas` are their superblock volumes, undefined where one cannot be read.
 */
export async function usableLegs(
  metas: readonly (ByteSource | undefined)[],
): Promise<{ readonly legs: readonly number[]; readonly notes: readonly string[] }> {
  const all = await Promise.all(metas.map(readSuperblock));
  const known = all.flatMap((superblock, leg) => (superblock ? [{ leg, ...superblock }] : []));
  const [newest] = known.toSorted((a, b) =>
    a.events === b.events ? a.leg - b.leg : a.events > b.events ? -1 : 1,
  );
  if (!newest)
    return { legs: metas.map((_, leg) => leg), notes: ["its legs do not say which is up to date"] };
  const legs = known
    .filter((one) => one.whole && one.events === newest.events)
    .filter((one) => ((newest.failedDevices >> BigInt(one.leg)) & 1n) === 0n)
    .map((one) => one.leg);
  return { legs, notes: newest.inSync ? [] : ["its legs were not yet made equal"] };
}

async function readSuperblock(meta: ByteSource | undefined): Promise<RaidSuperblock | undefined> {
  if (!meta) return undefined;
  try {
    const view = new View(await meta.read(0, BYTES), meta.label);
    if (!view.is(0, "DmRd")) return undefined;
    return {
      events: view.big64le(16),
      failedDevices: view.big64le(24),
      whole: view.big64le(32) === DONE,
      inSync: view.big64le(40) === DONE,
    };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return undefined;
  }
}
