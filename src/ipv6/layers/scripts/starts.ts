import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";
import { foldersElsewhere } from "./elsewhere.ts";
import { BRINGS, foldersOfLinks, namesIn, UNITS, vendorLinks } from "./units.ts";

/*
 * Ways to start a network manager that no usual link starts. Once it runs, it writes 0 to the card where its
 * configuration does not say otherwise: what it says is not followed here.
 */

/** Those that write the switch, each with the units that bring it up. */
const MANAGERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["NetworkManager.service", ["NetworkManager-wait-online.service"]],
  ["systemd-networkd.service", ["systemd-networkd.socket", "systemd-networkd-wait-online.service"]],
  ["connman.service", []],
]);

const STARTS =
  /\b(?:systemctl\b.*?\b(?:re)?start|systemctl\b.*\benable\b.*--now|systemctl\b.*--now\b.*\benable|service\b.*\b(?:re)?start|rc-service\b.*\b(?:re)?start)\b/;

/** The program itself, as a command. */
const RUNS =
  /(?:^\s*|[;&|]\s*|\bexec\s+|^\s*Exec\w+\s*=\s*[-@:+!|]*)(?:\/[\w/]*\/)?(NetworkManager|systemd-networkd|connman)d?(?=$|[\s;&|])/;
/** Of a distribution, by which such a program comes; it starts when it is there. Source: cc_package_update_upgrade_install. */
const INSTALLS = /^\s*(?:-\s+|packages\s*:.*[\s[,])(network-manager|NetworkManager|connman)(?=$|[\s\],=])/;

/** The line starts, or pulls in, a network manager that would not run otherwise. */
export function startsManager(observations: Observations, boot: BootFacts, text: string): boolean {
  if (/^\s*#/.test(text)) return false;
  if (BRINGS.test(text)) return idleManagers(observations, boot).some((unit) => namesUnit(text, unit));
  if (/\bnetplan\s+apply\b/.test(text)) return idleManagers(observations, boot).length === MANAGERS.size;
  const program = RUNS.exec(text)?.[1] ?? "";
  if (program !== "" && idleManagers(observations, boot).includes(`${program}.service`)) return true;
  if (!STARTS.test(text)) return false;
  return idleManagers(observations, boot).some((unit) =>
    namesUnit(text.toLowerCase(), unit.slice(0, -".service".length).toLowerCase()),
  );
}

/** cloud-init installs one that would not run otherwise. */
export function installsManager(observations: Observations, boot: BootFacts, text: string): boolean {
  const name = INSTALLS.exec(text)?.[1];
  if (name === undefined) return false;
  const unit = name === "connman" ? "connman.service" : "NetworkManager.service";
  return idleManagers(observations, boot).includes(unit);
}

/** Folders of links of units that start no network managers as a rule: whatever starts them starts what they link. */
export function unusualFolders(observations: Observations): readonly Want[] {
  return unusual(observations).map((path): Want => ({ path, what: "list" }));
}

/** Links there to a network manager that would not run otherwise. */
export function unusualLinks(observations: Observations, boot: BootFacts): readonly string[] {
  const folders = unusual(observations);
  const wanted = new Set(
    idleManagers(observations, boot).flatMap((unit) => [
      unit,
      ...(MANAGERS.get(unit) ?? []),
      ...activating(unit),
      ...aliases(observations, unit),
    ]),
  );
  return folders.flatMap((folder) =>
    namesIn(observations, folder)
      .filter((name) => wanted.has(name))
      .map((name) => `${folder}/${name}`),
  );
}

/** They activate the service of their name. Sources: systemd.timer(5), systemd.path(5). */
function activating(unit: string): readonly string[] {
  const stem = unit.slice(0, -".service".length);
  return [`${stem}.timer`, `${stem}.path`];
}

/** Other names that the image gives it. Source: systemd.unit(5), "alias". */
function aliases(observations: Observations, unit: string): readonly string[] {
  return namesIn(observations, UNITS, ["symlink"]).filter((name) =>
    observations.realPath(`${UNITS}/${name}`)?.endsWith(`/${unit}`),
  );
}

function unusual(observations: Observations): readonly string[] {
  return [
    ...foldersOfLinks(observations, UNITS),
    ...vendorLinks(observations),
    ...foldersElsewhere(observations),
  ];
}

function idleManagers(observations: Observations, boot: BootFacts): readonly string[] {
  return [...MANAGERS].flatMap(([unit, also]) =>
    unitStart(observations, boot, unit, also, NETWORK_TARGETS).state === "idle" ? [unit] : [],
  );
}

function namesUnit(text: string, unit: string): boolean {
  const also = MANAGERS.get(unit) ?? [];
  return [unit, ...also].some((name) => text.split(/[\s="',;&|[\]]+/).some((word) => isNamed(word, name)));
}

/** `%i` and other specifiers stand for anything. Source: systemd.unit(5), "Specifiers". */
function isNamed(word: string, name: string): boolean {
  if (!word.includes("%")) return word === name || word === `${name}.service`;
  const parts = word.split(/%[a-zA-Z]/);
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  return parts.length > 1 && name.startsWith(first) && name.endsWith(last);
}
