import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { initOf, RUNIT_SERVICES } from "../../init.ts";
import { withLib } from "../../split-usr.ts";
import { isOdd, type Shipped, shippedNames } from "./odd.ts";
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
  ["user-data", "vendor-data", "network-config"].map((file) => `/var/lib/cloud/seed/${name}/${file}`),
);
/** Programs that cloud-init loads for parts of user-data. Source: cloud-init, stages.Init.consume_data. */
export const HANDLERS = "/var/lib/cloud/handlers";

/** What distributions and clouds bring; none of it has to do with the switch. */
const SHIPPED_SERVICE = shippedNames(
  "acpid bootmisc hostname hwclock hwdrivers loadkmap loadkeys keymaps modules mtab networking seedrng swap sysctl sysfs syslog urandom",
  "cron crond chrony chronyd ssh sshd cloud-* tiny-cloud* killprocs mount-ro savecache devfs dmesg mdev udev* procfs root fsck localmount",
  "loopback machine-id binfmt cgroups local netmount dbus termencoding save-* consolefont dhcpcd ntpd iptables ip6tables nftables",
  "networkmanager qemu-guest-agent network rsyslog apparmor cryptdisks* kmod procps x11-common console-setup* keyboard-setup*",
  "e2scrub* sudo open-* rpcbind nfs* postfix exim4 unattended-upgrades irqbalance netconsole README functions",
  "halt killall single reboot rc rcS rc.local sendsigs umount* mount* check* skeleton plymouth* grub-common lvm2*",
  "multipath-tools iscsid mdadm* uuidd ufw apport atd anacron haveged screen-cleanup pppd-dns rng-tools* lxcfs lxd whoopsie",
);
const SHIPPED_TMPFILES = shippedNames(
  "systemd* dbus* debian* home* journal-* legacy* passwd* polkit* provision* static-nodes* tmp* var* x11* credstore* etc* libselinux* man-db* openssh* ssh*",
  "sudo* crypt* cloud-* lvm2* rpm* dnf* yum* selinux* policycore* setup* baselayout* pam* podman* container* screen* tpm2* tuned* chrony* syslog* rsyslog* dracut*",
  "portable* README* nfs* rpcbind* kmod* initscripts* audit* snap* ubuntu* apport* uuidd* fs-* mdadm* at.* cron* krb5* sssd* NetworkManager* bash* filesystem*",
  "suse* wicked* aaa* google* amazon* waagent* walinuxagent* ostree* bootc* docker* iscsi* open-*",
);
const SHIPPED_HOOK = shippedNames(
  "rfc3442-classless-routes debug resolv* timesyncd chrony* ntp* samba hook-dhclient google* hostname nis.sh",
);
/** Void's steps on the way up; the one of sysctl is followed by the sysctl layer. Source: void-runit. */
const RUNIT_STEPS = "/etc/runit/core-services";
const FOLLOWED_STEP = "08-sysctl.sh";
/** What init itself runs; systemd reads none of it. Source: inittab(5). */
const INITTAB = "/etc/inittab";
/** Functions there run when a card comes up (`postup`). Source: netifrc, net.example. */
const OPENRC_CONFIG = "/etc/conf.d";
/** Listed first. */
export const SELDOM_WANTS: readonly Want[] = [...INIT, DHCP, ...HOOK_FOLDERS, TMPFILES, HANDLERS].map(
  (path) => ({
    path,
    what: "list",
  }),
);

/** Folders that are listed where those say so. */
export function seldomFolders(observations: Observations): readonly Want[] {
  const folders = [
    ...(oddInit(observations).length > 0 ? LEVELS : []),
    ...(initOf(observations) === "other" ? [RUNIT_STEPS, RUNIT_SERVICES] : []),
    ...(initOf(observations) === "openrc" ? [OPENRC_CONFIG] : []),
  ];
  return folders.map((path) => ({ path, what: "list" }));
}

/** Init scripts, hooks of DHCP, the vendor's tmpfiles.d and seeds of cloud-init, as far as the folders were listed. */
export function seldomScripts(observations: Observations, cloudInitRuns: boolean): readonly string[] {
  return [
    ...services(observations),
    ...runit(observations),
    ...(initOf(observations) === "systemd" ? [] : [INITTAB]),
    ...namesIn(observations, OPENRC_CONFIG)
      .filter((name) => /^net(?:[.]|$)/.test(name))
      .map((name) => `${OPENRC_CONFIG}/${name}`),
    ...namesIn(observations, DHCP)
      .filter((name) => HOOK_FILE.test(name))
      .map((name) => `${DHCP}/${name}`),
    ...HOOK_FOLDERS.flatMap((folder) => others(observations, folder, SHIPPED_HOOK)),
    ...withLib(observations, [TMPFILES])
      .flatMap((folder) => others(observations, folder, SHIPPED_TMPFILES))
      .filter((path) => path.endsWith(".conf")),
    ...(cloudInitRuns
      ? [...SEEDS, ...namesIn(observations, HANDLERS).map((name) => `${HANDLERS}/${name}`)]
      : []),
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
    ...[...levels]
      .filter((name) => isOdd(name.replace(/\.sh$/, ""), SHIPPED_SERVICE))
      .map((name) => `${INIT[0]}/${name}`),
    ...oddInit(observations).filter((path) => linked.has(path.slice(path.lastIndexOf("/") + 1))),
  ];
}

/** Steps and services of runit: few, and all of them the image's own. */
function runit(observations: Observations): readonly string[] {
  return [
    ...namesIn(observations, RUNIT_STEPS)
      .filter((name) => name.endsWith(".sh") && name !== FOLLOWED_STEP)
      .map((name) => `${RUNIT_STEPS}/${name}`),
    ...namesIn(observations, RUNIT_SERVICES).map((name) => `${RUNIT_SERVICES}/${name}/run`),
  ];
}

function oddInit(observations: Observations): readonly string[] {
  // OpenRC's folder has all that may be started.
  if (RUNLEVELS.some((folder) => namesIn(observations, folder).length > 0)) return [];
  return INIT.flatMap((folder) => others(observations, folder, SHIPPED_SERVICE));
}

function others(observations: Observations, folder: string, shipped: Shipped): readonly string[] {
  return namesIn(observations, folder)
    .filter((name) => isOdd(name.replace(/\.sh$/, ""), shipped))
    .map((name) => `${folder}/${name}`);
}
