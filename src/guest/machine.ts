import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem } from "../disk/filesystems/driver.ts";
import { type Mount, Tree } from "../disk/filesystems/tree.ts";
import { unsupported } from "../errors.ts";
import type { Doubt } from "../model/extract.ts";
import { observe } from "../model/observations.ts";
import type { Asks, Snapshot } from "../model/snapshot.ts";
import { besideUnread } from "./beside-unread.ts";
import { bootEntry } from "./boot/index.ts";
import { volumesOfDevice } from "./devices.ts";
import { isRootType } from "./discoverable.ts";
import { extract, textOf } from "./extract.ts";
import { parseFstab } from "./fstab.ts";
import { lateSettings } from "./late-mounts.ts";
import { guess, mountOf, type Settled, sameMounts, settle, settleFiles } from "./mounts.ts";
import { withDeployments } from "./ostree.ts";
import { besideOthers } from "./other-systems.ts";
import { rootByPartitionTable, rootsByBootEntry } from "./root-device.ts";
import { rootByCommandLine } from "./root-flags.ts";
import { type Candidate, candidates } from "./roots.ts";
import { isMountedBy, subvolumeIn } from "./subvolumes.ts";
import { runMount } from "./tmpfs.ts";
import { overlaidEtcOf, withUsr } from "./usr.ts";
import { withVar } from "./var.ts";

/** The one operating system that would boot, its file systems in place. */
export interface Machine {
  readonly tree: Tree;
  /** What a reviewer should know: other roots, mounts by guess, replayed journals. */
  readonly notes: readonly string[];
}

export interface Examined extends Machine {
  readonly snapshot: Snapshot;
  /** What was read may be older than what the machine would see: registry hives whose log is missing. */
  readonly doubts?: readonly Doubt[];
}

const fstab: Asks = { wants: [{ path: "/etc/fstab" }] };

/**
 * Finds the root file system, puts /boot, /usr and the ESP in place and fetches what is asked for. The first
 * fetch goes by a guess from the contents of the file systems; only when fstab says otherwise is the tree put
 * together anew (what was read stays cached): waiting for fstab first would cost four dependent rounds.
 * Resolves to undefined when no file system looks like an operating system's root.
 */
export async function examine(
  volumes: readonly DiskVolume[],
  asks: readonly Asks[],
): Promise<Examined | undefined> {
  const all = await withDeployments(await candidates(volumes));
  const roots = rootsAmong(all);
  const [first] = roots;
  if (!first) return undefined;
  const bare = roots.length === 1 ? first : await whichBoots(roots, all, volumes);
  const root = await withVar(await withUsr(bare, all, volumes, guess(bare, all)), all, volumes);
  const hasSubvolumes = root.subvolume !== undefined || root.fs.subvolumes !== undefined;
  const wanted = [fstab, ...(hasSubvolumes ? [bootEntry] : []), ...asks];
  const examined = await putTogether(root, all, volumes, wanted);
  const whole = async (one: Examined, chosen: Candidate): Promise<Examined> =>
    besideOthers(await besideUnread(withNotes(one, chosen, roots, volumes), chosen, volumes), volumes);
  if (!hasSubvolumes) return whole(examined, root);
  const { cmdline } = bootEntry.read(observe(examined.snapshot));
  const chosen = await rootByCommandLine(cmdline, root, all);
  const better = chosen.root === root ? examined : await putTogether(chosen.root, all, volumes, wanted);
  return whole({ ...better, notes: [...chosen.notes, ...better.notes] }, chosen.root);
}

/** The machine with this root: by guess first, then as its fstab says. */
async function putTogether(
  root: Candidate,
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
  asks: readonly Asks[],
): Promise<Examined> {
  const guessed = guess(root, all);
  const tree = new Tree(guessed);
  const snapshot = await extract(tree, asks);
  const settled = await settle(root, all, volumes, textOf(observe(snapshot), "/etc/fstab"));
  return mountedAnew({ tree, snapshot }, settled, asks);
}

/** What was seen, or what is to be seen where fstab says otherwise. */
async function mountedAnew(
  seen: { readonly tree: Tree; readonly snapshot: Snapshot },
  { mounts, notes, late }: Settled,
  asks: readonly Asks[],
): Promise<Examined> {
  const isSame = sameMounts(seen.tree.mounts, mounts);
  const tree = isSame ? seen.tree : new Tree(mounts);
  const snapshot = isSame ? seen.snapshot : await extract(tree, asks);
  const doubts = lateSettings(observe(snapshot), tree, late);
  return { tree, snapshot, notes, ...(doubts.length > 0 ? { doubts } : {}) };
}

