import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isSplit, withLib } from "../../split-usr.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";
import { VENDOR_HOOKS, VENDOR_RULES } from "../../vendors.ts";
import { ELSEWHERE_WANTS, scriptsElsewhere } from "./elsewhere.ts";
import { initramfsScripts } from "./initramfs.ts";
import { isOdd, shippedNames } from "./odd.ts";
import { programsOf } from "./programs.ts";
import { SELDOM_WANTS, seldomScripts, TMPFILES } from "./seldom.ts";
import {
  dropInFolders,
  linkFolderWants,
  namesIn,
  otherUnits,
  ownUnits,
  UNITS,
  vendorFiles,
  vendorLinks,
} from "./units.ts";

/** Read of one script. */
export const SCRIPT_MAX_BYTES: number = 64 << 10;

const CLOUD_INIT = "cloud-init.target";
/** The target's own, and what images link without it. */
const CLOUD_INIT_UNITS = [
  CLOUD_INIT,
  ...["cloud-init", "cloud-init-main", "cloud-config", "cloud-final"].map((name) => `${name}.service`),
];
/** OpenRC's. */
const LOCAL = "local.service";
const CLOUD = "/etc/cloud";

/** Programs that run what is in a folder, by the names they take. */
const RUN_PARTS = /^[a-zA-Z0-9_-]+$/;
const START = /\.start$/;
const CONF = /\.conf$/;
const ANY = /[^~]$/;

interface Folder {
  readonly path: string;
  /** The unit that runs its scripts, if it is one. */
  readonly unit?: string;
  readonly names: RegExp;
  /** Only files that may be executed are run. */
  readonly executed: boolean;
}

/** Those that a card goes through as it comes up. Source: networkd-dispatcher(8); networkctl(1). */
const DISPATCHED_STATES =
  "off no-carrier dormant degraded-carrier carrier degraded routable pending initialized configuring configured unmanaged linger".split(
    " ",
  );

/** Folders whose files are run or read at boot or when a card comes up. */
const FOLDERS: readonly Folder[] = [
  folder("/etc/network/if-pre-up.d", "networking.service", RUN_PARTS),
  folder("/etc/network/if-up.d", "networking.service", RUN_PARTS),
  // By Debian's 01-ifupdown.
  folder("/etc/network/if-up.d", "NetworkManager.service", RUN_PARTS),
  ...["", "/pre-up.d", "/no-wait.d"].map((below) =>
    folder(`/etc/NetworkManager/dispatcher.d${below}`, "NetworkManager.service"),
  ),
  ...DISPATCHED_STATES.map((state) =>
    folder(`/etc/networkd-dispatcher/${state}.d`, "networkd-dispatcher.service"),
  ),
  { path: "/etc/cron.d", names: ANY, executed: false },
  { path: "/etc/udev/rules.d", names: /\.rules$/, executed: false },
  { path: "/etc/tmpfiles.d", names: CONF, executed: false },
  folder("/etc/local.d", LOCAL, START),
  folder("/var/lib/cloud/scripts/per-boot", CLOUD_INIT),
  folder("/var/lib/cloud/scripts/per-instance", CLOUD_INIT),
  folder("/var/lib/cloud/scripts/per-once", CLOUD_INIT),
];
/** systemd and OpenRC run them only when they may be executed. */
const RC_LOCAL = ["/etc/rc.local", "/etc/rc.d/rc.local"];
const FILES = [...RC_LOCAL, "/etc/crontab"];
/** Looked at before a machine is called off: hooks and crontabs. Sources: dhcpcd-run-hooks(8); initscripts, ifup-post. */
const SINGLE = [
  "/etc/dhcpcd.enter-hook",
  "/etc/dhcpcd.exit-hook",
  "/var/spool/cron/crontabs/root",
  "/var/spool/cron/root",
  "/var/spool/cron/tabs/root",
  "/etc/crontabs/root",
];
/** Hooks of initscripts. */
const IFUP = ["/usr/sbin/ifup-local", "/usr/sbin/ifup-pre-local"];
/** It and what it includes run programs; their own lines are followed by the network managers' layers. */
const INTERFACES = "/etc/network/interfaces";

