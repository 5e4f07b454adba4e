import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { namesIn } from "./units.ts";

/*
 * Places that a machine hardly has anything of its own in, and that cost reads: looked at only where IPv6 would
 * otherwise stay off, since one line there brings it back.
 */

const RUNLEVELS = ["sysinit", "boot", "default"].map((level) => `/etc/runlevels/${level}`);
const INIT = "/etc/init.d";
const SYSV = ["/etc/rc3.d", "/etc/rc.d/rc3.d"];
const HOOKS = ["/etc/dhcp/dhclient-enter-hooks.d", "/etc/dhcp/dhclient-exit-hooks.d"];
const TMPFILES = "/usr/lib/tmpfiles.d";
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
    "e2scrub\\S*|sudo|open-\\S+|rpcbind|nfs\\S*|postfix|exim4|unattended-upgrades|irqbalance|netconsole|README",
  ].join("|")})$`,
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
  /^(?:rfc3442-classless-routes|debug|resolv\w+|timesyncd|chrony|ntp\S*|samba|ntpdate|hook-dhclient|google\S*|\S*hostname)$/;
/** Whoever says so in a name is not skipped. */
const SPEAKING = /ipv?6|disable|harden|(?<!systemd-)sysctl/i;

/** Listed first. */
export const SELDOM_WANTS: readonly Want[] = [...SYSV, ...HOOKS, TMPFILES].map((path) => ({
  path,
  what: "list",
}));

/** Init scripts, hooks of DHCP, the vendor's tmpfiles.d and seeds of cloud-init, as far as the folders were listed. */
export function seldomScripts(observations: Observations, cloudInitRuns: boolean): readonly string[] {
  return [
    ...services(observations).map((name) => `${INIT}/${name}`),
    ...HOOKS.flatMap((folder) => others(observations, folder, SHIPPED_HOOK)),
    ...others(observations, TMPFILES, SHIPPED_TMPFILES).filter((path) => path.endsWith(".conf")),
    ...(cloudInitRuns ? SEEDS : []),
  ];
}

/** OpenRC's of all runlevels, and what SysV's links start. */
function services(observations: Observations): readonly string[] {
  const started = [
    ...RUNLEVELS.flatMap((folder) => namesIn(observations, folder)),
    ...SYSV.flatMap((folder) => namesIn(observations, folder)).flatMap(
      (name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? [],
    ),
  ];
  return [...new Set(started)].filter((name) => isOdd(name, SHIPPED_SERVICE));
}

function others(observations: Observations, folder: string, shipped: RegExp): readonly string[] {
  return namesIn(observations, folder)
    .filter((name) => isOdd(name, shipped))
    .map((name) => `${folder}/${name}`);
}

function isOdd(name: string, shipped: RegExp): boolean {
  return SPEAKING.test(name) || !shipped.test(name);
}
