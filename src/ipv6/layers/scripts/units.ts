import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isMask } from "../../config-folders.ts";
import { type Line, textFile } from "../../lines.ts";
import { isFirstBoot, isPreset, unreadPresets } from "../../presets.ts";
import { withLib } from "../../split-usr.ts";
import { OWN_UNITS, VENDOR_UNITS } from "../../unit-folders.ts";
import { looksAtVendors, readVendorFolders, VENDOR_HOOKS, VENDOR_RULES } from "../../vendors.ts";
import { isOdd, shippedNames } from "./odd.ts";

export const UNITS: string = OWN_UNITS;
const ELSEWHERE = ["/usr/local/lib/systemd/system", VENDOR_UNITS];
/** Targets that are reached on the way down, to sleep, or when something is broken. */
export const NOT_REACHED: RegExp =
  /^(shutdown|reboot|halt|poweroff|kexec|final|umount|rescue|emergency|.*sleep|suspend.*|hibernate)\./;
const RUNS = /\.(service|timer|path|target)$/;
/** They run nothing themselves, and pull in others. */
const PULL = /\.(service|timer|path|target|socket)$/;
/** Drop-ins of what the image starts. */
const DROP_INS = /(?:^|\.)(service|target|socket|timer|path|mount)\.d$/;

/** Units of packages of the distributions and clouds, which have nothing to do with the switch. */
const SHIPPED = shippedNames(
  "systemd-* dbus* getty@* serial-getty@* autovt@ syslog rsyslog ssh sshd sshd-keygen* cron crond atd anacron",
  "networking network NetworkManager* networkd-dispatcher wicked* dhcpcd resolvconf wpa_supplicant ModemManager",
  "cloud-* walinuxagent* waagent* google-* gce-* amazon-* ec2-* hibinit-agent policy-routes@* refresh-policy-*",
  "hypervkvpd hv-* hv_* open-vm-tools vgauth* vmtoolsd qemu-guest-agent xe-* spice-*",
  "ufw firewalld nftables iptables ip6tables netfilter-persistent fail2ban apparmor auditd selinux-* sssd* polkit",
  "chrony* chronyd* ntp* ntpd* irqbalance tuned kdump* rngd* haveged acpid thermald mcelog smartd smartmontools microcode",
  "procps kmod* udev* keyboard-setup console-setup setvtrgb plymouth* import-state loadmodules nis-domainname dracut-*",
  "lvm2-* blk-availability dm-event dmraid* mdmonitor* mdcheck* multipath* iscsi* open-iscsi fstrim e2scrub* finalrd",
  "snap.* snapd* unattended-upgrades apt-* dpkg-* dnf-* yum-* packagekit* rhsm* insights-* man-db* logrotate mlocate* plocate* updatedb*",
  "motd-news ua-* ubuntu-* esm-* apport* whoopsie kerneloops pollinate grub-* grub2-* secureboot-db accounts-daemon udisks2 lxd-*",
  "remote-* cryptsetup veritysetup integritysetup imports factory-reset* initial-setup* selinux-autorelabel* rhel-* fedora-* ostree-* ldconfig",
  "multi-user graphical network* basic sysinit sockets timers paths local-fs* nss-* time-* getty swap slices machines initrd* umount shutdown",
  "rpcbind rpc-* nfs* remote-* postfix exim4 docker containerd podman* kubelet cockpit cups* avahi-* bluetooth display-manager sysstat* pcscd vdo* libvirt* ca-certificates",
);

/** The image's own units. */
export function ownUnits(observations: Observations): readonly string[] {
  return namesIn(observations, UNITS, ["file", "unknown"])
    .filter((name) => PULL.test(name))
    .map((name) => `${UNITS}/${name}`);
}

/** Folders of the image's own drop-ins. */
export function dropInFolders(observations: Observations): readonly string[] {
  return namesIn(observations, UNITS, ["directory", "unknown"])
    .filter((name) => DROP_INS.test(name) && !name.startsWith("sshd-keygen@") && !NOT_REACHED.test(name))
    .map((name) => `${UNITS}/${name}`);
}

const VENDOR_LINKS = `${VENDOR_UNITS}/multi-user.target.wants`;

/**
 * The vendor's own links, where somebody has been at the links, or all was read: two rounds of reads more on every other
 * disk that is off, where hardly any has some of its own.
 */