export function hookedIn(observations: Observations): readonly string[] {
  const further = `${INTERFACES}.d`;
  return [INTERFACES, ...namesIn(observations, further).map((name) => `${further}/${name}`)];
}
/** A vendor has hundreds of rules; these are known not to have to do with the switch. */
const SHIPPED_RULES = shippedNames(
  "vm-hotadd* firmware* udev* dm* autosuspend* block* cdrom* dmi* drm* evdev* fido* gpiochip* infiniband* input* persistent* sensor* serial* tpm* apt* btrfs*",
  "integration* azure* camera* joystick* memory* mouse* power* touchpad* uaccess* seat* special-net-names* net-description* net-setup-link* net-bridge* net-dhcp* net-auto-link-local* probe* graphics* sound* debian* drivers* ifupdown*",
  "nm-* hwclock* image-dissect* iocost* e2scrub* systemd* ec2* amazon* google* gce* hv* hyperv* mlx* nvme* ena* scsi* lvm* md-* multipath* mpath* iscsi* fcoe* rdma*",
  "vdo* libinput* usb* libgphoto* sane* upower* alsa* pulseaudio* bluetooth* mtp* modem* mm-* wacom* keyboard* console-* zram* bcache* cloud-init* hook-*",
  "snapd* lxd* kvm* qemu* virt* xen* vmware* open-vm* spice* vbox* s390* dasd* zfcp* qeth* cpi* iommu* ipmi* watchdog* tuned* rtc* crda* rfkill*",
  "wireless* wlan* iwl* brcm* gsm* pcmcia* smartmontools* udisks* parted* kpartx* raid* dmraid* dracut* ostree* bless* prefixdevname* biosdevname* renamevirtio*",
  "suse* rhel* fedora* kdump* microcode* fuse* loop* nbd* drbd* ceph* rbd* zfs* btrfs* xfs* f2fs* ntfs* hidraw* u2f* yubikey* gnupg* pcsc* libusb*",
);
/** A line there may run a program when a module is loaded. */
export const MODPROBE: string = "/etc/modprobe.d";
const SHIPPED_MODPROBE = shippedNames(
  "blacklist* alsa* amd64* intel* iwlwifi* mdadm* nvidia* kvm* tuned* firewalld-sysctls* lockd* truescale* mlx* fbdev* dist* aliases*",
  "dccp* sctp* tipc* rds* cramfs* udf* hfs* cloud* gce* nfs* vhost* qemu* openfwwf* README*",
);
const CLOUD_FOLDER = `${CLOUD}/cloud.cfg.d`;
/** What `furtherScripts` has to see first. */
export const FURTHER_WANTS: readonly Want[] = [
  { path: VENDOR_RULES, what: "list" },
  ...SINGLE.map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
  ...ELSEWHERE_WANTS,
  { path: MODPROBE, what: "list" },
];

function folder(path: string, unit: string, names: RegExp = ANY): Folder {
  return { path, unit, names, executed: true };
}

/** What packages of the distributions put there; it has nothing to do with the switch. */
const SHIPPED = shippedNames(
  "resolved ethtool mtuipv6 openssh-server wpasupplicant wireless-tools chrony ntpdate ntpsec-ntpdate postfix",
  "avahi-daemon avahi-autoipd 000resolvconf ifenslave bridge vlan upstart clamav-freshclam-ifupdown ubuntu-fan",
  "01-ifupdown cloud-init-hook-network-manager hook-network-manager 20-chrony* 11-dhclient 04-iscsi 90-nm-cloud-setup.sh no-wait.d pre-up.d pre-down.d",
  "e2scrub_all popularity-contest sysstat 0hourly raid-check certbot anacron mdadm php .placeholder README",
  "70-persistent-net.rules 75-cloud-ifupdown.rules 70-snap.* 66-azure-storage.rules 99-azure-product-uuid.rules",
);

/** Files of the image's own that run while the machine comes up, as far as they can be told. */
export function scriptsIn(observations: Observations, boot: BootFacts): readonly string[] {
  const dropIns = dropInFolders(observations).flatMap((folder) =>
    namesIn(observations, folder).map((file) => `${folder}/${file}`),
  );
  const placed = placesIn(observations, boot).flatMap(({ path, names }) =>
    namesIn(observations, path, ["file", "symlink", "unknown"])
      .filter((name) => isOdd(name, SHIPPED) && names.test(name))
      .map((name) => `${path}/${name}`),
  );
  const own = [...FILES, ...ownUnits(observations), ...dropIns, ...placed];
  return [...own, ...programsOf(observations, own)];
}

/** Twins of vendors' folders. */
export function splitFolders(observations: Observations): readonly Want[] {
  if (!isSplit(observations)) return [];
  return withLib(observations, [VENDOR_RULES, TMPFILES]).map((path) => ({ path, what: "list" }));
}

