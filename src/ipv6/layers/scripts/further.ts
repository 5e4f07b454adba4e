import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

/**
 * Places that a machine hardly has anything of its own in, and that cost reads: looked at only where IPv6 would
 * otherwise stay off, since one line there brings it back.
 */

const UNITS = "/etc/systemd/system";
const RUNLEVELS = ["sysinit", "boot", "default"].map((level) => `/etc/runlevels/${level}`);
/** Where a linked unit's own file may lie, beside /etc. Source: systemd.unit(5), "Unit File Load Path". */
export const UNIT_FOLDERS: readonly string[] = ["/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];
const INIT = "/etc/init.d";
const SYSV = ["/etc/rc3.d", "/etc/rc.d/rc3.d"];
const HOOKS = ["/etc/dhcp/dhclient-enter-hooks.d", "/etc/dhcp/dhclient-exit-hooks.d"];
const TMPFILES = "/usr/lib/tmpfiles.d";
const CRONTABS = ["/var/spool/cron/crontabs/root", "/var/spool/cron/root", "/etc/crontabs/root"];
const SEEDS = ["nocloud", "nocloud-net"].flatMap((name) =>
  ["user-data", "vendor-data"].map((file) => `/var/lib/cloud/seed/${name}/${file}`),
);

/** What distributions and clouds enable; none of it has to do with the switch. */
const SHIPPED_UNIT = new RegExp(
  `^(?:${[
    "systemd-|dbus|getty|serial-|autovt|sshd?\\.|sshd-keygen|cron|atd|anacron|chrony|ntp|r?syslog|audit|NetworkManager|nm-cloud",
    "networking\\.|network\\.|networkd-|wicked|dhcpcd|cloud-|google-|wa(?:linux)?agent|hv-|hyperv|amazon-|snapd?|apt-|dpkg-|e2scrub|fstrim",
    "man-db|logrotate|motd|ua-|ubuntu-|unattended|update-|lvm2|mdmonitor|mdadm|mdcheck|multipath|dm-event|iscsi|open-|vmtoolsd|vgauth|qemu-",
    "polkit|udisks|irqbalance|tuned|firewalld|nftables|ip6?tables|netfilter-|ufw|apparmor|selinux|postfix|exim|[mp]?locate|sysstat|kdump",
    "kexec|rngd|haveged|microcode|grub|pollinate|secureboot|finalrd|blk-|keyboard-|console-|rpcbind|nfs|remote-|import-|loadmodules|dnf",
    "unbound|sssd|insights|rhs?m|rhcd|cockpit|containerd|docker|podman|crio|kubelet|dracut|ostree|rpm-ostree|zincati|ignition|afterburn",
    "coreos|zram|ModemManager|wpa_|avahi|bluetooth|cups|accounts-|acpid|smartd|mcelog|vboxadd|rc-local|issue-|purge-|btrfs|snapper|backup-",
    "ca-cert|nscd|nslcd|ec2|policy-routes|refresh-policy|libstorage|psacct|gssproxy|thermald|apport|whoopsie|fwupd|packagekit|locksmithd",
    "timesync|logind|udev|reboot|poweroff|graphical|multi-user|default\\.",
  ].join("|")})`,
);
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
export const SPEAKING: RegExp = /ipv?6|disable|harden|(?<!systemd-)sysctl/i;

/** Listed first, as far as their parents show that they are there. */
export function furtherWants(observations: Observations, boot: BootFacts): readonly Want[] {
  return [
    ...linkFolders(observations).map((path): Want => ({ path, what: "list" })),
    ...[...SYSV, ...HOOKS, TMPFILES].map((path): Want => ({ path, what: "list" })),
    ...furtherScripts(observations, boot).map((path): Want => ({ path, maxBytes: 64 << 10 })),
  ];
}

/** Scripts, units and jobs there, as far as the folders were listed. */
export function furtherScripts(observations: Observations, boot: BootFacts): readonly string[] {
  const runsCloud =
    unitStart(observations, boot, "cloud-init.service", ["cloud-init.target"], NETWORK_TARGETS).state !==
      "idle" || names(observations, UNITS).includes("cloud-init.target.wants");
  return [
    ...linkedUnits(observations).flatMap((unit) => UNIT_FOLDERS.map((folder) => `${folder}/${unit}`)),
    ...services(observations).map((name) => `${INIT}/${name}`),
    ...HOOKS.flatMap((folder) => others(observations, folder, SHIPPED_HOOK)),
    ...others(observations, TMPFILES, SHIPPED_TMPFILES).filter((path) => path.endsWith(".conf")),
    ...CRONTABS,
    ...(runsCloud ? SEEDS : []),
  ];
}

/** Units that are wanted and lie outside /etc; their twins for timers, paths and sockets as well. */
export function linkedUnits(observations: Observations): readonly string[] {
  const own = new Set(
    entries(observations, UNITS).flatMap(({ name, type }) => (type === "file" ? [name] : [])),
  );
  const wanted = linkFolders(observations).flatMap((folder) => names(observations, folder));
  return [...new Set(wanted)]
    .filter((name) => /\.(service|timer|path|socket)$/.test(name) && isOdd(name, SHIPPED_UNIT))
    .flatMap((name) => (name.endsWith(".service") ? [name] : [name, name.replace(/\.\w+$/, ".service")]))
    .filter((name) => !own.has(name));
}

function linkFolders(observations: Observations): readonly string[] {
  return names(observations, UNITS)
    .filter(
      (name) =>
        /\.(wants|requires)$/.test(name) && !/^(getty|timers|sockets|paths|remote-fs|local-fs)\./.test(name),
    )
    .map((name) => `${UNITS}/${name}`);
}

/** OpenRC's of all runlevels, and what SysV's links start. */
function services(observations: Observations): readonly string[] {
  const started = [
    ...RUNLEVELS.flatMap((folder) => names(observations, folder)),
    ...SYSV.flatMap((folder) => names(observations, folder)).flatMap(
      (name) => /^S\d\d(.+)$/.exec(name)?.[1] ?? [],
    ),
  ];
  return [...new Set(started)].filter((name) => isOdd(name, SHIPPED_SERVICE));
}

function others(observations: Observations, folder: string, shipped: RegExp): readonly string[] {
  return names(observations, folder)
    .filter((name) => isOdd(name, shipped))
    .map((name) => `${folder}/${name}`);
}

function isOdd(name: string, shipped: RegExp): boolean {
  return SPEAKING.test(name) || !shipped.test(name);
}

function entries(
  observations: Observations,
  folder: string,
): readonly { readonly name: string; readonly type: string }[] {
  const listed = observations.list(folder);
  return listed.state === "found" ? listed.value : [];
}

function names(observations: Observations, folder: string): readonly string[] {
  return entries(observations, folder).map(({ name }) => name);
}
