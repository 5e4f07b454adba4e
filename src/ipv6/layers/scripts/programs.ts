import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type Line, textFile } from "../../lines.ts";
import { isPattern, matchesPattern } from "../../pattern.ts";
import { namesIn } from "./units.ts";
import { UDEV_FOLDER, type Variables, variablesOf, type Words, wordsOf } from "./words.ts";

/*
 * What a unit or a script names and thereby runs or reads, as far as words tell: nothing is run, and a word that is
 * only data costs one look.
 */

/** A script that runs a script that runs a script. */
const DEPTH_MAX = 5;
const WORDS_MAX = 60;
const PROGRAMS_MAX = 100;
/** Files of a folder that all are run. */
const FILES_MAX = 30;

/** What distributions bring, and units name all the time. */
const USUAL =
  /\/(?:ba|da|z|k)?sh$|\/(?:env|true|false|sleep|echo|printf|test|systemctl|sysctl|ip|nice|ionice|logger|mount|umount|chmod|chown|mkdir|rm|cp|mv|ln|cat|touch|install|kill|python3?|perl|agetty|sshd|systemd-\S+|bash|run-parts|logrotate|apt-get|dpkg|grep|sed|awk|head|tail|date|id|cut|tr|find|xargs|flock|timeout|busybox)$/;
/** Folders whose files an image brings itself. */
const OWN_PLACES = /^\/(?:usr\/local|opt|root|srv|home|mnt|data|etc|var\/(?:lib|opt|local))\/[\w./@+-]+$/;
const ALL_PLACES = /^\/(?:usr\/)?(?:s?bin|lib|libexec)\/[\w./@+-]+$/;
/** Much of what lies there is nobody's program. */
const CROWDED = new Set(
  "/etc /opt /srv /home /root /mnt /data /var/lib /var/opt /usr/local /usr/local/bin /usr/local/sbin /usr/local/lib /usr/local/share".split(
    " ",
  ),
);
/** Where a program without a path is looked for. Source: systemd.service(5), "Command lines"; environ(7). */
const LOCAL_FOLDERS: readonly string[] = ["/usr/local/sbin", "/usr/local/bin"];
const PATH: readonly string[] = ["/usr/sbin", "/usr/bin"];

/** Programs and files that these name, and those that they name in turn. */
export function programsOf(observations: Observations, paths: readonly string[]): readonly string[] {
  const known = followed.get(observations) ?? new Map<string, readonly string[]>();
  followed.set(observations, known);
  const key = paths.join("\n");
  const programs = known.get(key) ?? programsFrom(observations, paths);
  known.set(key, programs);
  return programs;
}

const followed = new WeakMap<Observations, Map<string, readonly string[]>>();

function programsFrom(observations: Observations, paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const given = new Set(paths);
  const local = new Set(LOCAL_FOLDERS.flatMap((folder) => namesIn(observations, folder)));
  let level = paths.map((path): Named => ({ path, variables: NONE }));
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const named = new Map<string, Named>();
    for (const one of level)
      for (const next of namedIn(observations, one, local))
        if (!found.has(next.path) && !given.has(next.path) && named.size < PROGRAMS_MAX)
          named.set(next.path, next);
    level = [...named.values()];
    for (const { path } of level) if (found.size < PROGRAMS_MAX) found.add(path);
  }
  return [...found];
}

/** What is there can be named without a path: of interest where there are scripts. */
export function localWants(observations: Observations, paths: readonly string[]): readonly Want[] {
  const isScript = (path: string): boolean => {
    const file = textFile(observations, path);
    if (file.state !== "found") return false;
    const runs = NOT_ALWAYS.find(([name]) => name === path)?.[1];
    return runs === undefined || file.lines.some(({ text }) => runs.test(text));
  };
  return paths.some(isScript) ? LOCAL_FOLDERS.map((path): Want => ({ path, what: "list" })) : [];
}

/** Every machine has them, and hardly one has such a line. */
const NOT_ALWAYS: readonly (readonly [path: string, runs: RegExp])[] = [
  ["/etc/crontab", /@reboot/],
  ["/etc/network/interfaces", /^\s*(?:pre-up|up|post-up)\s/],
];

interface Named {
  readonly path: string;
  /** What whoever runs it has assigned. */
  readonly variables: Variables;
}

const NONE: Variables = new Map();

