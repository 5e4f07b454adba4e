import type { PartitionTable } from "../../disk/bytes/format.ts";
import type { DiskVolume } from "../../disk/disk.ts";
import { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError } from "../../errors.ts";
import { type LoaderEntry, nextLoaders } from "./boot-configuration.ts";
import type { Candidate } from "./candidates.ts";
import { BCD_PATHS, hiveAt } from "./hives.ts";

/** Which of several Windows boots; or why that cannot be told. `store` is the boot configuration that was asked. */
export type Choice =
  | { readonly boots: Candidate; readonly store: string }
  | { readonly why: string; readonly store?: string };

interface Store {
  readonly tree: Tree;
  readonly path: string;
  readonly volume: DiskVolume;
}

const ESP_TYPES = new Set(["c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "ef"]);
const SYSTEM_ROOT = "/windows";

/** Asks the boot configurations of the disk; where it holds several, all that the firmware may load must agree. */
export async function whichBoots(
  candidates: readonly Candidate[],
  volumes: readonly DiskVolume[],
  table: PartitionTable | undefined,
): Promise<Choice> {
  const found = await Promise.all(storesAmong(volumes, table).map((one) => ask(one, candidates, table)));
  const choices = found.filter((one) => one !== undefined);
  const [first] = choices;
  if (!first) return { why: "no boot configuration (BCD) was found" };
  const undecided = choices.find((one) => "why" in one);
  if (undecided) return undecided;
  if (choices.every((one) => "boots" in one && "boots" in first && one.boots === first.boots)) return first;
  return { why: `${choices.length} boot configurations name different ones` };
}

/** Where the firmware may find a boot manager: in an ESP; with an MBR also in the partition that is active. */
function storesAmong(volumes: readonly DiskVolume[], table: PartitionTable | undefined): readonly Store[] {
  const at = (path: string, fits: (volume: DiskVolume) => boolean): readonly Store[] =>
    volumes.filter(fits).flatMap((volume) => {
      const { content } = volume;
      if (content.kind !== "filesystem") return [];
      return [{ tree: new Tree([{ path: "/", ...content }]), path, volume }];
    });
  const isEsp = ({ partition }: DiskVolume): boolean => ESP_TYPES.has(partition?.type ?? "");
  const isFat = ({ content }: DiskVolume): boolean =>
    content.kind === "filesystem" && content.fs.type === "vfat";
  const isActive = ({ partition }: DiskVolume): boolean => partition?.isActive ?? false;
  const uefi = at(BCD_PATHS.uefi, volumes.some(isEsp) ? isEsp : isFat);
  if (table?.scheme === "gpt") return uefi;
  return [...uefi, ...at(BCD_PATHS.bios, volumes.some(isActive) ? isActive : () => true)];
}

async function ask(
  { tree, path, volume }: Store,
  candidates: readonly Candidate[],
  table: PartitionTable | undefined,
): Promise<Choice | undefined> {
  const opened = await hiveAt(tree, path);
  const store = opened.locator;
  if (opened.state === "absent") return undefined;
  if (opened.state === "unreadable") return { why: `the boot configuration: ${opened.reason}`, store };
  if (opened.hive.stale !== undefined) return { why: `the boot configuration: ${opened.hive.stale}`, store };
  try {
    const entries = await nextLoaders(opened.hive, store);
    const answers = await Promise.all(entries.map((entry) => chosenBy(entry, volume, candidates, table)));
    const [first] = answers;
    if (first === undefined) return { why: "the boot configuration names nothing", store };
    if (typeof first === "string") return { why: first, store };
    if (answers.some((one) => one !== first))
      return { why: "the boot configuration starts one of them once and another one afterwards", store };
    return { boots: first, store };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { why: error.line, store };
  }
}

/** The candidate that an entry loads, or why none can be named. */
async function chosenBy(
  { id, device, path, systemRoot }: LoaderEntry,
  store: DiskVolume,
  candidates: readonly Candidate[],
  table: PartitionTable | undefined,
): Promise<Candidate | string> {
  const entry = `the boot entry ${id}`;
  if (systemRoot !== "" && toPath(systemRoot).toLowerCase() !== SYSTEM_ROOT)
    return `${entry} starts the Windows in ${systemRoot}, where none was looked for`;
  const named = (fits: (volume: DiskVolume) => boolean, what: string): Candidate | string =>
    candidates.find(({ volume }) => volume !== undefined && fits(volume)) ??
    `${entry} names ${what}, which holds no Windows here`;
  switch (device.kind) {
    case "gpt":
      if (table?.diskId !== device.diskId)
        return `${entry} names a partition of another disk, ${device.diskId}`;
      return named(({ partition }) => partition?.uuid === device.uuid, `the partition ${device.uuid}`);
    case "mbr":
      if (table?.diskId !== device.diskId)
        return `${entry} names a partition of another disk, ${device.diskId}`;
      return named(
        ({ partition }) => partition?.startBytes === device.startBytes,
        `the partition at byte ${device.startBytes}`,
      );
    case "boot":
      return named((volume) => volume === store, "the volume that it lies in itself");
    case "locate":
      return located(entry, path, candidates);
    case "other":
      return `${entry} names ${device.what}`;
  }
}

/** The boot manager takes the first volume with the loader in it: told only when no other could have one. */
async function located(
  entry: string,
  path: string,
  candidates: readonly Candidate[],
): Promise<Candidate | string> {
  if (path === "") return `${entry} looks for its Windows, and does not say by which file`;
  const holding = await Promise.all(
    candidates.map(
      async (one) => one.state === "unread" || (await one.tree.resolve(toPath(path))).state !== "absent",
    ),
  );
  const [first, ...rest] = candidates.filter((_, i) => holding[i]);
  if (!first) return `${entry} looks for ${path}, which no volume holds`;
  if (rest.length > 0) return `${entry} takes the first volume that holds ${path}, and several may`;
  return first;
}

function toPath(path: string): string {
  return path.replaceAll("\\", "/");
}
