/**
 * Which of several roots boots. Sources: Linux Documentation/admin-guide/kernel-parameters.txt (`root=`),
 * systemd-gpt-auto-generator(8), and ChromiumOS' "Disk format" for slots with a priority.
 */
import type { DiskVolume } from "../disk/disk.ts";
import { type Mount, Tree } from "../disk/filesystems/tree.ts";
import { observe } from "../model/observations.ts";
import { bootEntry } from "./boot/index.ts";
import { volumesOfDevice } from "./devices.ts";
import { bestSlot, isRootType } from "./discoverable.ts";
import { extract } from "./extract.ts";
import { argument } from "./ostree.ts";
import type { Candidate } from "./roots.ts";

/**
 * The volumes that the default boot entries name, one for each root whose /boot was looked at; `mountsOf` gives
 * the machine with that root.
 */
export async function rootsByBootEntry(
  roots: readonly Candidate[],
  volumes: readonly DiskVolume[],
  mountsOf: (root: Candidate) => readonly Mount[],
): Promise<readonly Candidate[]> {
  const named = await Promise.all(
    roots.map(async (root) => {
      const seen = observe(await extract(new Tree(mountsOf(root)), [bootEntry]));
      const { cmdline } = bootEntry.read(seen);
      const named = cmdline === undefined ? [] : rootVolumes(cmdline, volumes);
      return roots.filter((one) => named.includes(one.volume));
    }),
  );
  return [...new Set(named.flat())];
}

/** What `root=` names, copies included; for a mapped device, the partition that its table or dm-verity names. */
export function rootVolumes(cmdline: string, volumes: readonly DiskVolume[]): readonly DiskVolume[] {
  const device = argument(cmdline, "root");
  if (device === undefined) return [];
  const direct = volumesOfDevice(device, volumes);
  if (direct.length > 0 || !/^\/dev\/(dm-|mapper\/)/.test(device)) return direct;
  const ids = [...cmdline.matchAll(/PARTUUID=([0-9a-f-]{36})/gi)].map((match) => match[1] ?? "");
  const found = [...new Set(ids.flatMap((id) => volumesOfDevice(`PARTUUID=${id}`, volumes)))];
  return found.length === 1 ? found : [];
}

/** The root that the partition table itself prefers, if it does. */
export function rootByPartitionTable(roots: readonly Candidate[]): Candidate | undefined {
  const typed = roots.filter(({ volume }) => isRootType(volume.partition?.type ?? ""));
  return typed.length === 0 ? undefined : bestSlot(typed);
}
