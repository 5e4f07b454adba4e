import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { initOf } from "../../init.ts";
import { textFile } from "../../lines.ts";
import { releaseOf } from "../../release.ts";
import { OWN_UNITS } from "../../unit-folders.ts";
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

const SERVICE = "systemd-sysctl.service";
const OPENRC_SERVICE = "/etc/init.d/sysctl";
export const RUNLEVELS: readonly string[] = ["sysinit", "boot", "default"];
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
