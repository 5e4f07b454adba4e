import type { Disk } from "../../disk/disk.ts";
import { ScanError } from "../../errors.ts";
import type { Doubt } from "../../model/extract.ts";
import type { RegistrySnapshot, RegistryWant } from "../../model/registry.ts";
import type { Asks } from "../../model/snapshot.ts";
import { extract } from "../extract.ts";
import type { Examined } from "../machine.ts";
import { type Candidate, candidatesAmong, type ReadCandidate, type Root } from "./candidates.ts";
import { readRegistry } from "./registry.ts";

/** Where a Windows may lie: a disk, or one file system without one. */
export type Place = Pick<Disk, "volumes" | "table"> | Root;

/** What is asked of a Windows; what is wanted only once the registry was seen comes from `follow`. */
export interface WindowsAsks {
  readonly files: Asks;
  readonly keys: readonly RegistryWant[];
  follow?(registry: RegistrySnapshot): {
    readonly files: Asks;
    readonly keys: readonly RegistryWant[];
    /** Whether the boot configuration is asked for the only Windows there is, too: it costs reads. */
    readonly ifBoots?: boolean;
  };
}

/** The Windows to be judged, what to tell of the others, and whether it may be the wrong one. */
interface Chosen {
  readonly windows: ReadCandidate;
  readonly notes: readonly string[];
  readonly doubts: readonly Doubt[];
  /** There is no other: nobody asked the boot configuration yet. */
  readonly isOnly?: true;
}

/**
 * Finds the volume that Windows boots from and fetches what is asked for: files, and keys of its registry.
 * Undefined when no volume has a Windows folder; rejects when the one that boots is among what could not be read.
 */
export async function examineWindows(
  place: Place,
  { files, keys, follow }: WindowsAsks,
): Promise<Examined | undefined> {
  const chosen = await chosenIn(place);
  if (!chosen) return undefined;
  const { tree, fs, locator } = chosen.windows;
  const [seen, { registry, notes, doubts }] = await Promise.all([
    extract(tree, [files]),
    readRegistry(tree, keys, (first) => follow?.(first).keys ?? []),
  ]);
  const { files: named, ifBoots = false } = follow?.(registry) ?? {};
  const booted = ifBoots && chosen.isOnly ? await ifItBoots(chosen.windows, place) : {};
  const more = named && named.wants.length > 0 ? (await extract(tree, [named])).entries : [];
  return {
    tree,
    snapshot: { entries: new Map([...seen.entries, ...more]), registry },
    doubts: [...chosen.doubts, ...(booted.doubts ?? []), ...doubts],
    notes: [
      ...chosen.notes,
      ...(booted.notes ?? []),
      ...fs.notes.map((note) => `${locator}: ${note}`),
      ...notes,
    ],
  };
}

async function chosenIn(place: Place): Promise<Chosen | undefined> {
  const volumes = "volumes" in place ? place.volumes : [];
  const all = await candidatesAmong(rootsOf(place), volumes);
  const readable = all.filter((one) => one.state === "read");
  const [first] = readable.toSorted((a, b) => Number(b.hasHive) - Number(a.hasHive));
  if (!first) {
    // A root folder that cannot be listed says more than that there is no Windows.
    const broken = all.find((one) => one.state === "unread" && one.volume?.content.kind !== "unread");
    if (broken?.state !== "unread") return undefined;
    const { code, message, at } = broken.error;
    throw new ScanError(code, `no operating system could be read: ${message}`, { at, cause: broken.error });
  }
  // One without a hive boots no Windows: a recovery volume, a leftover.
  const able = readable.some(({ hasHive }) => hasHive)
    ? all.filter((one) => one.state === "unread" || one.hasHive)
    : all;
  if (able.length === 1) return { windows: first, notes: others(all, first), doubts: [], isOnly: true };
  // Read only now: most disks have one Windows.
  const { whichBoots } = await import("./which-boots.ts");
  const choice = await whichBoots(able, volumes, "volumes" in place ? place.table : undefined);
  if ("why" in choice) {
    const names = able.map(({ locator, volume }) => volume?.name ?? locator).join(", ");
    const why = `it cannot be told which of ${able.length} volumes boots (${names}): ${choice.why}`;
    return {
      windows: first,
      notes: [...others(all, first), why],
      doubts: [{ locator: choice.store ?? first.locator, why, ofSystem: true }],
    };
  }
  if (choice.boots.state === "unread") {
    const { code, message, at } = choice.boots.error;
    const text = `the Windows that boots (says ${choice.store}) could not be read: ${message}`;
    throw new ScanError(code, text, { at, cause: choice.boots.error });
  }
  const note = `${choice.store} starts the Windows in ${choice.boots.locator}`;
  return { windows: choice.boots, notes: [note, ...others(all, choice.boots)], doubts: [] };
}

/** Whether a disk's boot configuration starts the only Windows there is, and not something that lies elsewhere. */
async function ifItBoots(
  windows: ReadCandidate,
  place: Place,
): Promise<Partial<Pick<Chosen, "notes" | "doubts">>> {
  if (!("volumes" in place)) return {};
  const { whichBoots } = await import("./which-boots.ts");
  const choice = await whichBoots([windows], place.volumes, place.table);
  if (!("why" in choice)) return { notes: [`${choice.store} starts the Windows in ${windows.locator}`] };
  const { why, store } = choice;
  if (store === undefined)
    return { notes: [`${why}: nothing says that the Windows in ${windows.locator} boots`] };
  const text = `it cannot be told whether the Windows in ${windows.volume?.name ?? windows.locator} boots: ${why}`;
  return { notes: [text], doubts: [{ locator: store, why: text, ofSystem: true }] };
}

function others(all: readonly Candidate[], judged: ReadCandidate): readonly string[] {
  return all
    .filter((one) => one !== judged)
    .map((one) =>
      one.state === "read"
        ? `another Windows lies in ${one.locator}${one.hasHive ? "" : " (without a SYSTEM hive)"}; judged: ${judged.locator}`
        : `${one.locator} may hold another Windows and was not read; judged: ${judged.locator}`,
    );
}

function rootsOf(place: Place): readonly Root[] {
  if (!("volumes" in place)) return [place];
  return place.volumes.flatMap((volume) =>
    volume.content.kind === "filesystem" ? [{ ...volume.content, volume }] : [],
  );
}
