import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { splitArguments } from "../../arguments.ts";
import { isMask } from "../../config-folders.ts";
import { initOf } from "../../init.ts";
import { withLib } from "../../split-usr.ts";
import { changesInDropIns, changesInUnit, dropInFoldersOf, unitsElsewhere } from "../../unit-changes.ts";
import { ELSEWHERE, OWN_UNITS, VENDOR_UNITS } from "../../unit-folders.ts";
import { looksAtVendors, NOT_ASKED } from "../../vendors.ts";
import { type Applier, RUNLEVELS } from "./programs.ts";

/** Whether the program that applies sysctl files is started at all, and unchanged. */

const START_LINKS = "sysinit.target.wants";
const VENDOR_START_LINKS = `${VENDOR_UNITS}/${START_LINKS}`;
const SERVICE = "systemd-sysctl.service";
/** On Debian the second is another name of the first. */
const SYSTEMD_SERVICE = /^(?:systemd-sysctl|procps)\.service$/;
const SYSV_LINKS = "/etc/rcS.d";

/** The folders of links that start the program, where it has something to say, and what is there of its unit. */
export function startWants(observations: Observations, { name }: Pick<Applier, "name">): readonly Want[] {
  if (name === "OpenRC") return [];
  if (name === "sysctl --system") return [{ path: SYSV_LINKS, what: "list" }];
  return [
    // Of a link in /etc, where it leads to tells, too.
    ...startFolders(observations).map(
      (path): Want => ({ path, what: path.startsWith(OWN_UNITS) ? "names" : "list" }),
    ),
    ...vendorUnits(observations).map((path): Want => ({ path, what: "names" })),
    ...ELSEWHERE.map((path): Want => ({ path, what: "list" })),
  ];
}

/** The same while not all was seen. */
export function likelyStarts(observations: Observations): readonly Want[] {
  return initOf(observations) === "systemd" ? startWants(observations, { name: "systemd-sysctl" }) : [];
}

function vendorUnits(observations: Observations): readonly string[] {
  return looksAtVendors(observations) ? withLib(observations, [`${VENDOR_UNITS}/${SERVICE}`]) : [];
}

/** How the service stands, as far as the image tells. */
export interface Service {
  /** Why nothing is applied at all. */
  readonly idle: string | undefined;
  /** The service does not run: only udev applies what is about a card, when it comes. */
  readonly onlyByUdev: string | undefined;
  /** The image changes the rule by which udev does, or udev itself: it may not. */
  readonly udevMayNot: boolean;
  /** The image's own changes of the service: whether it applies anything is not known. */
  readonly changed: readonly Evidence[];
}

export function serviceOf(observations: Observations, boot: BootFacts, applier: Applier): Service {
  const isSystemd = applier.name === "systemd-sysctl";
  const noUnit = whyNoUnit(observations, applier);
  return {
    idle: idleReason(observations, applier),
    onlyByUdev: noUnit ?? (isSystemd ? whyUnstarted(observations, boot) : undefined),
    udevMayNot: changesUdev(observations),
    changed: noUnit !== undefined || !isSystemd ? [] : changesOf(observations, applier.service ?? ""),
  };
}

function whyUnstarted(observations: Observations, boot: BootFacts): string | undefined {
  if (isMaskedByCmdline(boot)) return `systemd.mask= on the kernel command line masks ${SERVICE}`;
  return isUnlinked(observations) ? `no link starts ${SERVICE}` : undefined;
}

/**
 * Why systemd-sysctl.service runs nothing: the first of its folders that has a unit is all that systemd reads of it.
 * Source: systemd.unit(5).
 */
function whyNoUnit(observations: Observations, { name, service = "" }: Applier): string | undefined {
  if (name !== "systemd-sysctl") return undefined;
  const vendors = vendorUnits(observations);
  const units = [service, ...vendors].map((path) => ({ path, seen: observations.entry(path) }));
  const first = units.find(({ seen }) => seen.state === "found");
  if (first) return isMask(observations, first.path) ? `${SERVICE} is masked` : undefined;
  const isGone = vendors.length > 0 && units.every(({ seen }) => seen.state === "absent");
  const links = withLib(observations, [VENDOR_START_LINKS]).map((path) => observations.list(path));
  return isGone && links.some(({ state }) => state === "found") ? `there is no ${SERVICE}` : undefined;
}

