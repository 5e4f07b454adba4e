import type { DiskVolume } from "../disk/disk.ts";
import { joinPath, splitPath } from "../disk/filesystems/path.ts";
import { type Located, type Mount, Tree } from "../disk/filesystems/tree.ts";
import { isReadError, limitReached, unsupported } from "../errors.ts";
import { volumesOfDevice } from "./devices.ts";
import { espPath, isBootType, oemPath } from "./discoverable.ts";
import { type FstabEntry, isBind, isMounted, parseFstab } from "./fstab.ts";
import type { Candidate } from "./roots.ts";
import { bindMount, folderAt } from "./subtree.ts";
import { mountOfSubvolume, subvolumeIn } from "./subvolumes.ts";
import { runMount, tmpfsMount } from "./tmpfs.ts";

/** GPT label. Source: Flatcar, "Disk layout". */
const OEM_LABEL = "OEM";
/** What the kernel makes up, and /run, which init mounts itself. */
const NOT_ON_DISK = /^\/(proc|sys|dev)(\/|$)|^\/run$/;
/** What boot loaders read, whether the machine mounts it or not. */
const OF_LOADERS = /^\/(boot|efi)(\/|$)/;
/** Where a disk that may be there later decides. */
const DECIDES = /^\/(etc|usr|boot|efi|var|lib|opt|root)(\/|$)/;
/** No link leads to these. */
const PLAIN = /^\/([^/]+|boot\/efi)$/;
/** The kernel takes no longer path. */
const PATH_MAX = 4096;
const MOUNTS_MAX = 500;
const LOADER = /^(grub2?|loader|extlinux|syslinux)$/;
const KERNEL = /^vmlinu[xz]/;

export function mountOf(path: string, { locator, fs, error }: Candidate): Mount {
  return { path, locator, fs: error ?? fs };
}

/** The mounts as the contents of the file systems suggest them. */
export function guess(root: Candidate, all: readonly Candidate[]): readonly Mount[] {
  const boot = guessBoot(all);
  const esp = all.find((one) => one.role === "esp");
  const oem = oemPath(root.volume.partition?.type);
  const ofOem = all.find(({ volume, subvolume }) => volume.partition?.label === OEM_LABEL && !subvolume);
  return [
    mountOf("/", root),
    runMount(root.locator),
    ...(root.mounts ?? []),
    ...(boot ? [boot] : []),
    ...(esp ? [mountOf(espPath(root.volume.partition?.type), esp)] : []),
    ...(oem && ofOem ? [mountOf(oem, ofOem)] : []),
  ];
}

function guessBoot(all: readonly Candidate[]): Mount | undefined {
  const boots = all.filter((one) => one.role === "boot");
  const [first] = boots;
  const typed = boots.find(({ volume }) => volume.partition && isBootType(volume.partition));
  const count = new Set(boots.map(({ volume }) => volume)).size;
  if (!first || typed || count < 2) return first && mountOf("/boot", typed ?? first);
  const why = `which of ${count} file systems is /boot cannot be told: fstab names none`;
  return { path: "/boot", locator: first.locator, fs: unsupported(first.locator, why) };
}

export interface Settled {
  readonly mounts: readonly Mount[];
  readonly notes: readonly string[];
  /** Where fstab mounts only once init runs. */
  readonly late: readonly string[];
}

