import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type Line, textFile } from "../../lines.ts";
import { namesIn } from "./units.ts";

/*
 * What a unit or a script names and thereby runs or reads, as far as words tell: nothing is run, and a word that is
 * only data costs one look.
 */

/** A script that runs a script that runs a script. */
const DEPTH_MAX = 5;
const WORDS_MAX = 20;
const PROGRAMS_MAX = 60;
/** Of one file. */
const DIFFERENT_MAX = 5000;

const SEPARATORS = /[\s"'`;&|()=,[\]<>]+/;
/** Source: inittab(5), `id:runlevels:action:process`. */
const INITTAB = "/etc/inittab";
/** What distributions bring, and units name all the time. */
const USUAL =
  /\/(?:ba|da|z|k)?sh$|\/(?:env|true|false|sleep|echo|printf|test|systemctl|sysctl|ip|nice|ionice|logger|mount|umount|chmod|chown|mkdir|rm|cp|mv|ln|cat|touch|install|kill|python3?|perl|agetty|sshd|systemd-\S+|bash)$/;
/** Folders whose files an image brings itself. */
const OWN_PLACES = /^\/(?:usr\/local|opt|root|srv|home|mnt|data|etc|var\/(?:lib|opt|local))\/[\w./@+-]+$/;
const ALL_PLACES = /^\/(?:usr\/)?(?:s?bin|lib|libexec|share)\/[\w./@+-]+$/;
const BARE = /^[\w.+-]+$/;
const EXEC = /^\s*Exec\w+\s*=\s*[-@:+!|]*/;
/** Source: systemd.exec(5). */
const SETTING = /^\s*(?:EnvironmentFile)\s*=\s*-?/;
/** Where a program without a path is looked for. Source: systemd.service(5), "Command lines"; environ(7). */
const LOCAL_FOLDERS: readonly string[] = ["/usr/local/sbin", "/usr/local/bin"];
const PATH: readonly string[] = [...LOCAL_FOLDERS, "/usr/sbin", "/usr/bin"];

/** Programs and files that these name, and those that they name in turn. */
export function programsOf(observations: Observations, paths: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const given = new Set(paths);
  const local = new Set(LOCAL_FOLDERS.flatMap((folder) => namesIn(observations, folder)));
  let level = paths;
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const named = level.flatMap((path) => namedIn(observations, path, local));
    level = [...new Set(named)].filter((path) => !found.has(path) && !given.has(path)).slice(0, PROGRAMS_MAX);
    for (const path of level) if (found.size < PROGRAMS_MAX) found.add(path);
  }
  return [...found];
}

/** What is there can be named without a path: of interest where there are scripts. */
export function localWants(observations: Observations, paths: readonly string[]): readonly Want[] {
  const isScript = (path: string): boolean => observations.file(path).state === "found" && path !== CRONTAB;
  return paths.some(isScript) ? LOCAL_FOLDERS.map((path): Want => ({ path, what: "list" })) : [];
}

const CRONTAB = "/etc/crontab";

function namedIn(observations: Observations, path: string, local: ReadonlySet<string>): readonly string[] {
  const file = textFile(observations, path);
  if (file.state !== "found") return [];
  const isUnit = /\/systemd\/system[./]/.test(path);
  const named = wordsIn(file.lines, path, isUnit)
    .flatMap((word) => {
      if (word.startsWith("./")) return [`${path.slice(0, path.lastIndexOf("/"))}/${word.slice(2)}`];
      return local.has(word) ? LOCAL_FOLDERS.map((folder) => `${folder}/${word}`) : [word];
    })
    .filter(
      (word) => OWN_PLACES.test(word) || (isUnit && ALL_PLACES.test(word)) || word.startsWith(UDEV_FOLDER),
    );
  return named
    .filter((word) => !USUAL.test(word) && !/\.\.|\/$/.test(word) && !isFollowed(path, word))
    .slice(0, WORDS_MAX);
}

/** What OpenRC's service applies is told by the sysctl layer. */
function isFollowed(path: string, word: string): boolean {
  return path === "/etc/init.d/sysctl" && word === "/etc/sysctl.conf";
}

/** All different ones; every layer asks again and again. */
function wordsIn(lines: readonly Line[], path: string, isUnit: boolean): readonly string[] {
  const known = split.get(lines);
  if (known) return known;
  const words = lines
    .filter(({ text }) => !/^\s*#/.test(text) && mayRun(path, text))
    .flatMap(({ text }) =>
      isUnit
        ? ofUnit(text)
        : path.endsWith(".rules")
          ? ofRule(text)
          : wordsOf(path === INITTAB ? text.replaceAll(":", " ") : text),
    );
  const different = [...new Set(words)].slice(0, DIFFERENT_MAX);
  split.set(lines, different);
  return different;
}

const split = new WeakMap<readonly Line[], readonly string[]>();

/** Of files that mostly say other things. */
function mayRun(path: string, text: string): boolean {
  if (path.startsWith("/etc/cron")) return text.includes("@reboot");
  if (path.startsWith("/etc/cloud/")) return /^\s*-\s|\[/.test(text);
  if (path.startsWith("/etc/modprobe.d/")) return /^\s*(?:install|remove)\s/.test(text);
  if (path === "/etc/network/interfaces") return /^\s*(?:pre-up|up|post-up)\s/.test(text);
  return true;
}

function wordsOf(text: string): readonly string[] {
  return text.split(SEPARATORS);
}

/** Where a rule's program without a path is looked for. Source: udev(7), RUN. */
const UDEV_FOLDER = "/usr/lib/udev/";
const RULE_RUNS = /\b(?:RUN|PROGRAM|IMPORT)(?:\{program\})?\s*[+:]?=\s*"([\w.+-]+)/g;

function ofRule(text: string): readonly string[] {
  const bare = [...text.matchAll(RULE_RUNS)].map(([, name = ""]) => `${UDEV_FOLDER}${name}`);
  return [...bare, ...wordsOf(text)];
}

/** The first word of a command is one of PATH where it has no path. */
function ofUnit(text: string): readonly string[] {
  const setting = SETTING.exec(text);
  if (setting) return [text.slice(setting[0].length).trim()];
  const exec = EXEC.exec(text);
  if (!exec) return [];
  const [first = "", ...others] = wordsOf(text.slice(exec[0].length));
  const isBare = BARE.test(first) && !USUAL.test(`/${first}`);
  return isBare ? [...PATH.map((folder) => `${folder}/${first}`), ...others] : [first, ...others];
}