/** Further files that run, for a machine that would be called off: there, none is to be overlooked. */
export function furtherScripts(observations: Observations, boot: BootFacts): readonly string[] {
  const rules = withLib(observations, [VENDOR_RULES]).flatMap((folder) =>
    namesIn(observations, folder)
      .filter((name) => name.endsWith(".rules") && isOdd(name.replace(/^\d+-/, ""), SHIPPED_RULES))
      .map((name) => `${folder}/${name}`),
  );
  const hooks = vendorHookFolders(observations, boot).flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"])
      .filter((name) => isOdd(name, SHIPPED))
      .map((name) => `${folder}/${name}`),
  );
  const seldom = seldomScripts(observations, cloudInitRuns(observations, boot));
  const own = [
    ...SINGLE,
    ...rules,
    ...hooks,
    ...otherUnits(observations),
    ...seldom,
    ...scriptsElsewhere(observations),
    ...initramfsScripts(observations, boot),
    ...namesIn(observations, MODPROBE)
      .filter((name) => name.endsWith(".conf") && isOdd(name, SHIPPED_MODPROBE))
      .map((name) => `${MODPROBE}/${name}`),
  ];
  if (namesIn(observations, "/etc/sysconfig/network-scripts").includes("ifup-post")) own.push(...IFUP);
  const hooked = [
    ...hookedIn(observations),
    ...(cloudInitRuns(observations, boot) ? cloudConfig(observations) : []),
  ];
  return [...own, ...vendorFiles(observations), ...programsOf(observations, [...own, ...hooked])];
}

/** Packages' own hooks of the managers that run. */
export function vendorHookFolders(observations: Observations, boot: BootFacts): readonly string[] {
  return VENDOR_HOOKS.filter((folder) =>
    isStarted(
      observations,
      boot,
      folder.includes("NetworkManager") ? "NetworkManager.service" : "networkd-dispatcher.service",
    ),
  );
}

/** Not run, as nobody may execute it: run-parts, dispatchers and rc-local.service leave such files out. */
export function isLeftOut(observations: Observations, path: string): boolean {
  const isExecuted =
    RC_LOCAL.includes(path) ||
    FOLDERS.some(
      (one) =>
        one.executed && path.startsWith(`${one.path}/`) && !path.slice(one.path.length + 1).includes("/"),
    );
  const file = observations.file(path);
  const mode = file.state === "found" ? file.value.mode : undefined;
  return isExecuted && mode !== undefined && (mode & 0o111) === 0;
}

/** cloud-init's own configuration, of the image. */
export function cloudConfig(observations: Observations): readonly string[] {
  const names = namesIn(observations, CLOUD_FOLDER).filter((name) => name.endsWith(".cfg"));
  return [`${CLOUD}/cloud.cfg`, ...names.map((name) => `${CLOUD_FOLDER}/${name}`)];
}

/** Whether cloud-init runs what its own configuration says. */
export function cloudInitRuns(observations: Observations, boot: BootFacts): boolean {
  return (
    !namesIn(observations, CLOUD).includes("cloud-init.disabled") &&
    CLOUD_INIT_UNITS.some((unit) => isStarted(observations, boot, unit))
  );
}

/**
 * Those that need nothing else to run, and those of cloud-init: nearly every image has it, and they lie so deep
 * that to begin late would be to end late.
 */
export const PLAIN_PLACES: readonly Want[] = [
  ...FILES.map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
  ...FOLDERS.filter(({ unit }) => unit === undefined || unit === CLOUD_INIT).map(
    ({ path }): Want => ({ path, what: "list" }),
  ),
];

/** Further ones, as far as they can be told while the links of units are not all seen. */
export function likelyScripts(observations: Observations): readonly Want[] {
  const likely = FOLDERS.filter(({ unit }) => unit !== undefined && isLikely(observations, unit));
  return [
    ...likely.map(({ path }): Want => ({ path, what: "list" })),
    // They lie beside those of the network's targets.
    ...linkFolderWants(observations),
    ...vendorLinks(observations).map((path): Want => ({ path, what: "list" })),
    ...FURTHER_WANTS,
    ...SELDOM_WANTS,
  ];
}

/** The program's own configuration is there. */
function isLikely(observations: Observations, unit: string): boolean {
  return unit === "networking.service" && observations.file("/etc/network/interfaces").state === "found";
}

/** What is listed and read before `scriptsIn` knows all. */
export function firstWants(observations: Observations, boot: BootFacts): readonly Want[] {
  return [
    ...FILES.map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
    ...[...dropInFolders(observations), ...placesIn(observations, boot).map(({ path }) => path)].map(
      (path): Want => ({ path, what: "list" }),
    ),
  ];
}

function placesIn(observations: Observations, boot: BootFacts): readonly Folder[] {
  return FOLDERS.filter(({ unit }) =>
    unit === CLOUD_INIT
      ? cloudInitRuns(observations, boot)
      : unit === undefined || isStarted(observations, boot, unit),
  );
}

function isStarted(observations: Observations, boot: BootFacts, unit: string): boolean {
  return (
    namesIn(observations, UNITS).includes(`${unit}.wants`) ||
    unitStart(observations, boot, unit, ALSO[unit] ?? [], NETWORK_TARGETS).state !== "idle"
  );
}

/** What brings a unit along. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  "NetworkManager.service": ["NetworkManager-wait-online.service"],
};