/** The mounts as fstab has them, with the guess where fstab is silent. */
export async function settle(
  root: Candidate,
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
  fstab: string | undefined,
): Promise<Settled> {
  const notes: string[] = [];
  const given = [mountOf("/", root), runMount(root.locator), ...(root.mounts ?? [])];
  const bare = new Tree(given);
  const entries = parseFstab(fstab ?? "").filter((entry) => isWanted(entry) && !isLeftOut(entry, volumes));
  const { mounts, late } = await mounted(given, root.locator, entries, notes, (entry, path) =>
    mountOfEntry(entry, path, root, all, volumes),
  );
  const used = new Set([...mounts.values()].map((mount) => mount.locator));
  const left = all.filter(({ locator }) => !used.has(locator));
  for (const mount of guess(root, left)) {
    if (mounts.has(mount.path)) continue;
    if (mount.path === "/boot" && !isTyped(mount, all) && (await hasOwnBoot(bare))) {
      notes.push(`${mount.locator} looks like a /boot, but fstab does not name it and the root has its own`);
      continue;
    }
    mounts.set(mount.path, mount);
    if (fstab === undefined) notes.push(`no fstab: ${mount.locator} taken for ${mount.path}`);
    else if (mount.path !== "/boot/efi")
      notes.push(`${mount.locator} is not in fstab; taken for ${mount.path} by its content`);
  }
  return { mounts: [...mounts.values()], notes, late };
}

/**
 * The same for files that lie in no disk: they are what all its file systems hold, so that only what shows a folder of
 * them elsewhere, or hides one, counts.
 */
export async function settleFiles(
  given: readonly Mount[],
  locator: string,
  fstab: string | undefined,
): Promise<Settled> {
  const notes: string[] = [];
  const entries = parseFstab(fstab ?? "").filter(
    (entry) => isWanted(entry) && isMounted(entry) && (isBind(entry) || MADE_UP.has(entry.type)),
  );
  const { mounts, late } = await mounted(given, locator, entries, notes, (entry, path) =>
    isTmpfs(entry) ? tmpfsMount(path, locator) : refused(entry, path, locator, OVERLAID),
  );
  return { mounts: [...mounts.values()], notes, late };
}

const MADE_UP = new Set(["tmpfs", "ramfs", "overlay"]);
const OVERLAID = "an overlay here: what it hides and adds is not read";

function isTmpfs({ type }: FstabEntry): boolean {
  return type === "tmpfs" || type === "ramfs";
}

function refused({ line }: FstabEntry, path: string, locator: string, what: string): Mount {
  return { path, locator, fs: unsupported(locator, `fstab line ${line} mounts ${what}`) };
}

/** What is there already, and each line's on top. */
async function mounted(
  given: readonly Mount[],
  locator: string,
  entries: readonly FstabEntry[],
  notes: string[],
  other: (entry: FstabEntry, path: string) => Mount,
): Promise<{ readonly mounts: Map<string, Mount>; readonly late: readonly string[] }> {
  if (entries.length > MOUNTS_MAX)
    throw limitReached(locator, `fstab mounts more than ${MOUNTS_MAX} file systems`);
  const mounts = new Map(given.map((mount) => [mount.path, mount]));
  const lines = new Map<string, FstabEntry>();
  // What is bound may lie in what another line mounts.
  for (const entry of [...entries.filter((one) => !isBind(one)), ...entries.filter(isBind)]) {
    const tree = new Tree([...mounts.values()]);
    const path = PLAIN.test(entry.path) ? entry.path : await realPath(tree, entry.path);
    const earlier = lines.get(path);
    if (earlier) {
      // Source: systemd-fstab-generator, which writes a unit for each place once.
      if (earlier.device !== entry.device)
        notes.push(`fstab line ${entry.line} is not used: line ${earlier.line} mounts at ${path}, too`);
      continue;
    }
    lines.set(path, entry);
    const mount = isBind(entry) ? await mountOfBind(entry, path, tree) : other(entry, path);
    mounts.set(path, mount);
  }
  const late = [...lines].flatMap(([path, { options }]) =>
    BY_INITRD.test(path) || options.includes("x-initrd.mount") ? [] : path,
  );
  return { mounts, late };
}

/** Every initrd mounts it. Sources: dracut.cmdline(7); initramfs-tools, mountfs; systemd-fstab-generator(8). */
const BY_INITRD = /^\/usr$/;

