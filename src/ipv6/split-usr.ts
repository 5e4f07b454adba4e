import type { Observations } from "../model/observations.ts";

/** True when /lib is a folder of its own: Debian 11 and Ubuntu 20.04 that were upgraded, or made by other tools. */
export function isSplit(observations: Observations): boolean {
  return observations.list("/lib").state === "found" && observations.realPath("/lib") === "/lib";
}

/** Vendors' folders, with their twins in a /lib of its own. Source: systemd, HAVE_SPLIT_USR in path-util.h, def.h. */
export function withLib(observations: Observations, folders: readonly string[]): readonly string[] {
  if (!isSplit(observations)) return folders;
  return folders.flatMap((folder) =>
    folder.startsWith("/usr/lib/") ? [folder, folder.slice("/usr".length)] : [folder],
  );
}
