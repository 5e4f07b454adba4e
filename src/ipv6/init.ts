import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { familiesOf, releaseOf } from "./release.ts";

/** `other`: none of the two that are followed closely; see `isFollowed`. */
export type Init = "systemd" | "openrc" | "other";

const OPENRC: ReadonlySet<string> = new Set(["alpine", "postmarketos", "gentoo", "artix"]);
const RUNIT: ReadonlySet<string> = new Set(["void"]);
const SYSV: ReadonlySet<string> = new Set(["devuan"]);
const PROGRAM = "/sbin/init";
const SYSTEMD = /(?:^|\/)systemd$/;
/** Where links start SysV's services on the way up; which level is the usual one differs. */
const SYSV_LINKS = "/etc/rcS.d";
const SYSV_LEVELS = ["2", "3", "4", "5"].map((level) => `/etc/rc${level}.d`);
/** Void's links to services. Source: void-runit, the script 2. */
export const RUNIT_SERVICES = "/etc/runit/runsvdir/default";

/** Distributions that come with systemd only, or whose packages put its links into /etc all the same. */
export const LINKS_IN_ETC: RegExp =
  /^(?:debian|ubuntu|rhel|centos|rocky|almalinux|ol|fedora|amzn|sle\S*|opensuse\S*|arch|photon|mariner|azurelinux|openEuler)$/;

/** Asked for where IPv6 would stay off: by its name alone nobody knows how an unheard-of system boots. */
export function initWants(observations: Observations): readonly Want[] {
  const { id } = releaseOf(observations);
  const isKnown = LINKS_IN_ETC.test(id) || [RUNIT, SYSV].some((names) => names.has(id));
  return isKnown ? [] : [{ path: PROGRAM, what: "names" }];
}

/**
 * Which init boots it, by the operating system's name, and by what /sbin/init is where that was asked for; systemd is
 * taken for granted everywhere else, unless only OpenRC has left its folders of services.
 */
export function initOf(observations: Observations): Init {
  const ids = familiesOf(observations);
  const named = (set: ReadonlySet<string>): boolean => ids.some((id) => set.has(id));
  const runlevels = observations.list("/etc/runlevels").state;
  const units = observations.list("/etc/systemd/system").state;
  if (named(RUNIT) || named(SYSV)) return "other";
  // Gentoo and its like come with either, Artix with others as well.
  if (named(OPENRC) && runlevels === "absent")
    return units === "found" ? "systemd" : units === "absent" ? "other" : "openrc";
  if (named(OPENRC)) return "openrc";
  if (ids.length === 0 && runlevels === "found" && units === "absent") return "openrc";
  return isOther(observations) ? "other" : "systemd";
}

function isOther(observations: Observations): boolean {
  const entry = observations.entry(PROGRAM);
  if (entry.state === "unreadable") return entry.reason !== "was not extracted";
  if (entry.state === "absent") return false;
  return entry.value.target === undefined || !SYSTEMD.test(entry.value.target);
}

/** Whether it is known where this init keeps what it starts. */
export function isFollowed(observations: Observations): boolean {
  if (initOf(observations) !== "other") return true;
  if (familiesOf(observations).some((id) => RUNIT.has(id))) return true;
  const links = observations.list(SYSV_LINKS);
  return links.state === "found" && links.value.some(({ name }) => /^S\d\d/.test(name));
}

/** Folders of links to services that are not systemd's and not OpenRC's. */
export function serviceFolders(observations: Observations): readonly string[] {
  return initOf(observations) === "other" ? [...SYSV_LEVELS, RUNIT_SERVICES] : [];
}

/** Debian's names of services that are none of systemd's, and Void's. */
const ALSO_CALLED: ReadonlyMap<string, string> = new Map([
  ["network-manager", "networkmanager"],
  ["connmand", "connman"],
]);

/** `S01network-manager` of SysV, `networkmanager` of OpenRC: the service of that unit. */
export function isServiceOf(name: string, unit: string): boolean {
  if (!unit.endsWith(".service")) return false;
  const plain = name.replace(/^S\d\d/, "").toLowerCase();
  return (ALSO_CALLED.get(plain) ?? plain) === unit.slice(0, -".service".length).toLowerCase();
}
