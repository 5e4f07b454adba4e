import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import { namesIn } from "./units.ts";

/*
 * The image's own scripts that go into the initramfs. What they write comes before sysctl and network managers: it lasts only
 * where IPv6 is off by the kernel's own start values. Source: initramfs-tools(7).
 */

const SCRIPTS = "/etc/initramfs-tools/scripts";
const START_VALUE = /disable[_-]ipv6/;

/** Folders to be listed. */
export function initramfsFolders(observations: Observations, { cmdline = "" }: BootFacts): readonly string[] {
  if (!START_VALUE.test(cmdline)) return [];
  return [SCRIPTS, ...namesIn(observations, SCRIPTS).map((name) => `${SCRIPTS}/${name}`)];
}

export function initramfsScripts(observations: Observations, boot: BootFacts): readonly string[] {
  return initramfsFolders(observations, boot).flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"]).map((name) => `${folder}/${name}`),
  );
}
