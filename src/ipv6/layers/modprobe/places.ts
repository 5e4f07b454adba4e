import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { readConfigFolders } from "../../config-folders.ts";
import { LIBRARY_FOLDERS, namesIn } from "../../release.ts";
import { type Command, parseKernelCommandLine, parseModprobe } from "./parse.ts";

export const ETC = "/etc/modprobe.d";
export const FOLDERS: readonly string[] = [
  ETC,
  "/run/modprobe.d",
  "/usr/local/lib/modprobe.d",
  "/usr/lib/modprobe.d",
  "/lib/modprobe.d",
];

/** Versions of kmod between which something changed, oldest first. */
const VERSIONS = [28, 29, 32, 33, 34] as const;
type Version = (typeof VERSIONS)[number];

/** libkmod's soname to the version of kmod. Source: Makefile.am of each release. */
const BY_LIBRARY: readonly (readonly [library: number, version: Version])[] = [
  [20501, 34],
  [20500, 33],
  [20402, 32],
  [20307, 29],
  [0, 28],
];

export const VERSION_WANTS: readonly Want[] = LIBRARY_FOLDERS.map((path): Want => ({ path, what: "list" }));

export interface Reading {
  readonly commands: readonly Command[];
  readonly blindSpots: readonly BlindSpot[];
}

/** The program that the kernel, too, calls; asked for where it may be BusyBox's. */
export const MODPROBE: string = "/sbin/modprobe";

function isBusybox(observations: Observations): boolean {
  const entry = observations.entry(MODPROBE);
  return entry.state === "found" && entry.value.target?.endsWith("busybox") === true;
}

/** What the kmod of this image reads, the kernel command line last; one reading for each version it may be. */
export function readingsOf(observations: Observations, cmdline: string): readonly Reading[] {
  if (isBusybox(observations)) return [busyboxReading(observations, cmdline)];
  const version = versionOf(observations);
  return (version === undefined ? VERSIONS : [version]).map((one) => readingOf(observations, one, cmdline));
}

/** It knows no `install` and no `softdep`, and no other folder. Source: BusyBox, modutils/modprobe.c, config_file_action. */
function busyboxReading(observations: Observations, cmdline: string): Reading {
  const { files, blindSpots } = readConfigFolders(observations, [ETC], {
    layer: "modprobe",
    accepts: (name) => !name.startsWith(".") && name.endsWith(".conf"),
  });
  const commands = files
    .flatMap((file) => parseModprobe(file, ""))
    .filter(({ keyword }) => keyword !== "install" && keyword !== "softdep");
  return { commands: [...commands, ...parseKernelCommandLine(cmdline, true)], blindSpots };
}

/** Source: kmod, libkmod/libkmod.c, default_config_paths; libkmod-config.c, conf_files_filter_out. */
function readingOf(observations: Observations, version: Version, cmdline: string): Reading {
  const folders = FOLDERS.filter(
    (folder) =>
      (version >= 29 || !folder.startsWith("/usr/local/")) &&
      (version >= 32 || !folder.startsWith("/usr/lib/") || observations.realPath("/lib") !== "/lib"),
  );
  const { files, blindSpots } = readConfigFolders(observations, folders, {
    layer: "modprobe",
    accepts: (name) =>
      !name.startsWith(".") && (name.endsWith(".conf") || (version <= 32 && name.endsWith(".alias"))),
    ignoreFolders: true,
    ignoreDangling: version >= 34,
  });
  const commands = files.flatMap((file) => parseModprobe(file, version >= 34 ? "" : "\ufffd"));
  return { commands: [...commands, ...parseKernelCommandLine(cmdline, version >= 29)], blindSpots };
}

function versionOf(observations: Observations): Version | undefined {
  for (const name of namesIn(observations, LIBRARY_FOLDERS)) {
    const [, major, minor, patch] = /^libkmod\.so\.(\d+)\.(\d+)\.(\d+)$/.exec(name) ?? [];
    if (major === undefined) continue;
    const library = Number(major) * 10000 + Number(minor) * 100 + Number(patch);
    return BY_LIBRARY.find(([since]) => library >= since)?.[1];
  }
  return undefined;
}
