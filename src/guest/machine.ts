import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem } from "../disk/filesystems/driver.ts";
import { type Mount, Tree } from "../disk/filesystems/tree.ts";
import { unsupported } from "../errors.ts";
import type { Doubt } from "../model/extract.ts";
import type { Observations } from "../model/observations.ts";
import { observe } from "../model/observations.ts";
import type { Asks, Snapshot } from "../model/snapshot.ts";
import { bootEntry } from "./boot/index.ts";
import { volumeOfDevice } from "./devices.ts";
import { espPath, isBootType, isRootType, oemPath } from "./discoverable.ts";
import { extract, textOf } from "./extract.ts";
import { type FstabEntry, parseFstab } from "./fstab.ts";
import { withDeployments } from "./ostree.ts";
import { rootByPartitionTable, rootsByBootEntry } from "./root-device.ts";
import { rootByCommandLine } from "./root-flags.ts";
import { type Candidate, candidates } from "./roots.ts";
import { isMountedBy, mountOfSubvolume, subvolumeIn } from "./subvolumes.ts";
import { runMount } from "./tmpfs.ts";
import { withUsr } from "./usr.ts";
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

/** Mount points that can hold what decides about IPv6; everything else is not worth opening. */
const RELEVANT = /^\/(etc|usr|boot|efi|var|lib|opt|root)(\/|$)/;

/** GPT label. Source: Flatcar, "Disk layout". */
const OEM_LABEL = "OEM";

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
  if (!hasSubvolumes) return withNotes(examined, root, roots, volumes);
  const { cmdline } = bootEntry.read(observe(examined.snapshot));
  const chosen = await rootByCommandLine(cmdline, root, all);
  const better = chosen.root === root ? examined : await putTogether(chosen.root, all, volumes, wanted);
  return withNotes({ ...better, notes: [...chosen.notes, ...better.notes] }, chosen.root, roots, volumes);
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
  const { mounts, notes } = settle(root, guessed, all, volumes, observe(snapshot));
  if (sameMounts(guessed, mounts)) return { tree, snapshot, notes };
  const better = new Tree(mounts);
  return { tree: better, snapshot: await extract(better, asks), notes };
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

/** The same for files that lie in no disk: one tree, nothing to mount. */
export async function examineFiles(
  fs: FileSystem,
  locator: string,
  asks: readonly Asks[],
): Promise<Examined | undefined> {
  const names = new Set((await (await fs.root()).list()).map((entry) => entry.name));
  if (!names.has("etc") && !names.has("usr")) return undefined;
  const tree = new Tree([{ path: "/", locator, fs }, runMount(locator)]);
  return { tree, snapshot: await extract(tree, asks), notes: fs.notes };
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
  if (entry === undefined || volumeOfDevice(entry.device, volumes) !== root.volume) return false;
  return isMountedBy(root, subvolumeIn(entry.options));
}

function guess(root: Candidate, all: readonly Candidate[]): readonly Mount[] {
  const boots = all.filter((one) => one.role === "boot");
  const boot = boots.find(({ volume }) => volume.partition && isBootType(volume.partition)) ?? boots[0];
  const esp = all.find((one) => one.role === "esp");
  const oem = oemPath(root.volume.partition?.type);
  const ofOem = all.find(({ volume, subvolume }) => volume.partition?.label === OEM_LABEL && !subvolume);
  return [
    mountOf("/", root),
    runMount(root.locator),
    ...(root.mounts ?? []),
    ...(boot ? [mountOf("/boot", boot)] : []),
    ...(esp ? [mountOf(espPath(root.volume.partition?.type), esp)] : []),
    ...(oem && ofOem ? [mountOf(oem, ofOem)] : []),
  ];
}

/** The mounts as fstab has them, with the guess where fstab is silent. */
function settle(
  root: Candidate,
  guessed: readonly Mount[],
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
  seen: Observations,
): { readonly mounts: readonly Mount[]; readonly notes: readonly string[] } {
  const text = textOf(seen, "/etc/fstab");
  if (text === undefined) {
    const notes = guessed
      .slice(2 + (root.mounts?.length ?? 0))
      .map(({ path, locator }) => `no fstab: ${locator} taken for ${path}`);
    return { mounts: guessed, notes };
  }
  const notes: string[] = [];
  const mounts = new Map<string, Mount>([
    ["/", mountOf("/", root)],
    ["/run", runMount(root.locator)],
    ...(root.mounts ?? []).map((mount) => [mount.path, mount] as const),
  ]);
  for (const entry of parseFstab(text)) {
    if (!RELEVANT.test(entry.path) || entry.options.includes("noauto")) continue;
    // A folder bound to itself shows what it showed before.
    if (entry.device === entry.path && entry.options.some((option) => /^r?bind$/.test(option))) continue;
    // The physical root's line: the deployment in it stays the root.
    if (entry.path === "/" && root.isFolder) continue;
    const mount = mountOfEntry(entry, all, volumes);
    mounts.set(entry.path, mount);
  }
  const used = new Set([...mounts.values()].map((mount) => mount.locator));
  for (const mount of guessed) {
    if (mounts.has(mount.path) || used.has(mount.locator)) continue;
    mounts.set(mount.path, mount);
    if (mount.path !== "/boot/efi")
      notes.push(`${mount.locator} is not in fstab; taken for ${mount.path} by its content`);
  }
  return { mounts: [...mounts.values()], notes };
}

function mountOfEntry(entry: FstabEntry, all: readonly Candidate[], volumes: readonly DiskVolume[]): Mount {
  const volume = volumeOfDevice(entry.device, volumes);
  const candidate = all.find((one) => one.volume === volume);
  const which = subvolumeIn(entry.options);
  if (candidate?.fs.subvolumes && which !== undefined)
    return mountOfSubvolume(entry.path, candidate.fs, candidate.locator, which);
  if (candidate) return mountOf(entry.path, candidate);
  const locator = volume?.data.label ?? "fstab";
  if (entry.type === "overlay") {
    const what = `fstab line ${entry.line} mounts an overlay here: what it hides and adds is not read`;
    return { path: entry.path, locator, fs: unsupported(locator, what) };
  }
  const error =
    volume?.content.kind === "unread"
      ? volume.content.error
      : unsupported(
          locator,
          `fstab line ${entry.line} mounts ${entry.device} here, which this disk does not have`,
        );
  return { path: entry.path, locator, fs: error };
}

function mountOf(path: string, { locator, fs, error }: Candidate): Mount {
  return { path, locator, fs: error ?? fs };
}

function sameMounts(a: readonly Mount[], b: readonly Mount[]): boolean {
  const key = (mounts: readonly Mount[]): string =>
    mounts
      .map(({ path, locator }) => `${path}=${locator}`)
      .toSorted()
      .join("\n");
  return key(a) === key(b);
}