/** Those of /etc, which count before the vendor's of the same name. */
function startFolders(observations: Observations): readonly string[] {
  const own = observations.list(OWN_UNITS);
  const hasOwn = own.state === "found" && own.value.some(({ name }) => name === START_LINKS);
  return [
    ...(hasOwn ? [`${OWN_UNITS}/${START_LINKS}`] : []),
    ...(looksAtVendors(observations) ? withLib(observations, [VENDOR_START_LINKS]) : []),
  ];
}

/**
 * systemd's links were seen, or one of /etc hides the vendor's, and none starts systemd-sysctl.service. Source:
 * systemd.unit(5), ".wants/".
 */
function isUnlinked(observations: Observations): boolean {
  const all = startFolders(observations).map((path) => ({ path, seen: observations.list(path) }));
  if (all.some(({ seen }) => seen.state === "unreadable")) return false;
  const names = new Map<string, string>();
  for (const { path, seen } of all)
    for (const { name } of seen.state === "found" ? seen.value : [])
      if (!names.has(name)) names.set(name, `${path}/${name}`);
  const ofService = [...names].filter(([name]) => SYSTEMD_SERVICE.test(name)).map(([, path]) => path);
  const isKnown = ofService.length > 0 || [...names.values()].some((path) => !path.startsWith(OWN_UNITS));
  return isKnown && ofService.every((path) => isMask(observations, path));
}

/** Why the service does not run, or undefined when it does or that cannot be told. */
function idleReason(observations: Observations, { name }: Applier): string | undefined {
  if (name === "sysctl --system") {
    const links = observations.list(SYSV_LINKS);
    const names = links.state === "found" ? links.value.map((one) => one.name) : [];
    const isSysV = names.some((one) => /^S\d\d/.test(one));
    return isSysV && !names.some((one) => /^S\d\d(?:procps|sysctl)/.test(one))
      ? `no link in ${SYSV_LINKS} starts procps: no file of sysctl.d is applied`
      : undefined;
  }
  if (name !== "OpenRC") return undefined;
  const levels = RUNLEVELS.map((level) => observations.list(`/etc/runlevels/${level}`));
  const seen =
    levels.every(({ state }) => state !== "unreadable") && levels.some(({ state }) => state === "found");
  const used = levels.some(
    (level) => level.state === "found" && level.value.some((one) => one.name === "sysctl"),
  );
  return seen && !used ? "the service sysctl is in no runlevel: no file of sysctl.d is applied" : undefined;
}

/** Source: systemd, rules.d/99-systemd.rules. */
function changesUdev(observations: Observations): boolean {
  const has = (folder: string, pattern: RegExp): boolean => {
    const listed = observations.list(folder);
    return listed.state === "found" && listed.value.some(({ name }) => pattern.test(name));
  };
  return (
    has("/etc/udev/rules.d", /^99-systemd\.rules$/) ||
    has(OWN_UNITS, /^systemd-udev(d|-trigger)\.service(\.d)?$/)
  );
}

/** Folders of the image's own whose drop-ins count for the service, by its name and by its alias. */
export function dropInFolders(observations: Observations, service: string): readonly string[] {
  const name = service.slice(service.lastIndexOf("/") + 1);
  const names = name === SERVICE ? [name, "procps.service"] : [name];
  return [...new Set(names.flatMap((one) => dropInFoldersOf(observations, one)))];
}

/** A unit of the image's own in its place that does something else, a drop-in that says what it runs, or when; or it was not read. */
function changesOf(observations: Observations, service: string): readonly Evidence[] {
  const vendors = vendorUnits(observations)
    .map((unit) => `${unit}.d`)
    .filter((folder) => observations.list(folder).state === "found");
  const dropIns = [...dropInFolders(observations, service), ...vendors].flatMap((folder) =>
    changesInDropIns(observations, folder),
  );
  const unread = vendorUnits(observations).flatMap((path): readonly Evidence[] => {
    const unit = observations.entry(path);
    return unit.state === "unreadable" && !NOT_ASKED.test(unit.reason) ? [{ locator: unit.locator }] : [];
  });
  const unit = service.slice(service.lastIndexOf("/") + 1);
  return [
    ...changesInUnit(observations, service, "systemd-sysctl"),
    ...unitsElsewhere(observations, unit, "systemd-sysctl"),
    ...dropIns,
    ...unread,
  ];
}

/** Source: systemd-debug-generator(8). */
function isMaskedByCmdline({ cmdline = "" }: BootFacts): boolean {
  return splitArguments(cmdline).some(
    ({ name, value }) =>
      name === "systemd.mask" && /^(?:systemd-sysctl|procps)(?:\.service)?$/.test(value ?? ""),
  );
}