export function vendorLinks(observations: Observations): readonly string[] {
  const read = readVendorFolders(observations);
  if (read.length > 0) return read.flatMap((folder) => foldersOfLinks(observations, folder));
  return looksAtVendors(observations) ? [VENDOR_LINKS] : [];
}

/** What runs systemd-sysctl as systemd has it: the sysctl layer tells what that does. */
const USUAL_VENDOR = /\/(?:(?:systemd-sysctl|procps)\.service|99-systemd\.rules)$/;

/** Where all of the vendor's was read: rules, drop-ins of units, and hooks. */
export function vendorFiles(observations: Observations): readonly string[] {
  const folders = readVendorFolders(observations);
  if (folders.length === 0) return [];
  const dropIns = folders.flatMap((folder) =>
    namesIn(observations, folder)
      .filter((name) => DROP_INS.test(name) && !NOT_REACHED.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const files = (within: readonly string[], ends: string): readonly string[] =>
    within.flatMap((folder) =>
      namesIn(observations, folder)
        .filter((name) => name.endsWith(ends))
        .map((name) => `${folder}/${name}`),
    );
  return [
    ...files(dropIns, ".conf"),
    ...files(withLib(observations, [VENDOR_RULES]), ".rules"),
    ...files(VENDOR_HOOKS, ""),
  ].filter((path) => !USUAL_VENDOR.test(path));
}

/**
 * Units that are started and lie elsewhere: what stands in them is worth a look before a machine is called off. Those
 * that distributions ship only where all was read.
 */
export function otherUnits(observations: Observations): readonly string[] {
  const own = new Set(namesIn(observations, UNITS, ["file", "unknown"]));
  const isAll = readVendorFolders(observations).length > 0;
  const folders = [...foldersOfLinks(observations, UNITS), ...vendorLinks(observations)];
  const linked = folders.flatMap((folder) => namesIn(observations, folder));
  const isOther = (name: string): boolean =>
    RUNS.test(name) &&
    (isAll || isOdd(name.replace(RUNS, ""), SHIPPED)) &&
    !own.has(name) &&
    !isMask(observations, `${UNITS}/${name}`);
  const pathsOf = (name: string): readonly string[] =>
    withLib(observations, ELSEWHERE).map((folder) => `${folder}/${fileOf(name)}`);
  const names = broughtAlong(observations, linked, (name) => (isOther(name) ? pathsOf(name) : []));
  return [
    ...namesIn(observations, UNITS, ["symlink"])
      .filter(isOther)
      .map((name) => `${UNITS}/${name}`),
    ...names.flatMap(pathsOf).filter((path) => !USUAL_VENDOR.test(path)),
  ];
}

/** A unit that starts a unit that starts a unit. */
const DEPTH_MAX = 5;
const UNITS_MAX = 200;
/**
 * Of a unit: what it brings up with itself, when it ends, or as timers, paths and sockets do. Sources: systemd.unit(5),
 * "[Unit] section"; systemd.timer(5), systemd.path(5), Unit=; systemd.socket(5), Service=; systemd.service(5), Sockets=.
 */
export const BRINGS: RegExp =
  /^\s*(?:Wants|Requires|BindsTo|Upholds|OnSuccess|OnFailure|Unit|Service|Sockets)\s*=(.*)$/;
/** Source: systemd.device(5). */
const RULE_BRINGS = /\bSYSTEMD_WANTS\}\s*[+:]?=\s*"([^"]*)"/;

/**
 * `linked`, and what the image's own units, drop-ins and rules of udev bring along, and what these do in turn, as far as
 * `pathsOf` has places for them.
 */
function broughtAlong(
  observations: Observations,
  linked: readonly string[],
  pathsOf: (name: string) => readonly string[],
): readonly string[] {
  const dropIns = dropInFolders(observations).flatMap((folder) =>
    namesIn(observations, folder).map((name) => `${folder}/${name}`),
  );
  const rules = namesIn(observations, RULES).map((name) => `${RULES}/${name}`);
  const own = [...ownUnits(observations), ...dropIns, ...rules];
  const found = new Set<string>();
  let level = [...linked, ...own.flatMap((path) => namedIn(observations, path))];
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const more = [...new Set(level)].filter((name) => !found.has(name) && pathsOf(name).length > 0);
    for (const name of more) if (found.size < UNITS_MAX) found.add(name);
    level = more.flatMap((name) => [
      ...(TIMED.test(name) ? [name.replace(TIMED, ".service")] : []),
      ...pathsOf(name).flatMap((path) => namedIn(observations, path)),
    ]);
  }
  return [...found];
}

