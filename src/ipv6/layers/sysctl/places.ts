import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Step } from "../../../model/prediction.ts";
import { SPLIT_SYSCTL_FOLDER, SYSCTL_CONF, SYSCTL_FOLDERS } from "../../../model/sysctl-folders.ts";
import { type ConfigFile, isLoop, readConfigFolders, unseen } from "../../config-folders.ts";
import { type Line, textFile } from "../../lines.ts";
import { isSplit } from "../../split-usr.ts";
import { lineEndOf } from "./parse.ts";
import type { Program } from "./replay.ts";

/** The files that a program reads, in its order. */
export interface Places {
  readonly files: readonly ConfigFile[];
  readonly blindSpots: readonly BlindSpot[];
  readonly steps: readonly Step[];
}

export function placesOf(observations: Observations, program: Program): Places {
  return program.order.startsWith("by name")
    ? byName(observations, program)
    : byFolder(observations, program);
}

/** systemd leaves out hidden files; procps does not, and expands names as patterns. */
function byName(observations: Observations, program: Program): Places {
  const isSystemd = program.order === "by name";
  const [etc = "", run = "", ...vendors] = SYSCTL_FOLDERS;
  const folders = [...(program.order.includes("run first") ? [run, etc] : [etc, run]), ...vendors];
  const found = readConfigFolders(
    observations,
    isSplit(observations) ? [...folders, SPLIT_SYSCTL_FOLDER] : folders,
    {
      layer: "sysctl",
      accepts: (name) => name.endsWith(".conf") && (!isSystemd || !name.startsWith(".")),
      ending: lineEndOf(program.dialect),
      ignoreLoops: !program.loopsMask,
    },
  );
  const conf = isSystemd ? { files: [], blindSpots: [] } : theFile(observations, SYSCTL_CONF, program);
  const odd = isSystemd ? [] : found.files.filter(({ path }) => /[*?[{\\]/.test(path));
  return {
    files: [...found.files, ...conf.files],
    blindSpots: [
      ...found.blindSpots,
      ...conf.blindSpots,
      ...odd.map(({ path, locator }) =>
        unseen("sysctl", path, "procps takes its name for a pattern", locator),
      ),
    ],
    steps: found.overridden.map(({ path, by }) => ({
      layer: "sysctl",
      text: `${path} is not read: ${by} has the same name and comes first`,
      evidence: [],
    })),
  };
}

/** Whose files of the same name are taken instead. Source: Alpine, main/openrc, sysctl.initd. */
const SHADOWS: ReadonlyMap<string, readonly string[]> = new Map([
  [SPLIT_SYSCTL_FOLDER, ["/etc/sysctl.d", "/run/sysctl.d"]],
  ["/usr/lib/sysctl.d", ["/etc/sysctl.d", "/run/sysctl.d"]],
  ["/etc/sysctl.d", ["/run/sysctl.d"]],
]);

/** OpenRC's scripts go from folder to folder, in shell order. */
function byFolder(observations: Observations, program: Program): Places {
  const [etc = "", run = "", local = "", vendor = ""] = SYSCTL_FOLDERS;
  const all: Record<string, readonly string[]> = {
    "vendor, etc, sysctl.conf, run": [SPLIT_SYSCTL_FOLDER, vendor, etc, SYSCTL_CONF, run],
    "run, etc, vendor, sysctl.conf": [run, etc, local, vendor, SPLIT_SYSCTL_FOLDER, SYSCTL_CONF],
    "sysctl.conf, etc": [SYSCTL_CONF, etc],
  };
  const isNew = program.order === "vendor, etc, sysctl.conf, run";
  const byLine = program.order === "sysctl.conf, etc";
  // Without the one file the script is done.
  if (byLine && observations.file(SYSCTL_CONF).state === "absent")
    return { files: [], blindSpots: [], steps: [] };
  const places = (all[program.order] ?? []).map((path) => {
    if (path === SYSCTL_CONF) return theFile(observations, path, program);
    return ownFiles(observations, path, isNew ? (SHADOWS.get(path) ?? []) : [], program);
  });
  const files = places.flatMap((place) => place.files);
  return {
    files: byLine ? files.map((file) => ({ ...file, lines: file.lines.map(firstWord) })) : files,
    blindSpots: places.flatMap(({ blindSpots }) => blindSpots),
    steps: [],
  };
}

/** What upstream's script hands to BusyBox: ` = ` becomes `=`, and then only the first word counts. Source: OpenRC, BSD_sysctl. */
function firstWord(line: Line): Line {
  return { ...line, text: line.text.replace(" = ", "=").trimStart().split(/\s/)[0] ?? "" };
}

/** The folder's own files, but for those of which another folder has one with the same name. */
function ownFiles(
  observations: Observations,
  folder: string,
  instead: readonly string[],
  program: Program,
): Omit<Places, "steps"> {
  const listed = observations.list(folder);
  if (listed.state === "unreadable")
    return { files: [], blindSpots: [unseen("sysctl", folder, listed.reason, listed.locator)] };
  const names = listed.state === "found" ? listed.value.map(({ name }) => name) : [];
  const found = names
    .filter((name) => name.endsWith(".conf") && !name.startsWith("."))
    .filter((name) => !instead.some((other) => observations.file(`${other}/${name}`).state === "found"))
    .map((name) => theFile(observations, `${folder}/${name}`, program));
  return {
    files: found.flatMap(({ files }) => files),
    blindSpots: found.flatMap(({ blindSpots }) => blindSpots),
  };
}

function theFile(observations: Observations, path: string, program: Program): Omit<Places, "steps"> {
  const file = textFile(observations, path, lineEndOf(program.dialect));
  if (file.state === "absent") return { files: [], blindSpots: [] };
  if (file.state === "unreadable") {
    const opens = !isLoop(file.reason) && !/^is an? (directory|other)$/.test(file.reason);
    return { files: [], blindSpots: !opens ? [] : [unseen("sysctl", path, file.reason, file.locator)] };
  }
  const spots = file.truncated ? [unseen("sysctl", path, "only its head was read", file.locator)] : [];
  return { files: [{ path, locator: file.locator, lines: file.lines }], blindSpots: spots };
}
