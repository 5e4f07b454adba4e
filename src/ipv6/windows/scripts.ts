import type { Observation, Observations, ObservedFile } from "../../model/observations.ts";
import { FIRST_BOOT, isScriptList, OFF_FILES } from "./first-boot-files.ts";
import { inFolders } from "./folders.ts";
import { leadsIn } from "./leads.ts";
import { decodeText } from "./text.ts";

/** A file that runs, or is read, when an instance first starts. */
export interface Script {
  readonly path: string;
  readonly what: string;
  readonly file: Observation<ObservedFile>;
}

/** A script that another one names and that cannot be found on this volume. */
export interface Lost {
  readonly named: string;
  readonly by: Script;
}

export interface Scripts {
  readonly scripts: readonly Script[];
  readonly lost: readonly Lost[];
  /** Where named scripts may lie: all that has to be looked at. */
  readonly paths: readonly string[];
}

const SCRIPTS_MAX = 100;

/**
 * The files of the first boot, `more` of them beside the usual ones, where IPv6 would be off (`isOff`) whatever else
 * runs, and every script that one of them names, and so on. What was not fetched yet is among `paths` all the same: ask again when it was.
 */
export function scriptsIn(
  observations: Observations,
  more: readonly Pick<Script, "path" | "what">[] = [],
  isOff = false,
): Scripts {
  const { files, wanted } = isOff ? inFolders(observations) : { files: [], wanted: [] };
  const start = [...more, ...FIRST_BOOT, ...(isOff ? OFF_FILES : []), ...files];
  const pending = [...new Map(start.map((one) => [one.path.toLowerCase(), one])).values()];
  const known = new Set(pending.map(({ path }) => path.toLowerCase()));
  const scripts: Script[] = [];
  const lost: Lost[] = [];
  const paths: string[] = [...wanted];
  // What is found is put behind: a list that grows while it is walked.
  for (const { path, what } of pending) {
    const script: Script = { path, what, file: observations.file(path) };
    if (script.file.state === "absent") continue;
    scripts.push(script);
    if (script.file.state !== "found") continue;
    for (const lead of leadsIn(started(script.file.value.bytes, path), folderOf(path))) {
      paths.push(...lead.paths);
      const at = lead.paths.find((one) => observations.file(one).state !== "absent");
      if (at === undefined) {
        if (!lead.isWhole) lost.push({ named: lead.named, by: script });
      } else if (!known.has(at.toLowerCase())) {
        known.add(at.toLowerCase());
        if (pending.length >= SCRIPTS_MAX) lost.push({ named: lead.named, by: script });
        else pending.push({ path: at, what: `a script that ${baseOf(path)} names` });
      }
    }
  }
  return { scripts, lost, paths };
}

/** Of a list of scripts of group policy, those for a start; of everything else, all of it. */
function started(bytes: Uint8Array, path: string): string {
  const text = decodeText(bytes);
  if (!isScriptList(path)) return text;
  const sections = text.split(/^[ \t]*\[/m).filter((one) => /^startup\]/i.test(one));
  return sections
    .flatMap((one) => one.split(/\r?\n/))
    .flatMap((line) => /^\s*\d+(?:CmdLine|Parameters)\s*=(.*)$/i.exec(line)?.[1] ?? [])
    .join("\n");
}

function folderOf(path: string): string {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return isScriptList(path) ? `${folder}/Startup` : folder;
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
