import type { BootFacts } from "../model/boot.ts";
import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { kernelArguments } from "./arguments.ts";
import { isMask } from "./config-folders.ts";
import { initOf, isServiceOf, LINKS_IN_ETC, serviceFolders } from "./init.ts";
import { GENERATED_LINKS } from "./manager.ts";
import { beneath } from "./overlay.ts";
import { releaseOf } from "./release.ts";
import { OWN_UNITS, VENDOR_UNITS } from "./unit-folders.ts";

/** Targets that network managers hang on: fewer folders to read. */
export const NETWORK_TARGETS: readonly string[] = [
  "multi-user",
  "graphical",
  "default",
  "network-online",
  "network",
  "network-pre",
  "basic",
  "sockets",
];
/** Those that a normal boot reaches. */
const TARGETS = [...NETWORK_TARGETS, "sysinit", "cloud-init", "cloud-config"];
/** Where vendors put their own links: Flatcar, Container-Optimized OS, Bottlerocket do it with all of them. */
const VENDOR_FOLDERS = ["multi-user.target.wants", "network-online.target.wants", "sockets.target.wants"];
/** Where /etc starts one of these, its links are all that is asked. */
const MANAGERS =
  /^(?:NetworkManager|systemd-networkd|networking|network|wicked|dhcpcd(?:@\S+)?|netctl(?:@\S+)?|connman)\.service$/;
/** OpenRC's. */
const RUNLEVELS = ["sysinit", "boot", "default"].map((level) => `/etc/runlevels/${level}`);

/** Whether a unit is started on the way up. `idle`: nothing asks for it. */
export type UnitStart =
  | { readonly state: "starts" | "idle" | "masked"; readonly evidence: readonly Evidence[] }
  | { readonly state: "unknown"; readonly reason: string; readonly evidence: readonly Evidence[] };

/** What every question about units needs; only the folders that exist are followed. */
export const UNIT_WANTS: readonly Want[] = [
  { path: OWN_UNITS, what: "list" },
  { path: `${OWN_UNITS}/multi-user.target.wants`, what: "list" },
  { path: "/etc/runlevels", what: "list" },
];

/** The folders of links that are there, and `units` themselves where /etc has them: they may be masks. */
export function followUnits(
  observations: Observations,
  units: readonly string[],
  targets: readonly string[] = TARGETS,
): readonly Want[] {
  const own = observations.list(OWN_UNITS);
  const names = own.state === "found" ? own.value.map(({ name }) => name) : [];
  const levels = observations.list("/etc/runlevels");
  return [
    ...linkFolders(targets)
      .filter((folder) => names.includes(folder))
      .map((folder): Want => ({ path: `${OWN_UNITS}/${folder}`, what: "list" })),
    ...vendorFolders(observations).map((folder): Want => ({ path: folder, what: "list" })),
    ...units.filter((unit) => names.includes(unit)).map((unit): Want => ({ path: `${OWN_UNITS}/${unit}` })),
    ...[...(levels.state === "found" ? RUNLEVELS : []), ...serviceFolders(observations)].map(
      (path): Want => ({ path, what: "list" }),
    ),
  ];
}

/**
 * Whether systemd starts `unit` at boot: a link to it in the `.wants` or `.requires` folder of a target that is
 * reached, and no mask. `also`: other units that bring it up when they start (its socket, its alias). With
 * OpenRC, SysV or runit: the service of that name in a runlevel. Whether the unit's own file is there: see `unitFile`. Source:
 * systemd.unit(5), "[Install] section"; kernel-command-line(7).
 */
export function unitStart(
  observations: Observations,
  boot: BootFacts,
  unit: string,
  also: readonly string[] = [],
  targets: readonly string[] = TARGETS,
): UnitStart {
  const installed = beneath(observations);
  const known = asked.get(installed) ?? new Map<string, UnitStart>();
  asked.set(installed, known);
  const key = [unit, ...also, "of", ...targets, boot.cmdline].join("\0");
  const start = known.get(key) ?? findStart(installed, boot, unit, also, targets);
  known.set(key, start);
  if (start.state === "masked") return start;
  const wanted = [unit, ...also.filter((one) => !maskOf(installed, boot, one))];
  const generated = observations.list(GENERATED_LINKS);
  const link =
    generated.state === "found" ? generated.value.find(({ name }) => wanted.includes(name)) : undefined;
  if (!link) return start;
  const { locator } = observations.entry(`${GENERATED_LINKS}/${link.name}`);
  return { state: "starts", evidence: [{ locator }] };
}

/** Every layer asks about the same few units. What generators write are no units, but for links to them. */
const asked = new WeakMap<Observations, Map<string, UnitStart>>();

