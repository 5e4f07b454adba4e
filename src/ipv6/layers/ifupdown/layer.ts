import type { Addressing, BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { unseen } from "../../config-folders.ts";
import type { Switch } from "../../layer.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { matchesPattern } from "../../pattern.ts";
import { switchCommand } from "../../switch-command.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";
import { type Interfaces, MAIN, type Option, readInterfaces } from "./interfaces.ts";

const SERVICE = "networking.service";

/** ifupdown: it sets addresses and leaves disable_ipv6 alone, except where its own `up` lines write it. */
export const ifupdown: Manager<Interfaces> = {
  id: "ifupdown",
  wants: [{ path: MAIN }, { path: "/etc/network/interfaces.d/*" }],
  follow(observations): readonly Want[] {
    if (observations.file(MAIN).state !== "found") return [];
    const { included } = readInterfaces(observations);
    return [
      ...followUnits(observations, [SERVICE], NETWORK_TARGETS),
      ...included.filter(isPlain).map((path): Want => ({ path })),
    ];
  },
  read(observations, boot) {
    if (observations.file(MAIN).state === "absent") return undefined;
    const interfaces = readInterfaces(observations);
    const starts = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state !== "idle";
    // udev brings hotplug interfaces up without the service.
    return starts || interfaces.started.length > 0 ? interfaces : undefined;
  },
  names: ({ stanzas }) => stanzas.map(({ name }) => name).filter((name) => /^[\w.-]+$/.test(name)),
  configure,
  blindSpots: ({ unreadable }) =>
    unreadable.map(({ path, reason, locator }): BlindSpot => unseen("ifupdown", path, reason, locator)),
};

/** Braces and tildes of a shell are not expanded. */
function isPlain(path: string): boolean {
  return !/[{}~$`\s]/.test(path);
}

const SCRIPTS = new Set(["pre-up", "up", "post-up"]);

function configure({ stanzas, started }: Interfaces, nic: Nic): readonly NicOutcome[] {
  const own = stanzas.filter(({ name }) => name !== "lo" && (name === nic.name || isMatch(name, nic.name)));
  if (own.length === 0 || !started.some((name) => name === nic.name || isMatch(name, nic.name)))
    return [UNTOUCHED];
  const options = own.flatMap((stanza) => stanza.options);
  const last = options
    .filter(({ key }) => SCRIPTS.has(key))
    .findLast((option) => writeOf(option, nic) !== undefined);
  const six = own.filter(({ family }) => family === "inet6");
  const addressing = six.map(({ method }) => ADDRESSING[method]).find((one) => one !== undefined) ?? "kernel";
  const stanza = six[0] ?? own[0];
  if (last) {
    const value = writeOf(last, nic) ?? "unknown";
    const text =
      value === "unknown"
        ? `ifupdown runs a command of ${last.key} that touches disable_ipv6 and cannot be followed`
        : `ifupdown runs a command of ${last.key} that writes disable_ipv6 = ${value}`;
    return [{ claims: true, writes: value, addressing, text, evidence: [last.evidence] }];
  }
  const text = "ifupdown brings it up and leaves disable_ipv6 alone";
  return [{ claims: true, writes: undefined, addressing, text, evidence: stanza ? [stanza.evidence] : [] }];
}

const ADDRESSING: Readonly<Record<string, Addressing>> = {
  auto: "slaac",
  dhcp: "dhcpv6",
  static: "static",
  v4tunnel: "static",
};

/** Newer versions take `/pattern` and `/pattern/=name` in place of a name. */
function isMatch(name: string, nic: string): boolean {
  return name.includes("*") && matchesPattern(name.replace(/^\//, "").replace(/\/.*$/, ""), nic);
}

/** What a command does to the card; undefined: nothing. */
function writeOf({ value }: Option, nic: Nic): Switch | undefined {
  const command = switchCommand(value);
  if (!command) return undefined;
  const { iface } = command;
  if (iface === undefined || command.value === undefined) return "unknown";
  const isOwn = iface === "all" || iface === nic.name || /^\$\{?(IFACE|LOGICAL)\}?$/.test(iface);
  return isOwn ? command.value : iface.startsWith("$") ? "unknown" : undefined;
}