function withNotes(
  examined: Examined,
  root: Candidate,
  roots: readonly Candidate[],
  volumes: readonly DiskVolume[],
): Examined {
  const notes = [
    ...roots
      .filter((one) => one.locator !== root.locator)
      .map((one) => `another root file system lies in ${one.locator}; judged: ${root.locator}`),
    ...volumes
      .filter(({ data }) =>
        examined.tree.mounts.some((mount) => mount.locator.startsWith(`${data.label} > `)),
      )
      .flatMap(({ data, notes: own }) => own?.map((note) => `${data.label}: ${note}`) ?? []),
    ...examined.tree.mounts.flatMap(({ fs, locator }) =>
      "notes" in fs ? fs.notes.map((note) => `${locator}: ${note}`) : [],
    ),
    ...(root.notes ?? []),
    ...examined.notes,
  ];
  return { ...examined, notes };
}

/** The same for files that lie in no disk: one tree, and what its own fstab shows elsewhere. */
export async function examineFiles(
  fs: FileSystem,
  locator: string,
  asks: readonly Asks[],
): Promise<Examined | undefined> {
  const names = new Set((await (await fs.root()).list()).map((entry) => entry.name));
  if (!names.has("etc") && !names.has("usr")) return undefined;
  if ([...names].some((name) => name.toLowerCase() === "windows")) {
    const { isWindows } = await import("./windows/candidates.ts");
    if (await isWindows(fs, locator)) return undefined;
  }
  const bare: readonly Mount[] = [{ path: "/", locator, fs }, runMount(locator)];
  const given = [...bare, ...(await overlaidEtcOf(new Tree(bare), locator, fs))];
  const tree = new Tree(given);
  const wanted = [fstab, ...asks];
  const snapshot = await extract(tree, wanted);
  const settled = await settleFiles(given, locator, textOf(observe(snapshot), "/etc/fstab"));
  const examined = await mountedAnew({ tree, snapshot }, settled, wanted);
  return { ...examined, notes: [...fs.notes, ...examined.notes] };
}

/** File systems that look like a whole root; failing that, those that have an /etc, or are said to be one. */
function rootsAmong(all: readonly Candidate[]): readonly Candidate[] {
  const whole = all.filter((one) => one.role === "root");
  if (whole.length > 0) return whole;
  const partial = all.filter((one) => one.role === "etc");
  if (partial.length > 0 || !all.some((one) => one.role === "usr")) return partial;
  return all.filter((one) => one.role === "other" && isRootType(one.volume.partition?.type ?? ""));
}

/** Of several roots: what the boot entry names, what its own fstab calls the root, what the table prefers. */
async function whichBoots(
  roots: readonly Candidate[],
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
): Promise<Candidate> {
  const named = areApart(roots) ? await rootsByBootEntry(roots, volumes, (root) => guess(root, all)) : [];
  const among = named.length > 0 ? named : roots;
  const [first, ...rest] = among;
  if (!first) throw new Error("asked to choose among no roots");
  if (rest.length === 0) return first;
  const own = await Promise.all(among.map((root) => isRootByItsFstab(root, volumes)));
  const mine = among.filter((_, index) => own[index]);
  // Of the subvolumes of one volume the command line chooses, later.
  if (!areApart(among)) return mine[0] ?? first;
  const chosen = mine.length === 1 ? mine[0] : rootByPartitionTable(among);
  if (chosen) return chosen;
  const why = `which of ${among.length} roots boots cannot be told: no single one is named by its boot entry, fstab or GPT`;
  return { ...first, error: unsupported(first.locator, why), notes: [why] };
}

function areApart(roots: readonly Candidate[]): boolean {
  return new Set(roots.map(({ volume }) => volume)).size > 1;
}

async function isRootByItsFstab(root: Candidate, volumes: readonly DiskVolume[]): Promise<boolean> {
  const seen = observe(await extract(new Tree([mountOf("/", root)]), [fstab]));
  const entry = parseFstab(textOf(seen, "/etc/fstab") ?? "").find(({ path }) => path === "/");
  if (entry === undefined || !volumesOfDevice(entry.device, volumes).includes(root.volume)) return false;
  return isMountedBy(root, subvolumeIn(entry.options));
}