function namedIn(
  observations: Observations,
  { path, variables: before }: Named,
  local: ReadonlySet<string>,
): readonly Named[] {
  const file = textFile(observations, path);
  if (file.state !== "found")
    return filesOf(observations, path).map((one) => ({ path: one, variables: before }));
  const first = variablesIn(file.lines, path, before);
  const variables = assignedByNamed(observations, file.lines, path, first, local);
  return pathsIn(observations, file.lines, path, variables, local).map((one) => ({ path: one, variables }));
}

/** Settings that it reads may say what it runs. */
function assignedByNamed(
  observations: Observations,
  lines: readonly Line[],
  path: string,
  own: Variables,
  local: ReadonlySet<string>,
): Variables {
  if (!lines.some(({ text }) => /\$|%E/.test(text))) return own;
  let all = own;
  for (const one of pathsIn(observations, lines, path, own, local)) {
    const file = textFile(observations, one);
    if (file.state === "found" && one.startsWith("/etc/")) all = variablesOf(file.lines, one, all);
  }
  return all;
}

function pathsIn(
  observations: Observations,
  lines: readonly Line[],
  path: string,
  variables: Variables,
  local: ReadonlySet<string>,
): readonly string[] {
  const { paths, commands, folders } = wordsIn(lines, path, variables);
  const own = path.slice(0, path.lastIndexOf("/"));
  // cloud-init's modules bear the names of programs (`locale`, `ssh`).
  const isModules = path.startsWith("/etc/cloud/");
  const ofPaths = paths.flatMap((word) => {
    if (word.startsWith("/")) return [word];
    const plain = word.replace(/^\.\//, "");
    return word.startsWith("./")
      ? [own, ...folders].map((folder) => `${folder}/${plain}`)
      : folders.map((folder) => `${folder}/${plain}`);
  });
  const ofCommands = commands.flatMap((name) =>
    [...folders, ...(local.has(name) ? LOCAL_FOLDERS : []), ...(isModules ? [] : PATH)].map(
      (folder) => `${folder}/${name}`,
    ),
  );
  return [...ofPaths, ...ofCommands]
    .map((word) => word.replace(/\/{2,}/g, "/"))
    .filter((word) => {
      const plain = word.replace(/[*?[]/g, "_");
      return OWN_PLACES.test(plain) || ALL_PLACES.test(plain) || word.startsWith(UDEV_FOLDER);
    })
    .filter((word) => !USUAL.test(word) && !/\.\.|\/$/.test(word) && !isFollowed(path, word))
    .flatMap((word) => (isPattern(word) ? ofPattern(observations, word) : [word]))
    .slice(0, WORDS_MAX);
}

/** What a pattern takes of a folder, or the folder before that is listed. */
function ofPattern(observations: Observations, word: string): readonly string[] {
  const at = word.lastIndexOf("/");
  const folder = word.slice(0, at);
  const isAll = CROWDED.has(folder) && !/\w/.test(word.slice(at + 1));
  if (isPattern(folder) || isAll || ALL_PLACES.test(folder)) return [];
  const names = namesIn(observations, folder, FILES);
  if (names.length === 0) return [folder];
  return names
    .filter((name) => matchesPattern(word.slice(at + 1), name))
    .slice(0, FILES_MAX)
    .map((name) => `${folder}/${name}`);
}

const FILES = ["file", "symlink", "unknown"];

/** Of a folder that is named, as `run-parts` is given one. */
function filesOf(observations: Observations, path: string): readonly string[] {
  if (CROWDED.has(path) || observations.list(path).state !== "found") return [];
  return namesIn(observations, path, FILES)
    .slice(0, FILES_MAX)
    .map((name) => `${path}/${name}`);
}

/** What OpenRC's service applies is told by the sysctl layer. */
function isFollowed(path: string, word: string): boolean {
  return path === "/etc/init.d/sysctl" && /\/sysctl\.(?:conf|d)(?:\/|$)/.test(word);
}

/** Every layer asks again and again. */
function variablesIn(lines: readonly Line[], path: string, before: Variables): Variables {
  if (before !== NONE) return variablesOf(lines, path, before);
  const known = assigned.get(lines) ?? variablesOf(lines, path, before);
  assigned.set(lines, known);
  return known;
}

function wordsIn(lines: readonly Line[], path: string, variables: Variables): Words {
  const known = split.get(lines);
  if (known?.variables === variables) return known.words;
  const words = wordsOf(lines, path, variables);
  split.set(lines, { variables, words });
  return words;
}

const assigned = new WeakMap<readonly Line[], Variables>();
const split = new WeakMap<readonly Line[], { readonly variables: Variables; readonly words: Words }>();
