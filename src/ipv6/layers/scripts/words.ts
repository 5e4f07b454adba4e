import type { Line } from "../../lines.ts";
import { shippedNames } from "./odd.ts";

/*
 * What a script, a unit, a rule or a crontab says, as words that may be paths or names of programs. Variables are put in
 * where a plain assignment says what they are; nothing is run.
 */

/** Values by name: an assignment that a condition chooses, or a loop, gives several. */
export type Variables = ReadonlyMap<string, readonly string[]>;

export interface Words {
  /** What may be a path. */
  readonly paths: readonly string[];
  /** What stands where a command does, without a path. */
  readonly commands: readonly string[];
  /** Folders that names without a path are also looked for in. */
  readonly folders: readonly string[];
}

const VALUES_MAX = 4;
const VALUE_MAX = 300;
const VARIABLES_MAX = 200;
/** Of one file. */
const DIFFERENT_MAX = 5000;

const SEPARATORS = /[\s"'`;&|()=,\]<>{}]+/;
/** Source: inittab(5), `id:runlevels:action:process`. */
const INITTAB = "/etc/inittab";
const BARE = /^\w[\w.+-]{0,100}$/;
const EXEC = /^\s*Exec\w+\s*=\s*[-@:+!|]*/;
/** What names files or folders in a unit. Source: systemd.exec(5). */
const SETTING =
  /^\s*(?:EnvironmentFile|Environment|StandardInput|WorkingDirectory|ExecSearchPath|Bind(?:ReadOnly)?Paths)\s*=\s*[-+!~]*/;
const FOLDER_SETTING = /^\s*(?:WorkingDirectory|ExecSearchPath)\s*=/;
const ENVIRONMENT = /^\s*(?:Default)?Environment\s*=/;

/** Words of a shell, and programs of which everybody knows that they do not run others' scripts. */
const USUAL_COMMANDS = shippedNames(
  "if then else elif fi for in do done while until case esac function return exit break continue local export readonly set unset shift",
  "declare typeset eval test true false echo printf read cd pwd umask trap wait kill sleep type command builtin exec source alias let getopts",
  "sh bash dash ash zsh ksh env sudo su nohup nice ionice time timeout setsid flock systemctl service sysctl ip ifconfig route ethtool iptables ip6tables",
  "nft ufw modprobe rmmod lsmod insmod depmod mount umount mkdir rmdir rm cp mv ln cat tee touch chmod chown chgrp install grep egrep fgrep sed awk",
  "gawk mawk cut tr sort uniq head tail wc find xargs basename dirname readlink realpath stat date id whoami hostname hostnamectl uname logger",
  "python python2 python3 perl ruby curl wget tar gzip gunzip xz dd sync udevadm systemd-cat systemd-run systemd-notify run-parts start-stop-daemon log_daemon_msg",
  "log_end_msg log_progress_msg log_success_msg log_failure_msg status_of_proc pidof pgrep pkill killall ps seq expr mktemp chroot nsenter ls diff cmp",
  "apt-get apt dpkg yum dnf rpm apk resize2fs growpart blkid lsblk fsck root checkpath ebegin eend einfo ewarn eerror depend start stop restart",
);
const isUsual = (name: string): boolean =>
  USUAL_COMMANDS.names.has(name) || /^\d/.test(name) || name.length < 2;

const ASSIGNED =
  /(?:^|[;&|]|\b(?:export|local|readonly|declare|typeset|then|do|else)\s)\s*([A-Za-z_]\w{0,60})\s?=\s?("[^"]{0,300}"|'[^']{0,300}'|[^\s;"']{0,300})/g;
const LOOP = /\bfor\s+([A-Za-z_]\w{0,60})\s+in\s+([^;]{1,300})/g;
/** Source: udev(7), ENV{key}. */
const RULE_ASSIGNED = /\bENV\{(\w{1,60})\}\s*[+:]?=\s*"([^"]{0,300})"/g;
const UNIT_ASSIGNED = /["']?\b([A-Za-z_]\w{0,60})=((?:[^\s"'])+)/g;

/** What the lines assign. `before`: what was assigned by whoever runs them, or by what they read. */
export function variablesOf(lines: readonly Line[], path: string, before: Variables): Variables {
  const found = new Map(before);
  let assigns = false;
  const add = (name: string, values: readonly string[]): void => {
    if (found.size >= VARIABLES_MAX) return;
    assigns = true;
    const expanded = values.flatMap((value) => expand(value, path, found)).filter((one) => one !== "");
    found.set(name, [...new Set([...(found.get(name) ?? []), ...expanded])].slice(-VALUES_MAX));
  };
  for (const { text } of lines) {
    if (/^\s*#/.test(text)) continue;
    if (path.endsWith(".rules"))
      for (const [, name = "", value = ""] of text.matchAll(RULE_ASSIGNED)) add(name, [value]);
    else if (ENVIRONMENT.test(text))
      for (const [, name = "", value = ""] of text.slice(text.indexOf("=") + 1).matchAll(UNIT_ASSIGNED))
        add(name, [value]);
    else {
      for (const [, name = "", value = ""] of text.matchAll(ASSIGNED))
        add(name, [value.replace(/^["']|["']$/g, "")]);
      for (const [, name = "", values = ""] of text.matchAll(LOOP))
        add(name, values.trim().split(/\s+/).slice(0, VALUES_MAX));
    }
  }
  // The same one again, so that words are not split anew.
  return assigns ? found : before;
}

/** The script's own folder, as scripts find it. */
const OWN_FOLDER =
  /\$\(\s*dirname\s[^()]{0,80}(?:\$\([^()]{0,80}\)[^()]{0,20})?\)|`\s*dirname\s[^`]{0,80}`|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\}/g;
const CHANGED = /\$\(\s*cd\s+(?:--\s+)?["']?([^\s"'()&;]{1,200})["']?\s*(?:&&|;)\s*pwd[^()]{0,20}\)/g;
const VARIABLE =
  /\$(?:env)?(?:\{([A-Za-z_]\w{0,60})(?::?[-=]([^{}]{0,100}))?\}|([A-Za-z_]\w{0,60}))|%E\{(\w{1,60})\}/g;

/** The text with the variables' values, as often as they have several. */
function expand(text: string, path: string, variables: Variables): readonly string[] {
  if (!/[$%`~]/.test(text)) return [text];
  const folder = path.slice(0, path.lastIndexOf("/"));
  const plain = ofUnitsName(text, path)
    .replaceAll("$$", "$")
    .replace(OWN_FOLDER, folder)
    .replace(CHANGED, "$1")
    .replace(/(^|[\s"'=:])~\//g, "$1/root/");
  if (!plain.includes("$") && !plain.includes("%E{")) return [plain];
  const results = new Set<string>();
  for (let at = 0; at < VALUES_MAX; at++) {
    let grown = plain.length;
    const put = plain.replace(VARIABLE, (whole: string, braced, otherwise, bare, rule) => {
      const values = variables.get(braced ?? bare ?? rule) ?? [];
      const value = values[at] ?? values.at(-1) ?? otherwise;
      if (typeof value !== "string" || value.length > VALUE_MAX || grown > 4 * plain.length + 10_000)
        return whole;
      grown += value.length;
      return value;
    });
    results.add(put);
  }
  return [...results];
}

/**
 * What stands for a unit's name in its own lines, and a pattern for what only an instance knows. Sources: systemd.unit(5),
 * "Specifiers"; udev(7), "substitutions".
 */
function ofUnitsName(text: string, path: string): string {
  if (!text.includes("%")) return text;
  const kind = kindOf(path);
  if (kind === "rule") return text.replace(/%k|\$kernel|\$name|%n/g, "*");
  if (kind !== "unit") return text;
  const parts = path.split("/");
  const file = (parts.at(-2)?.endsWith(".d") ? parts.at(-2)?.slice(0, -2) : parts.at(-1)) ?? "";
  const stem = file.slice(0, Math.max(0, file.lastIndexOf(".")));
  const [prefix = "", instance = ""] = stem.split("@");
  const last = prefix.slice(prefix.lastIndexOf("-") + 1);
  const stands: Readonly<Record<string, string>> = { p: prefix, P: prefix, j: last, J: last };
  const given: Readonly<Record<string, string>> = { i: instance, I: instance, N: stem, n: file };
  return text.replace(/%([pPiINnjJ])/g, (_, one: string) => {
    const known = stands[one] ?? (stem.endsWith("@") ? "" : given[one]) ?? "";
    return known === "" ? "*" : known;
  });
}

/** The words of a file, with what variables stand for. */
export function wordsOf(lines: readonly Line[], path: string, variables: Variables): Words {
  const kind = kindOf(path);
  const isShell = kind !== "script" || !/^#!.*\b(?:python|perl|ruby|node|lua)/.test(lines[0]?.text ?? "");
  const paths = new Set<string>();
  const commands = new Set<string>();
  const folders = new Set<string>();
  for (const { text } of lines) {
    if (/^\s*#/.test(text) || !mayRun(path, text)) continue;
    if (paths.size + commands.size > DIFFERENT_MAX) break;
    for (const line of expand(text, path, variables)) {
      const said = kind === "unit" ? ofUnit(line) : kind === "rule" ? ofRule(line) : line;
      const plain = path === INITTAB ? said.replaceAll(":", " ") : said;
      for (const word of plain.replace(/([\w.-])["']\//g, "$1/").split(SEPARATORS)) {
        if (word.includes("/")) paths.add(word.replace(/^\[+/, ""));
        // A folder with what runs or is read in it.
        if (FOLDER_SETTING.test(line)) for (const one of word.split(":")) folders.add(one);
      }
      for (const [, list = ""] of line.matchAll(/\bPATH\s?=\s?["']?([^\s"';]{1,300})/g))
        for (const one of list.split(":")) if (!STANDARD.has(one)) folders.add(one);
      if (!isShell || SETTING.test(line)) continue;
      if (LOGIN.test(line)) for (const one of PROFILES) paths.add(one);
      for (const [, folder = ""] of plain.matchAll(/\bcd\s+["']?(\/[^\s"';&|)]{1,200})/g))
        folders.add(folder);
      for (const name of commandsIn(kind === "script" ? plain : withoutHead(plain, kind))) commands.add(name);
    }
  }
  return {
    paths: [...paths],
    commands: [...commands],
    folders: [...folders].filter((one) => /^\/[\w./@+-]+$/.test(one)),
  };
}

/** Shells that log in read what they are told to. Source: bash(1), "INVOCATION"; agetty(8). */
const LOGIN =
  /\b(?:ba|da)?sh\s+-\w*l|\bsu\s+(?:\S+\s+)?-|--login\b|--autologin\b|\bagetty\b.{0,200}\s-a\s|\bsudo\s+-i/;
const PROFILES = [
  "/etc/profile",
  "/etc/profile.d/*",
  "/etc/bash.bashrc",
  ...[".profile", ".bash_profile", ".bash_login", ".bashrc"].map((name) => `/root/${name}`),
];

/** Those are looked in anyway. */
const STANDARD = new Set(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]);

type Kind = "unit" | "rule" | "crontab" | "config" | "script";

function kindOf(path: string): Kind {
  if (/\/systemd\/(?:system|user)[./]/.test(path) && !path.includes("-generators/")) return "unit";
  if (path.endsWith(".rules")) return "rule";
  if (isCrontab(path)) return "crontab";
  return /^\/etc\/(?:cloud|network\/interfaces)/.test(path) ? "config" : "script";
}

export function isCrontab(path: string): boolean {
  return /^\/etc\/(?:crontab$|cron\.d\/|crontabs\/)|^\/var\/spool\/cron\//.test(path);
}

/** What stands before a command. */
function withoutHead(text: string, kind: Kind): string {
  if (kind === "crontab")
    return text
      .replace(/^\s*(?:@\w+|(?:[^\s=]+\s+){4}[^\s=]+)\s+(?:root\s+)?/, "")
      .replaceAll("%", ";")
      .replace(/^\s*SHELL\s*=\s*/, "");
  if (kind === "config") return text.replace(/^\s*(?:(?:pre-|post-)?up\s+|(?:-\s+)?\[?\s*["']?)/, "");
  return text;
}

/** After these, and at the beginning of a line, stands a command. */
const BEFORE_COMMAND =
  /[;&|(){}`!]|(?:^|\s)(?:then|do|else|if|elif|while|until|exec|nohup|sudo|setsid|time|env|command|eval|\.|source|(?:\/(?:usr\/)?bin\/)?(?:ba|da)?sh(?:\s+-\w+)*)\s/;
/** Longer lines are data. */
const LINE_MAX = 2000;

function commandsIn(text: string): readonly string[] {
  return text
    .slice(0, LINE_MAX)
    .split(BEFORE_COMMAND)
    .flatMap((piece) => {
      const words = piece.split(/[\s"',\]]+/).filter((one) => one !== "");
      const first = words.find((one) => !/^\w+=/.test(one)) ?? "";
      return BARE.test(first) && !isUsual(first) && !/^\w+\s*=/.test(piece.trim()) ? [first] : [];
    });
}

/** Of files that mostly say other things. */
function mayRun(path: string, text: string): boolean {
  // Every minute, too: the machine is hardly up then.
  if (isCrontab(path)) return /@reboot|^\s*\*|^\s*\w+\s*=/.test(text);
  if (path.startsWith("/etc/cloud/")) return /^\s*-\s|\[/.test(text);
  if (path.startsWith("/etc/modprobe.d/")) return /^\s*(?:install|remove)\s/.test(text);
  if (path.startsWith("/etc/network/interfaces")) return /^\s*(?:pre-up|up|post-up)\s/.test(text);
  return true;
}

/** Where a rule's program without a path is looked for. Source: udev(7), RUN. */
export const UDEV_FOLDER = "/usr/lib/udev/";
const RULE_RUNS = /(\b(?:RUN|PROGRAM|IMPORT)(?:\{(?:program|file)\})?\s*[+:]?={1,2}\s*e?")([\w.+-]+)/g;

function ofRule(text: string): string {
  return text.replace(RULE_RUNS, (_, head: string, name: string) => `${head}${UDEV_FOLDER}${name}`);
}

/** What a line of a unit runs or reads. */
function ofUnit(text: string): string {
  const head = SETTING.exec(text) ?? EXEC.exec(text);
  // Of what is bound, the first comes in the place of the second.
  return head ? text.slice(head[0].length).replaceAll(":", " ") : "";
}
