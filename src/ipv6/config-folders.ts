import type { Evidence } from "../model/locator.ts";
import { compareBytes, type Observations, type ObservedName } from "../model/observations.ts";
import type { BlindSpot } from "../model/prediction.ts";
import { type Line, textFile } from "./lines.ts";

export interface ConfigFile {
  readonly path: string;
  readonly locator: string;
  readonly lines: readonly Line[];
  /** As in `ObservedFile`. */
  readonly origin?: Evidence;
}

export interface ConfigFolders {
  /** In the order in which the program reads them. */
  readonly files: readonly ConfigFile[];
  /** A name in an earlier folder that keeps a later one from being read. */
  readonly overridden: readonly { readonly path: string; readonly by: string }[];
  /** Names whose link leads nowhere: some programs let the next folder's file through, others do not. */
  readonly dangling: readonly string[];
  /** What could not be looked at; each can turn the answer around. */
  readonly blindSpots: readonly BlindSpot[];
}

export interface FolderRules {
  readonly layer: string;
  readonly accepts: (name: string) => boolean;
  /** Where a line ends. Default: at a newline. */
  readonly ending?: RegExp;
  /** A link that leads nowhere counts as not there, so that a later folder's file is read. */
  readonly ignoreDangling?: boolean;
  /** The same for links that lead to themselves only. */
  readonly ignoreLoops?: boolean;
  /** Folders count as not there, too; else they mask. */
  readonly ignoreFolders?: boolean;
}

/**
 * Drop-in folders as systemd, kmod and procps read them: of files with one name, that in the first folder
 * counts, whatever it is; then all are read in the order of their names.
 */
export function readConfigFolders(
  observations: Observations,
  folders: readonly string[],
  rules: FolderRules,
): ConfigFolders {
  const chosen = new Map<string, string>();
  const overridden: { path: string; by: string }[] = [];
  const dangling: string[] = [];
  const blindSpots: BlindSpot[] = [];
  for (const folder of folders) {
    const listed = observations.list(folder);
    if (listed.state === "unreadable")
      blindSpots.push(unseen(rules.layer, folder, listed.reason, listed.locator));
    if (listed.state !== "found") continue;
    for (const { name } of listed.value.filter((one) => rules.accepts(one.name))) {
      const path = `${folder}/${name}`;
      const by = chosen.get(name);
      if (by !== undefined) {
        if (observations.realPath(by) !== observations.realPath(path)) overridden.push({ path, by });
        continue;
      }
      if (rules.ignoreFolders && isFolder(observations, path)) continue;
      const leadsNowhere = isDangling(observations, path);
      if (leadsNowhere) dangling.push(path);
      const isIgnored = rules.ignoreDangling || (rules.ignoreLoops && leadsInCircles(observations, path));
      if (!leadsNowhere || !isIgnored) chosen.set(name, path);
    }
  }
  const files: ConfigFile[] = [];
  for (const name of [...chosen.keys()].toSorted(compareBytes)) {
    const path = chosen.get(name) ?? "";
    if (isMask(observations, path)) continue;
    const file = textFile(observations, path, rules.ending);
    if (file.state === "unreadable" && !isOther(observations, path) && !isLoop(file.reason))
      blindSpots.push(unseen(rules.layer, path, file.reason, file.locator));
    if (file.state !== "found") continue;
    if (file.truncated) blindSpots.push(unseen(rules.layer, path, "only its head was read", file.locator));
    const { locator, lines, origin } = file;
    files.push({ path, locator, lines, ...(origin ? { origin } : {}) });
  }
  return { files, overridden, dangling, blindSpots };
}

/**
 * True for an empty file, and for a link to /dev/null, however it is written: what that path holds in the image does
 * not matter. Source: systemd, src/basic/stat-util.c, null_or_empty.
 */
export function isMask(observations: Observations, path: string): boolean {
  const entry = observations.entry(path);
  if (entry.state !== "found") return false;
  const { target } = entry.value;
  if (target === undefined) return isEmpty(entry.value);
  const absolute = target.startsWith("/") ? target : `${path.slice(0, path.lastIndexOf("/"))}/${target}`;
  const parts: string[] = [];
  for (const part of absolute.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  if (parts.join("/") === "dev/null") return true;
  const real = observations.realPath(path);
  const end = real === undefined ? undefined : observations.entry(real);
  return end?.state === "found" && isEmpty(end.value);
}

function isEmpty({ type, sizeBytes }: ObservedName): boolean {
  return type === "file" && sizeBytes === 0;
}

function isDangling(observations: Observations, path: string): boolean {
  if (leadsInCircles(observations, path)) return true;
  const entry = observations.entry(path);
  const isLink = entry.state === "found" && entry.value.type === "symlink";
  if (!isLink || isMask(observations, path)) return false;
  return observations.file(path).state === "absent";
}

function leadsInCircles(observations: Observations, path: string): boolean {
  const file = observations.file(path);
  return file.state === "unreadable" && isLoop(file.reason);
}

function isFolder(observations: Observations, path: string): boolean {
  const real = observations.realPath(path);
  const entry = real === undefined ? undefined : observations.entry(real);
  return entry?.state === "found" && entry.value.type === "directory";
}

/** A link that leads back to itself opens for nobody, as one that leads nowhere. */
export function isLoop(reason: string): boolean {
  return reason.includes("too many levels of symbolic links");
}

/** Folders and devices under a configuration file's name mask it and say nothing themselves. */
function isOther(observations: Observations, path: string): boolean {
  const real = observations.realPath(path);
  const entry = real === undefined ? undefined : observations.entry(real);
  return entry?.state === "found" && (entry.value.type === "directory" || entry.value.type === "other");
}

/** Could not look: never taken for absent. */
export function unseen(layer: string, path: string, reason: string, locator: string): BlindSpot {
  return { layer, text: `${path} could not be read: ${reason}`, evidence: [{ locator }], decisive: true };
}
