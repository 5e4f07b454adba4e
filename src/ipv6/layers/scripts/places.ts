import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { kernelArguments } from "../../arguments.ts";
import { textFile } from "../../lines.ts";

/** Folders whose scripts run at boot or when a card comes up. */
const FOLDERS = [
  "/etc/network/if-pre-up.d",
  "/etc/network/if-up.d",
  "/etc/NetworkManager/dispatcher.d",
  "/etc/NetworkManager/dispatcher.d/pre-up.d",
  "/etc/networkd-dispatcher/configured.d",
  "/etc/networkd-dispatcher/routable.d",
  "/etc/udev/rules.d",
  "/etc/cron.d",
  "/etc/local.d",
];
/** Under /var, and so a long way to go: asked for only where cloud-init is. */
const CLOUD_SCRIPTS = ["per-boot", "per-instance", "per-once"].map((one) => `/var/lib/cloud/scripts/${one}`);
const FILES = ["/etc/rc.local", "/etc/rc.d/rc.local", "/etc/crontab"];
const UNITS = "/etc/systemd/system";

/** What packages of the distributions put there; it has nothing to do with the switch. */
const SHIPPED = new RegExp(
  `^(?:${[
    "resolved|ethtool|mtuipv6|openssh-server|wpasupplicant|wireless-tools|chrony|ntpdate|ntpsec-ntpdate|postfix",
    "avahi-daemon|avahi-autoipd|000resolvconf|ifenslave|bridge|vlan|upstart|clamav-freshclam-ifupdown|ubuntu-fan",
    "01-ifupdown|hook-network-manager|20-chrony\\S*|11-dhclient|04-iscsi|90-nm-cloud-setup.sh|no-wait.d|pre-\\S+.d",
    "e2scrub_all|popularity-contest|sysstat|0hourly|raid-check|certbot|anacron|mdadm|php|\\.placeholder|README",
    "70-persistent-net.rules|75-cloud-ifupdown.rules|70-snap\\.\\S+|66-azure-storage.rules|99-azure-product-uuid.rules",
  ].join("|")})$`,
);

export const FIRST_WANTS: readonly Want[] = [
  ...FILES.map((path): Want => ({ path })),
  ...FOLDERS.map((path): Want => ({ path, what: "list" })),
];

/** Files of the image's own that run while the machine comes up, as far as they can be told. */
export function scriptsIn(observations: Observations): readonly string[] {
  const units = namesIn(observations, UNITS, ["file", "unknown"])
    .filter((name) => /\.(service|timer|path)$/.test(name))
    .map((name) => `${UNITS}/${name}`);
  const dropIns = namesIn(observations, UNITS, ["directory", "unknown"])
    .filter((name) => name.endsWith(".service.d") && !/^sshd-keygen@/.test(name))
    .flatMap((name) => namesIn(observations, `${UNITS}/${name}`).map((file) => `${UNITS}/${name}/${file}`));
  const placed = [...FOLDERS, ...CLOUD_SCRIPTS].flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"])
      .filter((name) => !SHIPPED.test(name))
      .map((name) => `${folder}/${name}`),
  );
  const own = [...FILES, ...units, ...dropIns, ...placed];
  return [...own, ...own.flatMap((path) => programsOf(observations, path))];
}

/** Folders to list before `scriptsIn` knows all. */
export function foldersOf(observations: Observations): readonly string[] {
  const dropIns = namesIn(observations, UNITS, ["directory", "unknown"])
    .filter((name) => name.endsWith(".service.d") && !/^sshd-keygen@/.test(name))
    .map((name) => `${UNITS}/${name}`);
  const hasCloudInit = observations.list("/etc/cloud").state === "found";
  return [...dropIns, ...(hasCloudInit ? CLOUD_SCRIPTS : [])];
}

function namesIn(observations: Observations, folder: string, types?: readonly string[]): readonly string[] {
  const listed = observations.list(folder);
  if (listed.state !== "found") return [];
  return listed.value.filter(({ type }) => types?.includes(type) ?? true).map(({ name }) => name);
}

/** Programs of the image's own that a unit or a script names by path. */
function programsOf(observations: Observations, path: string): readonly string[] {
  const file = textFile(observations, path);
  if (file.state !== "found") return [];
  return file.lines
    .filter(({ text }) => !/^\s*#/.test(text))
    .flatMap(({ text }) => kernelArguments(text.replace(/^Exec\w+=[-@:+!]*/, "")).map(({ name }) => name))
    .filter((word) => /^\/(usr\/local|opt|root|srv|etc)\/[\w./-]+$/.test(word) && !word.includes(".."))
    .slice(0, 20);
}