function findStart(
  observations: Observations,
  boot: BootFacts,
  unit: string,
  also: readonly string[],
  targets: readonly string[],
): UnitStart {
  const isSystemd = initOf(observations) === "systemd";
  if (!isSystemd) {
    const service = serviceLink(observations, unit);
    if (service) return service;
  }
  const mask = maskOf(observations, boot, unit);
  if (mask) return { state: "masked", evidence: [mask] };
  const byCommandLine = commandLineHas(boot, "systemd.wants", unit);
  if (byCommandLine) return { state: "starts", evidence: boot.cmdlineEvidence };
  const wanted = new Set([unit, ...also.filter((one) => !maskOf(observations, boot, one))]);
  let unseen: { readonly reason: string; readonly locator: string } | undefined;
  for (const folder of [OWN_UNITS, ...linkFoldersIn(observations, targets)]) {
    const listed = observations.list(folder);
    if (listed.state === "unreadable" && !isUnasked(folder, listed.reason))
      unseen ??= { reason: `${folder}: ${listed.reason}`, locator: listed.locator };
    if (listed.state !== "found" || folder === OWN_UNITS) continue;
    const link = listed.value.find(({ name }) => wanted.has(name));
    if (!link) continue;
    const evidence = [{ locator: `${listed.locator}/${link.name}` }];
    if (isSystemd) return { state: "starts", evidence };
    const reason = `whether ${unit} starts could not be told: systemd's links start it, and another init boots`;
    return { state: "unknown", reason, evidence };
  }
  const service = serviceLink(observations, unit);
  if (service) return service;
  if (!unseen) return { state: "idle", evidence: [] };
  const reason = `whether ${unit} starts could not be told: ${unseen.reason}`;
  return { state: "unknown", reason, evidence: [{ locator: unseen.locator }] };
}

/** A link of OpenRC, SysV or runit to the service of that unit. */
function serviceLink(observations: Observations, unit: string): UnitStart | undefined {
  for (const level of [...RUNLEVELS, ...serviceFolders(observations)]) {
    const listed = observations.list(level);
    const service =
      listed.state === "found" ? listed.value.find(({ name }) => isServiceOf(name, unit)) : undefined;
    if (service) return { state: "starts", evidence: [{ locator: `${listed.locator}/${service.name}` }] };
  }
  return undefined;
}

function linkFolders(targets: readonly string[]): readonly string[] {
  return targets.flatMap((target) =>
    ["wants", "requires", "upholds"].map((kind) => `${target}.target.${kind}`),
  );
}

/** All that were asked for: those of /etc that are there, and the vendor's. */
function linkFoldersIn(observations: Observations, targets: readonly string[]): readonly string[] {
  const own = observations.list(OWN_UNITS);
  const names = own.state === "found" ? own.value.map(({ name }) => name) : [];
  return [
    ...linkFolders(targets)
      .filter((folder) => names.includes(folder))
      .map((folder) => `${OWN_UNITS}/${folder}`),
    ...vendorFolders(observations),
  ];
}

function vendorFolders(observations: Observations): readonly string[] {
  const all = VENDOR_FOLDERS.map((folder) => `${VENDOR_UNITS}/${folder}`);
  const units = observations.list(OWN_UNITS);
  const names = units.state === "found" ? units.value.map(({ name }) => name) : [];
  if (units.state !== "unreadable" && !names.includes("multi-user.target.wants")) return all;
  // Before it is known what /etc starts, and which system it is, there is nothing to ask for.
  const { id } = releaseOf(observations);
  const listed = observations.list(`${OWN_UNITS}/multi-user.target.wants`);
  if (listed.state !== "found" || (id === "" && observations.file("/etc/os-release").state === "unreadable"))
    return [];
  return LINKS_IN_ETC.test(id) || listed.value.some(({ name }) => MANAGERS.test(name)) ? [] : all;
}

/** Not every question about units is worth a look at the vendor's folders. */
function isUnasked(folder: string, reason: string): boolean {
  return folder.startsWith(VENDOR_UNITS) && reason === "was not extracted";
}

function maskOf(observations: Observations, boot: BootFacts, unit: string): Evidence | undefined {
  if (commandLineHas(boot, "systemd.mask", unit)) return boot.cmdlineEvidence[0] ?? { locator: "" };
  const path = `${OWN_UNITS}/${unit}`;
  return isMask(observations, path) ? { locator: observations.entry(path).locator } : undefined;
}

function commandLineHas(boot: BootFacts, name: string, unit: string): boolean {
  return kernelArguments(boot.cmdline ?? "").some((one) => one.name === name && one.value === unit);
}
