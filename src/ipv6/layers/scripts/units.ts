import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { textFile } from "../../lines.ts";
import { withLib } from "../../split-usr.ts";
import { isOdd } from "./odd.ts";

export const UNITS = "/etc/systemd/system";
const ELSEWHERE = ["/usr/local/lib/systemd/system", "/usr/lib/systemd/system"];
/** Targets that are reached on the way down, to sleep, or when something is broken. */
export const NOT_REACHED: RegExp =
  /^(shutdown|reboot|halt|poweroff|kexec|final|umount|rescue|emergency|.*sleep|suspend.*|hibernate)\./;
const RUNS = /\.(service|timer|path)$/;
/** They run nothing themselves, and pull in others. */
const PULL = /\.(service|timer|path|target|socket)$/;
/** Drop-ins of what the image starts. */
const DROP_INS = /\.(service|target|socket|timer|path|mount)\.d$/;

/** Units of packages of the distributions and clouds, which have nothing to do with the switch. */
const SHIPPED = new RegExp(
  `^(?:${[
    "systemd-\\S+|dbus\\S*|getty@\\S+|serial-getty@\\S+|autovt@|syslog|rsyslog|sshd?|sshd-keygen@?\\S*|cron|crond|atd|anacron",
    "networking|network|NetworkManager\\S*|networkd-dispatcher|wicked\\S*|dhcpcd|resolvconf|wpa_supplicant|ModemManager",
    "cloud-\\S+|walinuxagent\\S*|waagent\\S*|google-\\S+|gce-\\S+|amazon-\\S+|ec2-\\S+|hibinit-agent|policy-routes@\\S+|refresh-policy-\\S+",
    "hypervkvpd|hv-\\S+|hv_\\S+|open-vm-tools|vgauth\\S*|vmtoolsd|qemu-guest-agent|xe-\\S+|spice-\\S+",
    "ufw|firewalld|nftables|ip6?tables|netfilter-persistent|fail2ban|apparmor|auditd|selinux-\\S+|sssd\\S*|polkit",
    "chronyd?\\S*|ntpd?\\S*|irqbalance|tuned|kdump\\S*|rngd\\S*|haveged|acpid|thermald|mcelog|smartd|smartmontools|microcode",
    "procps|kmod\\S*|udev\\S*|keyboard-setup|console-setup|setvtrgb|plymouth\\S*|import-state|loadmodules|nis-domainname|dracut-\\S+",
    "lvm2-\\S+|blk-availability|dm-event|dmraid\\S*|mdmonitor\\S*|mdcheck\\S*|multipath\\S*|iscsi\\S*|open-iscsi|fstrim|e2scrub\\S*|finalrd",
    "snap[.d]\\S*|unattended-upgrades|apt-\\S+|dpkg-\\S+|dnf-\\S+|yum-\\S+|packagekit\\S*|rhsm\\S*|insights-\\S+|man-db\\S*|logrotate|mlocate\\S*|plocate\\S*|updatedb\\S*",
    "motd-news|ua-\\S+|ubuntu-\\S+|esm-\\S+|apport\\S*|whoopsie|kerneloops|pollinate|grub-\\S+|grub2-\\S+|secureboot-db|accounts-daemon|udisks2|lxd-\\S+",
    "rpcbind|rpc-\\S+|nfs\\S*|remote-\\S+|postfix|exim4|docker|containerd|podman\\S*|kubelet|cockpit|cups\\S*|avahi-\\S+|bluetooth|display-manager|sysstat\\S*|pcscd|vdo\\S*|libvirt\\S*|ca-certificates",
  ].join("|")})\\.(service|timer|path)$`,
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

/**
 * Units that are started and lie elsewhere, without those that distributions ship: what stands in them is worth a look
 * before a machine is called off.
 */
export function otherUnits(observations: Observations): readonly string[] {
  const own = new Set(namesIn(observations, UNITS, ["file", "unknown"]));
  const linked = linkFolders(observations).flatMap((folder) => namesIn(observations, `${UNITS}/${folder}`));
  const isOther = (name: string): boolean => RUNS.test(name) && isOdd(name, SHIPPED) && !own.has(name);
  return [
    ...namesIn(observations, UNITS, ["symlink"])
      .filter(isOther)
      .map((name) => `${UNITS}/${name}`),
    ...[...new Set(linked)]
      .filter(isOther)
      .flatMap((name) => withLib(observations, ELSEWHERE).map((folder) => `${folder}/${fileOf(name)}`)),
  ];
}

/** Of an instance: its template. */
function fileOf(name: string): string {
  return name.replace(/@[^.]+\./, "@.");
}

/** All folders of links of the image's own. */
export function linkFolderWants(observations: Observations): readonly Want[] {
  return linkFolders(observations).map((folder): Want => ({ path: `${UNITS}/${folder}`, what: "list" }));
}

function linkFolders(observations: Observations): readonly string[] {
  return namesIn(observations, UNITS).filter(
    (name) => /\.(wants|requires|upholds)$/.test(name) && !NOT_REACHED.test(name),
  );
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
  for (const folder of linkFolders(observations)) {
    const listed = observations.list(`${UNITS}/${folder}`);
    if (listed.state === "unreadable") return true;
    if (listed.state === "found" && listed.value.some((one) => one.name.startsWith(stem))) return true;
  }
  const others = namesIn(observations, UNITS, ["file", "unknown"]).filter((one) => one !== name);
  return others.some((one) => {
    const other = textFile(observations, `${UNITS}/${one}`);
    if (other.state === "found") return other.lines.some(({ text }) => text.includes(stem));
    // What kinds of units were not read, and may pull it in.
    return other.state === "unreadable" && /\.(target|socket|mount|automount|swap)$/.test(one);
  });
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
