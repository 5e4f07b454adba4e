import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isMask } from "../../config-folders.ts";
import { initOf } from "../../init.ts";
import { textFile } from "../../lines.ts";
import { releaseOf } from "../../release.ts";
import { withLib } from "../../split-usr.ts";
import { looksAtVendors, VENDOR_UNITS } from "../../vendors.ts";
import { libraryVersions, type ProcpsVersion, releaseVersion } from "../../versions.ts";
import type { Program } from "./replay.ts";

/** Which program writes sysctl files at boot, from which places, in every version it may be. */
export interface Applier {
  readonly name: "systemd-sysctl" | "sysctl --system" | "OpenRC";
  readonly programs: readonly Program[];
  /** The service that runs it: nothing is applied when it is not there, or masked. */
  readonly service?: string;
}

const SYSTEMD: Program = {
  dialect: "systemd",
  order: "by name",
  kind: "map",
  ordered: true,
  skipsEqual: true,
  strictPaths: true,
  plainPrefix: true,
  loopsMask: false,
  excludesPatterns: false,
  reappliesOnAdd: true,
};

const SYSTEMD_252: Program = { ...SYSTEMD, loopsMask: true };
const SYSTEMD_250: Program = { ...SYSTEMD_252, plainPrefix: false };
const SYSTEMD_245: Program = { ...SYSTEMD_250, skipsEqual: false, strictPaths: false };
const SYSTEMD_243: Program = { ...SYSTEMD_245, dialect: "systemd-243" };
const SYSTEMD_OLD: Program = { ...SYSTEMD_245, dialect: "systemd-old" };

/**
 * Newest first; each with the first version that behaves so. Source: systemd's history of src/sysctl: `-` for
 * "ignore failure" came with 243 (distributions backported it), patterns with 245.
 */
const SYSTEMD_BY_VERSION: readonly { readonly since: number; readonly programs: readonly Program[] }[] = [
  { since: 262, programs: [SYSTEMD] },
  { since: 258, programs: [SYSTEMD, SYSTEMD_252] },
  { since: 252, programs: [SYSTEMD_252] },
  { since: 250, programs: [SYSTEMD_250] },
  { since: 245, programs: [SYSTEMD_245] },
  { since: 243, programs: [SYSTEMD_243] },
  { since: 232, programs: [SYSTEMD_243, SYSTEMD_OLD] },
  { since: 0, programs: [SYSTEMD_OLD, { ...SYSTEMD_OLD, ordered: false }] },
];

const PROCPS: Program = {
  dialect: "procps-4",
  order: "by name, then sysctl.conf",
  kind: "sequence",
  ordered: true,
  skipsEqual: false,
  strictPaths: false,
  plainPrefix: false,
  loopsMask: true,
  excludesPatterns: false,
  reappliesOnAdd: false,
};
const PROCPS_4_0_5: Program = { ...PROCPS, excludesPatterns: true };
const PROCPS_3: Program = { ...PROCPS, dialect: "procps-3" };
/** Up to 3.3.16 /run comes before /etc. */
const PROCPS_3_3_16: Program = { ...PROCPS_3, order: "by name, run first, then sysctl.conf" };
const BUSYBOX: Program = { ...PROCPS, dialect: "busybox", kind: "files" };

const OWN_UNITS = "/etc/systemd/system";
const START_LINKS = "sysinit.target.wants";
const VENDOR_START_LINKS = `${VENDOR_UNITS}/${START_LINKS}`;
const SERVICE = "systemd-sysctl.service";
const OPENRC_SERVICE = "/etc/init.d/sysctl";
const RUNLEVELS = ["sysinit", "boot", "default"];
const SYSCTL = "/sbin/sysctl";

/** What tells the program where it is not systemd's. */
export const APPLIER_WANTS: readonly Want[] = [
  { path: OPENRC_SERVICE },
  { path: SYSCTL, what: "names" },
  ...RUNLEVELS.map((level): Want => ({ path: `/etc/runlevels/${level}`, what: "list" })),
];

/** By the operating system's name; everything that is not known to do otherwise runs systemd. */
export function applierOf(observations: Observations): Applier {
  const { id, release } = releaseOf(observations);
  const init = initOf(observations);
  if (init === "openrc") return openRc(observations);
  const versions = libraryVersions(observations);
  if (init === "other") return { name: "sysctl --system", programs: procpsOf(versions.procps) };
  const version = versions.systemd ?? releaseVersion(id, release);
  const known = version === undefined ? undefined : SYSTEMD_BY_VERSION.find(({ since }) => version >= since);
  return {
    name: "systemd-sysctl",
    programs: known?.programs ?? SYSTEMD_BY_VERSION.slice(1, 5).flatMap(({ programs }) => programs),
    service: `${OWN_UNITS}/${SERVICE}`,
  };
}

function procpsOf(version: ProcpsVersion | undefined): readonly Program[] {
  const all = { "4.0.5": PROCPS_4_0_5, "4.0": PROCPS, "3.3.17": PROCPS_3, "3.3": PROCPS_3_3_16 };
  return version === undefined ? Object.values(all) : [all[version]];
}

/** The service is a script; three are known, and each reads other places in another order. */
function openRc(observations: Observations): Applier {
  const entry = observations.entry(SYSCTL);
  const isBusybox =
    entry.state === "found" &&
    entry.value.type === "symlink" &&
    (entry.value.target?.endsWith("busybox") ?? false);
  const isOwn = entry.state === "found" && !isBusybox;
  const { procps } = libraryVersions(observations);
  const tools = isBusybox ? [BUSYBOX] : isOwn ? procpsOf(procps) : [BUSYBOX, ...procpsOf(undefined)];
  const script = textFile(observations, OPENRC_SERVICE);
  const has = (text: string): boolean =>
    script.state === "found" && script.lines.some((line) => line.text.includes(text));
  const orders: readonly Program["order"][] = has("--system")
    ? ["by name, then sysctl.conf"]
    : has("Ignoring $f due to")
      ? ["vendor, etc, sysctl.conf, run"]
      : has("/run/sysctl.d/*.conf")
        ? ["run, etc, vendor, sysctl.conf"]
        : ["vendor, etc, sysctl.conf, run", "run, etc, vendor, sysctl.conf"];
  const programs = orders.flatMap((order) =>
    tools.map(
      (tool): Program => ({
        ...tool,
        ...(order !== "by name, then sysctl.conf"
          ? { order, kind: "files" }
          : tool.dialect === "busybox"
            ? { order: "sysctl.conf, etc" }
            : {}),
      }),
    ),
  );
  return { name: "OpenRC", programs, service: OPENRC_SERVICE };
}

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
  ];
}

/** The same while not all was seen. */
export function likelyStarts(observations: Observations): readonly Want[] {
  return initOf(observations) === "systemd" ? startWants(observations, { name: "systemd-sysctl" }) : [];
}

export function vendorUnits(observations: Observations): readonly string[] {
  return looksAtVendors(observations) ? withLib(observations, [`${VENDOR_UNITS}/${SERVICE}`]) : [];
}

/** Why systemd-sysctl.service runs nothing: the first of its folders that has a unit is all that systemd reads of it. Source: systemd.unit(5). */
export function whyNoUnit(observations: Observations, { name, service = "" }: Applier): string | undefined {
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

/** systemd's links were seen, or one of /etc hides the vendor's, and none starts systemd-sysctl.service. Source: systemd.unit(5), ".wants/". */
export function isUnlinked(observations: Observations): boolean {
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
export function idleReason(observations: Observations, { name }: Applier): string | undefined {
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
