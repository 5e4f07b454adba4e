import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { withLib } from "../../split-usr.ts";
import { isOdd } from "./odd.ts";
import { namesIn } from "./units.ts";

/*
 * Places that a machine hardly has anything of its own in, and that cost reads: looked at only where IPv6 would
 * otherwise stay off, since one line there brings it back.
 */

const RUNLEVELS = ["sysinit", "boot", "default"].map((level) => `/etc/runlevels/${level}`);
/** Scripts, and the folders of links that start them. Source: systemd-sysv-generator(8). */
const INIT = ["/etc/init.d", "/etc/rc.d/init.d"];
const LEVELS = ["/etc", "/etc/rc.d"].flatMap((folder) =>
  ["S", "2", "3", "4", "5"].map((level) => `${folder}/rc${level}.d`),
);
/** Source: dhclient-script(8); Red Hat's has folders and names of its own. */
const DHCP = "/etc/dhcp";
const HOOK_FOLDERS = ["dhclient-enter-hooks.d", "dhclient-exit-hooks.d", "dhclient.d"].map(
  (name) => `${DHCP}/${name}`,
);
const HOOK_FILE = /^dhclient-\S*hooks$/;
export const TMPFILES = "/usr/lib/tmpfiles.d";
const SEEDS = ["nocloud", "nocloud-net"].flatMap((name) =>
  ["user-data", "vendor-data"].map((file) => `/var/lib/cloud/seed/${name}/${file}`),
);

/** What distributions and clouds bring; none of it has to do with the switch. */
const SHIPPED_SERVICE = new RegExp(
  `^(?:${[
    "acpid|bootmisc|hostname|hwclock|hwdrivers|loadkmap|loadkeys|keymaps|modules|mtab|networking|seedrng|swap|sysctl|sysfs|syslog|urandom",
    "crond?|chronyd?|sshd?|cloud-\\S+|tiny-cloud\\S*|killprocs|mount-ro|savecache|devfs|dmesg|mdev|udev\\S*|procfs|root|fsck|localmount",
    "loopback|machine-id|binfmt|cgroups|local|netmount|dbus|termencoding|save-\\S+|consolefont|dhcpcd|ntpd|iptables|ip6tables|nftables",
    "networkmanager|qemu-guest-agent|network|rsyslog|apparmor|cryptdisks\\S*|kmod|procps|x11-common|console-setup\\S*|keyboard-setup\\S*",
    "e2scrub\\S*|sudo|open-\\S+|rpcbind|nfs\\S*|postfix|exim4|unattended-upgrades|irqbalance|netconsole|README|functions",
    "halt|killall|single|reboot|rc|rcS|rc\\.local|sendsigs|umount\\S*|mount\\S*|check\\S*|skeleton|plymouth\\S*|grub-common|lvm2\\S*",
    "multipath-tools|iscsid|mdadm\\S*|uuidd|ufw|apport|atd|anacron|haveged|screen-cleanup|pppd-dns|rng-tools\\S*|lxcfs|lxd|whoopsie",
  ].join("|")})(?:\\.sh)?$`,
);
const SHIPPED_TMPFILES = new RegExp(
  `^(?:${[
    "systemd|dbus|debian|home|journal-|legacy|passwd|polkit|provision|static-nodes|tmp|var|x11|credstore|etc|libselinux|man-db|openssh|ssh",
    "sudo|crypt|cloud-|lvm2|rpm|dnf|yum|selinux|policycore|setup|baselayout|pam|podman|container|screen|tpm2|tuned|chrony|r?syslog|dracut",
    "portable|README|nfs|rpcbind|kmod|initscripts|audit|snap|ubuntu|apport|uuidd|fs-|mdadm|at\\.|cron|krb5|sssd|NetworkManager|bash|filesystem",
    "suse|wicked|aaa|google|amazon|wa(?:linux)?agent|ostree|bootc|docker|iscsi|open-",
  ].join("|")})`,
);
const SHIPPED_HOOK =
  /^(?:nis\.sh|\S*ntp\.sh|chrony\.sh|rfc3442-classless-routes|debug|resolv\w+|timesyncd|chrony|ntp\S*|samba|ntpdate|hook-dhclient|google\S*|\S*hostname)$/;
/** Listed first. */
export const SELDOM_WANTS: readonly Want[] = [...INIT, DHCP, ...HOOK_FOLDERS, TMPFILES].map((path) => ({
  path,
  what: "list",
}));

/** Folders that are listed where those say so. */
export function seldomFolders(observations: Observations): readonly Want[] {
  return oddInit(observations).length > 0 ? LEVELS.map((path) => ({ path, what: "list" })) : [];
}

/** Init scripts, hooks of DHCP, the vendor's tmpfiles.d and seeds of cloud-init, as far as the folders were listed. */
export function seldomScripts(observations: Observations, cloudInitRuns: boolean): readonly string[] {
  return [
    ...services(observations),
    ...namesIn(observations, DHCP)
      .filter((name) => HOOK_FILE.test(name))
      .map((name) => `${DHCP}/${name}`),
    ...HOOK_FOLDERS.flatMap((folder) => others(observations, folder, SHIPPED_HOOK)),
    ...withLib(observations, [TMPFILES])
      .flatMap((folder) => others(observations, folder, SHIPPED_TMPFILES))
      .filter((path) => path.endsWith(".conf")),
    ...(cloudInitRuns ? SEEDS : []),
  ];
}

/** OpenRC's of all runlevels, and what SysV's links start. */
function services(observations: Observations): readonly string[] {
  const linked = new Set(
    LEVELS.flatMap((folder) => namesIn(observations, folder)).flatMap(
      (name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? [],
    ),
  );
  const levels = new Set(RUNLEVELS.flatMap((folder) => namesIn(observations, folder)));
  return [
    ...[...levels].filter((name) => isOdd(name, SHIPPED_SERVICE)).map((name) => `${INIT[0]}/${name}`),
    ...oddInit(observations).filter((path) => linked.has(path.slice(path.lastIndexOf("/") + 1))),
  ];
}

function oddInit(observations: Observations): readonly string[] {
  // OpenRC's folder has all that may be started.
  if (RUNLEVELS.some((folder) => namesIn(observations, folder).length > 0)) return [];
  return INIT.flatMap((folder) => others(observations, folder, SHIPPED_SERVICE));
}

function others(observations: Observations, folder: string, shipped: RegExp): readonly string[] {
  return namesIn(observations, folder)
    .filter((name) => isOdd(name, shipped))
    .map((name) => `${folder}/${name}`);
}
