import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { kernelArguments } from "../../arguments.ts";
import { textFile } from "../../lines.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";
import { furtherScripts, linkedUnits, SPEAKING, UNIT_FOLDERS } from "./further.ts";

/** Read of one script. */
export const SCRIPT_MAX_BYTES: number = 64 << 10;

const CLOUD_INIT = "cloud-init.target";
/** OpenRC's service `local` runs what ends in .start. */
const LOCAL = "/etc/local.d";

/** Folders whose scripts run at boot or when a card comes up, and the unit that runs them, if it is one. */
const FOLDERS: readonly (readonly [folder: string, unit?: string])[] = [
  ["/etc/network/if-pre-up.d", "networking.service"],
  ["/etc/network/if-up.d", "networking.service"],
  ["/etc/NetworkManager/dispatcher.d", "NetworkManager.service"],
  ["/etc/NetworkManager/dispatcher.d/pre-up.d", "NetworkManager.service"],
  ["/etc/networkd-dispatcher/configured.d", "networkd-dispatcher.service"],
  ["/etc/networkd-dispatcher/routable.d", "networkd-dispatcher.service"],
  [LOCAL, "local.service"],
  ["/etc/cron.d"],
  ["/etc/udev/rules.d"],
  ["/etc/tmpfiles.d"],
  ["/var/lib/cloud/scripts/per-boot", CLOUD_INIT],
  ["/var/lib/cloud/scripts/per-instance", CLOUD_INIT],
  ["/var/lib/cloud/scripts/per-once", CLOUD_INIT],
];
const FILES = ["/etc/rc.local", "/etc/rc.d/rc.local", "/etc/crontab"];
const UNITS = "/etc/systemd/system";

/** What packages of the distributions put there; it has nothing to do with the switch. */
const SHIPPED = new RegExp(
  `^(?:${[
    "resolved|ethtool|mtuipv6|openssh-server|wpasupplicant|wireless-tools|chrony|ntpdate|ntpsec-ntpdate|postfix",
    "avahi-daemon|avahi-autoipd|000resolvconf|ifenslave|bridge|vlan|upstart|clamav-freshclam-ifupdown|ubuntu-fan",
    "01-ifupdown|cloud-init-hook-network-manager|hook-network-manager|20-chrony\\S*|11-dhclient|04-iscsi|90-nm-cloud-setup.sh|no-wait.d|pre-\\S+.d",
    "e2scrub_all|popularity-contest|sysstat|0hourly|raid-check|certbot|anacron|mdadm|php|\\.placeholder|README",
    "70-persistent-net.rules|75-cloud-ifupdown.rules|70-snap\\.\\S+|66-azure-storage.rules|99-azure-product-uuid.rules",
  ].join("|")})$`,
);

/** Files of the image's own that run while the machine comes up, as far as they can be told. */
export function scriptsIn(observations: Observations, boot: BootFacts): readonly string[] {
  const units = namesIn(observations, UNITS, ["file", "unknown"])
    .filter((name) => /\.(service|timer|path)$/.test(name))
    .map((name) => `${UNITS}/${name}`);
  const dropIns = namesIn(observations, UNITS, ["directory", "unknown"])
    .filter((name) => name.endsWith(".service.d") && !name.startsWith("sshd-keygen@"))
    .flatMap((name) => namesIn(observations, `${UNITS}/${name}`).map((file) => `${UNITS}/${name}/${file}`));
  const placed = placesIn(observations, boot).flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"])
      .filter((name) => !SHIPPED.test(name) && (folder !== LOCAL || name.endsWith(".start")))
      .map((name) => `${folder}/${name}`),
  );
  const speaking = linkedUnits(observations)
    .filter((name) => SPEAKING.test(name))
    .flatMap((name) => UNIT_FOLDERS.map((folder) => `${folder}/${name}`));
  const own = [...FILES, ...units, ...dropIns, ...placed, ...speaking, ...furtherScripts(observations, boot)];
  return [...own, ...own.flatMap((path) => programsOf(observations, path))];
}

/**
 * Those that need nothing else to run, and those of cloud-init: nearly every image has it, and they lie so deep
 * that to begin late would be to end late.
 */
export const PLAIN_PLACES: readonly Want[] = [
  ...FILES.map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
  ...FOLDERS.filter(([, unit]) => unit === undefined || unit === CLOUD_INIT).map(
    ([path]): Want => ({ path, what: "list" }),
  ),
];

/** Further ones, as far as they can be told while the links of units are not all seen. */
export function likelyScripts(observations: Observations): readonly Want[] {
  return FOLDERS.filter(([, unit]) => unit !== undefined && isLikely(observations, unit)).map(
    ([path]): Want => ({ path, what: "list" }),
  );
}

/** The program's own configuration is there. */
function isLikely(observations: Observations, unit: string): boolean {
  return unit === "networking.service" && observations.file("/etc/network/interfaces").state === "found";
}

/** What is listed and read before `scriptsIn` knows all. */
export function firstWants(observations: Observations, boot: BootFacts): readonly Want[] {
  const dropIns = namesIn(observations, UNITS, ["directory", "unknown"])
    .filter((name) => name.endsWith(".service.d") && !name.startsWith("sshd-keygen@"))
    .map((name) => `${UNITS}/${name}`);
  return [
    ...FILES.map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
    ...[...dropIns, ...placesIn(observations, boot)].map((path): Want => ({ path, what: "list" })),
  ];
}

function placesIn(observations: Observations, boot: BootFacts): readonly string[] {
  const own = namesIn(observations, UNITS);
  return FOLDERS.filter(
    ([, unit]) =>
      unit === undefined ||
      own.includes(`${unit}.wants`) ||
      unitStart(observations, boot, unit, [], NETWORK_TARGETS).state !== "idle",
  ).map(([folder]) => folder);
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
    .filter(({ text }) => !/^\s*#/.test(text) && (!path.startsWith("/etc/cron") || text.includes("@reboot")))
    .flatMap(({ text }) => kernelArguments(text.replace(/^Exec\w+=[-@:+!]*/, "")).map(({ name }) => name))
    .filter((word) => /^\/(usr\/local|opt|root|srv|etc)\/[\w./-]+$/.test(word) && !word.includes(".."))
    .slice(0, 20);
}