const RULES = "/etc/udev/rules.d";
/** It starts the service of its name where it names none. */
const TIMED = /\.(?:timer|path)$/;

function namedIn(observations: Observations, path: string): readonly string[] {
  const file = textFile(observations, path);
  if (file.state !== "found") return [];
  return file.lines.flatMap(({ text }) => {
    const named = (BRINGS.exec(text) ?? RULE_BRINGS.exec(text))?.[1] ?? "";
    return named.split(/\s+/).filter((name) => name !== "");
  });
}

/** Of an instance: its template. */
function fileOf(name: string): string {
  return name.replace(/@[^.]+\./, "@.");
}

/** All folders of links of the image's own. */
export function linkFolderWants(observations: Observations): readonly Want[] {
  return foldersOfLinks(observations, UNITS).map((path): Want => ({ path, what: "list" }));
}

export function foldersOfLinks(observations: Observations, units: string): readonly string[] {
  return namesIn(observations, units)
    .filter((name) => /\.(wants|requires|upholds)$/.test(name) && !NOT_REACHED.test(name))
    .map((name) => `${units}/${name}`);
}

/**
 * False for a unit of the image's own that is there to be enabled (`[Install]` says by what) and is not: no link to it
 * or to a timer of its name, and no other unit that speaks of it. Source: systemd.unit(5).
 */
export function mayStart(observations: Observations, boot: BootFacts, path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = name.replace(/\.\w+$/, "");
  const file = textFile(observations, path);
  if (file.state !== "found" || path !== `${UNITS}/${name}`) return true;
  if (!file.lines.some(({ text }) => /^\s*(WantedBy|RequiredBy|UpheldBy)\s*=\s*\S/.test(text))) return true;
  if ((boot.cmdline ?? "").includes(stem)) return true;
  if (isEnabledByPreset(observations, name, file.lines)) return true;
  for (const folder of foldersOfLinks(observations, UNITS)) {
    const listed = observations.list(folder);
    if (listed.state === "unreadable") return true;
    if (listed.state === "found" && listed.value.some((one) => one.name.startsWith(stem))) return true;
  }
  const dropIns = dropInFolders(observations)
    .filter((folder) => !folder.endsWith(`/${name}.d`))
    .flatMap((folder) => namesIn(observations, folder).map((one) => `${folder}/${one}`));
  if (dropIns.some((one) => maySpeakOf(observations, one, stem))) return true;
  const others = namesIn(observations, UNITS, ["file", "unknown"]).filter((one) => one !== name);
  return others.some((one) => {
    const other = textFile(observations, `${UNITS}/${one}`);
    if (other.state === "found") return other.lines.some(({ text }) => text.includes(stem));
    // What kinds of units were not read, and may pull it in.
    return other.state === "unreadable" && /\.(target|socket|mount|automount|swap)$/.test(one);
  });
}

/** A drop-in pulls in other units as the unit itself does. */
function maySpeakOf(observations: Observations, path: string, stem: string): boolean {
  const file = textFile(observations, path);
  return file.state === "found"
    ? file.lines.some(({ text }) => text.includes(stem))
    : file.state === "unreadable";
}

/** What the first boot enables, where presets were seen. Source: systemd.preset(5). */
function isEnabledByPreset(observations: Observations, name: string, lines: readonly Line[]): boolean {
  const wantedBy = lines.flatMap(
    ({ text }) => /^\s*(?:WantedBy|RequiredBy|UpheldBy)\s*=(.*)/.exec(text)?.[1] ?? [],
  );
  const targets = wantedBy.flatMap((text) => text.trim().split(/\s+/));
  if (!isFirstBoot(observations) || targets.every((target) => NOT_REACHED.test(target))) return false;
  return isPreset(observations, name) || unreadPresets(observations, true).length > 0;
}

export function namesIn(
  observations: Observations,
  folder: string,
  types?: readonly string[],
): readonly string[] {
  const listed = observations.list(folder);
  if (listed.state !== "found") return [];
  return listed.value.filter(({ type }) => types?.includes(type) ?? true).map(({ name }) => name);
}
