import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { SYSCTL_CONF, SYSCTL_FOLDERS } from "../../../model/sysctl-folders.ts";
import { type Line, type TextFile, textFile, trimAscii } from "../../lines.ts";
import { withLib } from "../../split-usr.ts";
import { switchSettings } from "../../sysctl-lines.ts";

/** What a command writes that applies sysctl files once more; undefined: cannot be told. */
export type Applied = 0 | 1 | "nothing" | undefined;

const SYSTEM =
  /^(?:\S*\/)?(?:sysctl(?:\s+-[a-z]+)*\s+--system|systemd-sysctl|systemctl\s+restart\s+systemd-sysctl(?:\.service)?)(?:\s+-[a-z]+)*$/;
const LOAD = /^(?:\S*\/)?sysctl(?:\s+-[a-eg-oq-z]+)*\s+-(?:[a-z]*[pf]|-load)(?:[\s=](.*))?$/;

/** Of longer scripts nothing is told. */
const LINES_MAX = 60;

/** Commands that put no file anywhere, as long as nothing is written with `>`. */
const HARMLESS =
  /^(?:\S*\/)?(?:sysctl|exit|set|sleep|true|:|echo|logger|modprobe|ethtool|ulimit|touch|ip6?tables|ip(?!\s+netns))(?:\s[^>`$]*)?$/;
/** Lines of a unit that neither run anything nor change what it sees of the files. Sources: systemd.unit(5); systemd.service(5). */
const SETTING =
  /^(?:\[\w+\]$|(?:Description|Documentation|After|Before|Wants|Requires|PartOf|Type|RemainAfterExit|\w+By|DefaultDependencies|Standard\w+|Timeout\w+|Restart\w*|Alias)\s*=)/;
const EXEC = /^Exec\w+\s*=\s*[-@:+!|]*/;

/** What `appliedBy` looks at. */
export function appliedWants(observations: Observations): readonly Want[] {
  const folders = withLib(observations, SYSCTL_FOLDERS);
  const files = [SYSCTL_CONF, ...folders.flatMap((folder) => namesIn(observations, folder) ?? [])];
  return [...folders.map((path): Want => ({ path, what: "list" })), ...files.map((path) => ({ path }))];
}

/**
 * What a line like `sysctl -p` writes to the switch: what the files say that it applies. Only told where nothing else in the
 * script may change these before.
 */
export function appliedBy(
  observations: Observations,
  script: { readonly lines: readonly Line[]; readonly isUnit: boolean },
  line: string,
): Applied {
  if (script.lines.length > LINES_MAX) return undefined;
  if (!script.lines.every(({ text }) => isHarmless(text, script.isUnit))) return undefined;
  const paths = commandsIn(line).map((command) => filesOf(observations, command));
  if (paths.includes(undefined)) return undefined;
  const written = new Set(paths.flatMap((some) => some ?? []).map((path) => valueIn(observations, path)));
  written.delete("nothing");
  const [first = "nothing"] = written;
  return written.size > 1 || written.has(undefined) ? undefined : first;
}

function isHarmless(text: string, isUnit: boolean): boolean {
  const trimmed = trimAscii(text);
  if (/^(?:[#;]|$)/.test(trimmed) || (isUnit && SETTING.test(trimmed))) return true;
  return commandsIn(trimmed).every((command) => HARMLESS.test(command) || SYSTEM.test(command));
}

/** Without what says where their words go. */
function commandsIn(line: string): readonly string[] {
  return line
    .replace(EXEC, "")
    .replaceAll(/[0-9]?>\s?(?:\/dev\/null|&[0-9])/g, "")
    .split(/[;|&]+/)
    .map(trimAscii)
    .filter((command) => command !== "");
}

/** The files that a command applies; undefined where that cannot be told. */
function filesOf(observations: Observations, command: string): readonly string[] | undefined {
  if (SYSTEM.test(command)) return systemFiles(observations);
  const load = LOAD.exec(command);
  if (!load) {
    const isPlain = !command.includes("sysctl") || !/^\S*systemd-|\s-(?![weq]+\s)/.test(command);
    return isPlain ? [] : undefined;
  }
  const named = trimAscii(load[1] ?? "").split(/\s+/);
  const files = named.map((name) => {
    if (name === "") return [SYSCTL_CONF];
    const folder = SYSCTL_FOLDERS.find((one) => name === `${one}/*.conf`);
    if (folder !== undefined) return namesIn(observations, folder);
    const isOne = name === SYSCTL_CONF || SYSCTL_FOLDERS.some((one) => name.startsWith(`${one}/`));
    return isOne && /^[\w./-]+$/.test(name) ? [name] : undefined;
  });
  return files.includes(undefined) ? undefined : files.flatMap((some) => some ?? []);
}

function systemFiles(observations: Observations): readonly string[] | undefined {
  const byName = new Map<string, string>();
  for (const folder of withLib(observations, SYSCTL_FOLDERS)) {
    const names = namesIn(observations, folder);
    if (!names) return undefined;
    for (const path of names) {
      const name = path.slice(folder.length);
      if (!byName.has(name)) byName.set(name, path);
    }
  }
  return [...byName.values(), SYSCTL_CONF];
}

/** Paths of its files; undefined where the folder was not seen. */
function namesIn(observations: Observations, folder: string): readonly string[] | undefined {
  const listed = observations.list(folder);
  if (listed.state === "absent") return [];
  if (listed.state === "unreadable") return undefined;
  return listed.value
    .filter(({ name }) => name.endsWith(".conf") && !name.startsWith("."))
    .map(({ name }) => `${folder}/${name}`);
}

function valueIn(observations: Observations, path: string): Applied {
  const file = textFile(observations, path);
  if (file.state === "absent") return "nothing";
  if (file.state === "unreadable" || file.truncated) return undefined;
  if (!values.has(file.lines)) values.set(file.lines, settingOf(file));
  return values.get(file.lines);
}

/** Every line of a script asks for the same files. */
const values = new WeakMap<readonly Line[], Applied>();

function settingOf(file: TextFile & { readonly state: "found" }): Applied {
  const named = file.lines.filter(({ text }) => mayNameSwitch(text));
  const settings = switchSettings(file);
  const [first] = settings;
  if (named.length === 0) return "nothing";
  return named.length === settings.length && settings.every(({ value }) => value === first?.value)
    ? first?.value
    : undefined;
}

function mayNameSwitch(text: string): boolean {
  const trimmed = trimAscii(text);
  if (/^[#;]/.test(trimmed)) return false;
  const [key = ""] = trimmed.split("=");
  const last = key.slice(Math.max(key.lastIndexOf("."), key.lastIndexOf("/")) + 1);
  return key.includes("disable_ip") || /[*?[\]{}\\]/.test(last);
}
