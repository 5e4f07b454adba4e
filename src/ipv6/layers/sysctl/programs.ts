import type { Observations } from "../../../model/observations.ts";
import { releaseOf, systemdVersion } from "../../versions.ts";
import type { Program } from "./replay.ts";

/** Which program writes sysctl files at boot, from which places, in every version it may be. */
export interface Applier {
  readonly name: "systemd-sysctl" | "sysctl --system" | "OpenRC";
  readonly programs: readonly Program[];
}

const SYSTEMD: Program = {
  kind: "map",
  patterns: true,
  ordered: true,
  skipsEqual: true,
  reappliesOnAdd: true,
};

/** Newest first; each with the first version that behaves so. Source: systemd's history of src/sysctl. */
const SYSTEMD_BY_VERSION: readonly { readonly since: number; readonly program: Program }[] = [
  { since: 250, program: SYSTEMD },
  { since: 245, program: { ...SYSTEMD, skipsEqual: false } },
  { since: 232, program: { ...SYSTEMD, skipsEqual: false, patterns: false } },
  { since: 0, program: { ...SYSTEMD, skipsEqual: false, patterns: false, ordered: false } },
];

const PROCPS: Program = {
  kind: "sequence",
  patterns: true,
  ordered: true,
  skipsEqual: false,
  reappliesOnAdd: false,
};

/** By the operating system's name; everything that is not known to do otherwise runs systemd. */
export function applierOf(observations: Observations): Applier {
  const { id } = releaseOf(observations);
  if (id === "alpine" || id === "postmarketos" || id === "gentoo")
    return { name: "OpenRC", programs: [{ ...PROCPS, patterns: false }, PROCPS] };
  if (id === "devuan") return { name: "sysctl --system", programs: [PROCPS, { ...PROCPS, patterns: false }] };
  const version = systemdVersion(observations);
  const known = version === undefined ? undefined : SYSTEMD_BY_VERSION.find(({ since }) => version >= since);
  const programs = known ? [known] : SYSTEMD_BY_VERSION.slice(0, 2);
  return { name: "systemd-sysctl", programs: programs.map(({ program }) => program) };
}
