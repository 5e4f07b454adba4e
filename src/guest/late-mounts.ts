/**
 * Settings that lie where fstab mounts. What reads them first does not wait for that: systemd-sysctl.service and
 * systemd-networkd.service have no DefaultDependencies and come after no local-fs.target, so that either may come first; a
 * boot with a bound /etc/sysctl.d had the settings below it. Sources: systemd.special(7), local-fs.target; those units.
 */
import type { Tree } from "../disk/filesystems/tree.ts";
import type { Doubt } from "../model/extract.ts";
import type { Observations } from "../model/observations.ts";
import { SYSCTL_CONF, SYSCTL_FOLDERS } from "../model/sysctl-folders.ts";

const READ_EARLY = [...SYSCTL_FOLDERS, SYSCTL_CONF, "/etc/modprobe.d", "/etc/systemd/network"];

export function lateSettings(seen: Observations, tree: Tree, late: readonly string[]): readonly Doubt[] {
  if (late.length === 0) return [];
  return READ_EARLY.flatMap((place): readonly Doubt[] => {
    const listed = seen.list(place);
    const names = listed.state === "found" ? listed.value : [];
    const paths = [place, ...names.map(({ name }) => `${place}/${name}`)];
    const [hit] = paths.flatMap((path) => {
      const real = seen.realPath(path);
      return late.flatMap((mount) => (real !== undefined && isBelow(real, mount) ? [{ path, mount }] : []));
    });
    // Most have a /usr/local that adds no settings.
    if (!hit || (names.length === 0 && hit.mount === "/usr/local")) return [];
    const why = `fstab mounts ${hit.mount}, and ${hit.path} may be read before or after that`;
    return [{ locator: tree.locator(hit.path), why }];
  });
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