function isWanted(entry: FstabEntry): boolean {
  // The root is known by now. A folder bound to itself shows what it showed before.
  if (entry.path === "/" || entry.path.length >= PATH_MAX || NOT_ON_DISK.test(entry.path)) return false;
  if (isBind(entry) && entry.device === entry.path) return false;
  return isMounted(entry) || OF_LOADERS.test(entry.path);
}

function isTyped({ locator }: Mount, all: readonly Candidate[]): boolean {
  const partition = all.find((one) => one.locator === locator)?.volume.partition;
  return partition !== undefined && isBootType(partition);
}

/**
 * A further disk that a machine made from this one alone does without: it shows the folder below. What could not be read
 * here may be that device.
 */
function isLeftOut(entry: FstabEntry, volumes: readonly DiskVolume[]): boolean {
  if (!entry.options.includes("nofail") || DECIDES.test(entry.path) || isBind(entry)) return false;
  if (volumes.some(({ content }) => content.kind === "unread")) return false;
  return /[/=]/.test(entry.device) && volumesOfDevice(entry.device, volumes).length === 0;
}

/** A whole /boot below where another one would be mounted. */
async function hasOwnBoot(tree: Tree): Promise<boolean> {
  try {
    const folder = await folderAt(tree, "/boot");
    const entries = folder ? await tree.listAt(folder) : [];
    return [LOADER, KERNEL].every((wanted) => entries.some(({ name }) => wanted.test(name)));
  } catch (error) {
    if (!isReadError(error)) throw error;
    return false;
  }
}

/** Where a mount point really lies, links followed as far as it is there. */
async function realPath(tree: Tree, path: string): Promise<string> {
  let real = "/";
  let isThere = true;
  for (const part of splitPath(path)) {
    const next = joinPath(real, part);
    const located: Located | undefined = isThere ? await tree.resolve(next) : undefined;
    isThere = located?.state === "found";
    real = located?.state === "found" ? located.path : next;
  }
  return real;
}

async function mountOfBind(entry: FstabEntry, path: string, tree: Tree): Promise<Mount> {
  const locator = tree.locator(entry.device);
  try {
    const folder = await folderAt(tree, entry.device);
    const { fs } = tree.mountOf(folder?.path ?? entry.device);
    if (folder && "root" in fs) return bindMount(path, fs, folder);
    const what = `fstab line ${entry.line} binds ${entry.device} here, which is no folder`;
    return { path, locator, fs: unsupported(locator, what) };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { path, locator, fs: error };
  }
}

function mountOfEntry(
  entry: FstabEntry,
  path: string,
  root: Candidate,
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
): Mount {
  if (isTmpfs(entry)) return tmpfsMount(path, root.locator);
  const [volume, ...copies] = volumesOfDevice(entry.device, volumes);
  const locator = volume?.data.label ?? "fstab";
  const refuse = (what: string): Mount => refused(entry, path, locator, what);
  if (copies.length > 0)
    return refuse(`${entry.device} here, which ${copies.length + 1} volumes of this disk answer to`);
  const candidate = all.find((one) => one.volume === volume);
  const which = subvolumeIn(entry.options);
  const whole = candidate?.whole ?? candidate;
  if (whole?.fs.subvolumes && which !== undefined)
    return mountOfSubvolume(path, whole.fs, whole.locator, which);
  if (candidate?.whole) return { path, ...candidate.whole };
  if (candidate) return mountOf(path, candidate);
  if (entry.type === "overlay") return refuse(OVERLAID);
  if (volume?.content.kind === "unread") return { path, locator, fs: volume.content.error };
  if (volume) return refuse(`${entry.device} here, which holds no file system`);
  return refuse(`${entry.device} here, which this disk does not have`);
}

export function sameMounts(a: readonly Mount[], b: readonly Mount[]): boolean {
  const key = (mounts: readonly Mount[]): string =>
    mounts
      .map(({ path, locator }) => `${path}=${locator}`)
      .toSorted()
      .join("\n");
  return key(a) === key(b);
}
