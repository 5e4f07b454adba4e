/**
 * A /usr that lies in a volume of its own and is in no fstab. Sources: UAPI Discoverable Partitions Specification,
 * systemd-fstab-generator(8) (`mount.usr=`), Flatcar's "Disk layout" and its overlay on /etc.
 */
import type { DiskVolume } from "../disk/disk.ts";
import type { FileSystem } from "../disk/filesystems/driver.ts";
import { type Mount, Tree } from "../disk/filesystems/tree.ts";
import { isReadError, type ScanError, unsupported } from "../errors.ts";
import { observe } from "../model/observations.ts";
import { bootEntry } from "./boot/index.ts";
import { volumeOfDevice } from "./devices.ts";
import { bestSlot, isUsrType } from "./discoverable.ts";
import { extract } from "./extract.ts";
import { argument } from "./ostree.ts";
import type { Candidate } from "./roots.ts";
import { type FoundFolder, folderAsFileSystem, folderAt } from "./subtree.ts";
import { union } from "./union.ts";

/** What lies below this shows through Flatcar's /etc. */
const LOWER_ETC = "/share/flatcar/etc";
/** What a command line has where its boot loader finds out on the machine. */
const ONLY_GRUB_KNOWS = "?";

/** The root with the /usr that belongs to it, when its own is empty and the disk has one. */
export async function withUsr(
  root: Candidate,
  all: readonly Candidate[],
  volumes: readonly DiskVolume[],
  mounts: readonly Mount[],
): Promise<Candidate> {
  const typed = volumes.filter(({ partition }) => isUsrType(partition?.type ?? ""));
  const alike = all.filter((one) => one.role === "usr" && one.volume !== root.volume);
  if (root.error || (typed.length === 0 && alike.length === 0)) return root;
  try {
    const own = new Tree([{ path: "/", locator: root.locator, fs: root.fs }]);
    const folder = await folderAt(own, "/usr");
    if (folder && (await own.listAt(folder)).length > 0) return root;
    const seen = observe(await extract(new Tree(mounts), [bootEntry]));
    const volume = choose(typed, alike, volumes, bootEntry.read(seen).cmdline);
    const usr = all.find((one) => one.volume === volume);
    if (volume && !usr && volume.content.kind === "unread") throw volume.content.error;
    if (!usr) throw undecided(root.locator, Math.max(typed.length, alike.length));
    if (usr.error) throw usr.error;
    return {
      ...root,
      mounts: [
        ...(root.mounts ?? []),
        { path: "/usr", locator: usr.locator, fs: usr.fs },
        ...(await overlaidEtc(root, own, usr)),
      ],
      notes: [...(root.notes ?? []), `${usr.locator} taken for /usr: the root's own is empty`],
    };
  } catch (error) {
    if (!isReadError(error)) throw error;
    return {
      ...root,
      mounts: [...(root.mounts ?? []), { path: "/usr", locator: root.locator, fs: error }],
    };
  }
}

function choose(
  typed: readonly DiskVolume[],
  alike: readonly Candidate[],
  volumes: readonly DiskVolume[],
  cmdline: string | undefined,
): DiskVolume | undefined {
  const named = ["verity.usr", "mount.usr", "usr"]
    .map((name) => (cmdline === undefined ? undefined : argument(cmdline, name)))
    .find((device) => device !== undefined && !device.startsWith("/dev/mapper/"));
  // Flatcar's GRUB asks the table itself, with gptprio.next.
  if (named !== undefined && !named.includes(ONLY_GRUB_KNOWS)) return volumeOfDevice(named, volumes);
  if (typed.length > 0) return bestSlot(typed.map((volume) => ({ volume })))?.volume;
  const [only, ...rest] = alike;
  return rest.length === 0 ? only?.volume : undefined;
}

async function overlaidEtc(root: Candidate, own: Tree, usr: Candidate): Promise<readonly Mount[]> {
  const lowerTree = new Tree([{ path: "/", locator: usr.locator, fs: usr.fs }]);
  return etcOver(own, root.locator, await folderAt(lowerTree, LOWER_ETC), usr.fs);
}

/** The same of files that lie in no disk. */
export async function overlaidEtcOf(own: Tree, locator: string, fs: FileSystem): Promise<readonly Mount[]> {
  return etcOver(own, locator, await folderAt(own, `/usr${LOWER_ETC}`), fs);
}

async function etcOver(
  own: Tree,
  locator: string,
  lower: FoundFolder | undefined,
  of: FileSystem,
): Promise<readonly Mount[]> {
  if (!lower) return [];
  const upper = await folderAt(own, "/etc");
  const fs = folderAsFileSystem(of, upper ? { ...lower, node: union(upper.node, lower.node) } : lower);
  return [{ path: "/etc", locator: upper ? `${locator} > /etc over ${lower.locator}` : lower.locator, fs }];
}

function undecided(locator: string, count: number): ScanError {
  return unsupported(locator, `which of ${count} /usr volumes is mounted cannot be told`);
}
