import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { familiesOf, releaseOf } from "./release.ts";
import { OWN_UNITS } from "./unit-folders.ts";

/** `other`: none of the two that are followed closely; see `isFollowed`. */
export type Init = "systemd" | "openrc" | "other";

const OPENRC: ReadonlySet<string> = new Set(["alpine", "postmarketos", "gentoo", "artix"]);
const RUNIT: ReadonlySet<string> = new Set(["void"]);
const SYSV: ReadonlySet<string> = new Set(["devuan"]);
const PROGRAM = "/sbin/init";
/** Of sysvinit: it says what it starts. Red Hat's family keeps one that nobody reads. Source: inittab(5). */
const INITTAB = "/etc/inittab";
/** They come with systemd, and take other inits from their own packages. */
const ANY_INIT: ReadonlySet<string> = new Set(["debian", "ubuntu"]);
const SYSTEMD = /(?:^|\/)systemd$/;
/** Where links start SysV's services on the way up; which level is the usual one differs. */
const SYSV_LINKS = "/etc/rcS.d";
const SYSV_LEVELS = ["2", "3", "4", "5"].map((level) => `/etc/rc${level}.d`);
/** Void's links to services. Source: void-runit, the script 2. */
export const RUNIT_SERVICES = "/etc/runit/runsvdir/default";

/** Distributions that come with systemd only, or whose packages put its links into /etc all the same. */
export const LINKS_IN_ETC: RegExp =
  /^(?:debian|ubuntu|rhel|centos|rocky|almalinux|ol|fedora|amzn|sle\S*|opensuse\S*|arch|photon|mariner|azurelinux|openEuler)$/;

/** Releases before this came without systemd. */
const SYSTEMD_SINCE: Readonly<Record<string, number>> = {
  debian: 8,
  ubuntu: 15.04,
  rhel: 7,
  centos: 7,
  ol: 7,
  sles: 12,
};
/** Amazon Linux 1 goes by its years, the second begins with 2. */
const AMAZON_1 = { id: "amzn", since: 2011, until: 2019 };

/** A release from before systemd: SysV's init, or Upstart. */
function isBeforeSystemd(observations: Observations): boolean {
  const { id, release } = releaseOf(observations);
  if (id === AMAZON_1.id) return release >= AMAZON_1.since && release < AMAZON_1.until;
  return release < (SYSTEMD_SINCE[id] ?? 0);
}

/**
 * Asked for where IPv6 would stay off: by its name alone nobody knows how an unheard-of system boots, and Debian's
 * may have another init than systemd, which leaves a table of its own.
 */
export function initWants(observations: Observations): readonly Want[] {
  const { id } = releaseOf(observations);
  const program: Want = { path: PROGRAM, what: "names" };
  if (ANY_INIT.has(id)) {
    const table: Want = { path: INITTAB, what: "names" };
    return isAbsent(observations, INITTAB) ? [table] : [table, program];
  }
  const isKnown = LINKS_IN_ETC.test(id) || [RUNIT, SYSV].some((names) => names.has(id));
  return isKnown ? [] : [program];
}

/** Or nobody has asked. */
function isAbsent(observations: Observations, path: string): boolean {
  const entry = observations.entry(path);
  return entry.state === "absent" || (entry.state === "unreadable" && entry.reason === "was not extracted");
}

/**
 * Which init boots it, by the operating system's name, and by what /sbin/init is where that was asked for; systemd is
 * taken for granted everywhere else, unless only OpenRC has left its folders of services.
 */
export function initOf(observations: Observations): Init {
  const ids = familiesOf(observations);
  const named = (set: ReadonlySet<string>): boolean => ids.some((id) => set.has(id));
  const runlevels = observations.list("/etc/runlevels").state;
  const units = observations.list(OWN_UNITS).state;
  if (named(RUNIT) || named(SYSV) || isBeforeSystemd(observations)) return "other";
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
  // Upstart has jobs of its own, OpenRC on Debian its runlevels.
  if (hasUpstart(observations) || observations.list("/etc/runlevels").state === "found") return false;
  const links = observations.list(SYSV_LINKS);
  return links.state === "found" && links.value.some(({ name }) => /^S\d\d/.test(name));
}

function hasUpstart(observations: Observations): boolean {
  return isBeforeSystemd(observations) && releaseOf(observations).id !== "debian";
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
