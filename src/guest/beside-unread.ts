/**
 * What lies beside a root and could not be read may be the root that boots, or be mounted over it. Sources: Linux
 * Documentation/admin-guide/kernel-parameters.txt (`root=`); zfs-mount(8), zfs-mount-generator(8).
 */
import type { DiskVolume } from "../disk/disk.ts";
import type { Tree } from "../disk/filesystems/tree.ts";
import type { Doubt } from "../model/extract.ts";
import { observe } from "../model/observations.ts";
import { bootEntry } from "./boot/index.ts";
import { isRootType } from "./discoverable.ts";
import { textOf } from "./extract.ts";
import { parseFstab } from "./fstab.ts";
import type { Examined } from "./machine.ts";
import { argument } from "./ostree.ts";
import { rootVolumes } from "./root-device.ts";
import type { Candidate } from "./roots.ts";

/** What a `root=` has that names no device of a table: found out by a boot loader, systemd, or in steps from another. */
const FOUND_OUT = /^(gpt-auto|dissect|fstab|\/dev\/(root|gpt-auto-root))$|\?|PARTNROFF/;
const MAPPED = /^\/dev\/(dm-|mapper\/)/;
/** What mounts the file systems of a pool, each where the pool says. */
const ZFS_MOUNTS = [
  "/usr/lib/systemd/system/zfs-mount.service",
  "/lib/systemd/system/zfs-mount.service",
  "/usr/lib/systemd/system-generators/zfs-mount-generator",
  "/lib/systemd/system-generators/zfs-mount-generator",
  "/etc/init.d/zfs-mount",
];

/** Costs nothing where all of the disk was read. */
export async function besideUnread(
  examined: Examined,
  root: Candidate,
  volumes: readonly DiskVolume[],
): Promise<Examined> {
  const unread = volumes.filter(({ content }) => content.kind === "unread");
  const [first] = unread;
  if (!first) return examined;
  const pool = unread.find(({ content }) => content.kind === "unread" && content.type === "zfs_member");
  const doubts = [
    ...otherRoot(examined, root, volumes, first),
    ...(pool && (await mountsPools(examined.tree)) ? [mountedPool(pool)] : []),
  ];
  if (doubts.length === 0) return examined;
  return {
    ...examined,
    doubts: [...(examined.doubts ?? []), ...doubts],
    notes: [...examined.notes, ...doubts.map(({ why }) => why)],
  };
}

/** The boot entry names another root, or its own fstab does; failing both, an unread one is a root by its type. */
function otherRoot(
  examined: Examined,
  root: Candidate,
  volumes: readonly DiskVolume[],
  unread: DiskVolume,
): readonly Doubt[] {
  const seen = observe(examined.snapshot);
  const { cmdline } = bootEntry.read(seen);
  const byEntry = cmdline === undefined ? undefined : argument(cmdline, "root");
  const named =
    byEntry ?? parseFstab(textOf(seen, "/etc/fstab") ?? "").find(({ path }) => path === "/")?.device;
  const line = byEntry === undefined ? `root=${named}` : (cmdline ?? "");
  // The table of a mapped device is on the command line, too.
  if (named !== undefined && !FOUND_OUT.test(MAPPED.test(named) ? line : named)) {
    if (rootVolumes(line, volumes).some((volume) => isSame(volume, root.volume))) return [];
    const who = byEntry === undefined ? "fstab" : "the boot entry";
    const why = `${who} names ${named} as the root, which is not ${root.locator}, and not all of the disk could be read`;
    return [{ locator: unread.data.label, why, ofSystem: true }];
  }
  const typed = volumes.find(
    ({ content, partition }) => content.kind === "unread" && isRootType(partition?.type ?? ""),
  );
  if (!typed || isRootType(root.volume.partition?.type ?? "")) return [];
  const why = `${typed.name} is a root by its type and could not be read; judged: ${root.locator}`;
  return [{ locator: typed.data.label, why, ofSystem: true }];
}

/** The devices of one Btrfs are one. */
function isSame(a: DiskVolume, b: DiskVolume): boolean {
  if (a === b) return true;
  return (
    a.content.kind === "filesystem" &&
    b.content.kind === "filesystem" &&
    a.content.fs.type === "btrfs" &&
    a.content.fs.uuid !== "" &&
    a.content.fs.uuid === b.content.fs.uuid
  );
}

async function mountsPools(tree: Tree): Promise<boolean> {
  const found = await Promise.all(ZFS_MOUNTS.map((path) => tree.resolve(path)));
  return found.some(({ state }) => state !== "absent");
}

function mountedPool({ name, data }: DiskVolume): Doubt {
  const why = `the ZFS pool in ${name} was not read, and this system mounts its file systems where the pool says`;
  return { locator: data.label, why };
}
