import type { Addressing, BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { unseen } from "../../config-folders.ts";
import type { Switch } from "../../layer.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { matchesPattern } from "../../pattern.ts";
import { switchCommand } from "../../switch-command.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";
import { type Interfaces, MAIN, type Option, readInterfaces, type Stanza } from "./interfaces.ts";

const SERVICE = "networking.service";

interface IfupdownFacts {
  readonly interfaces: Interfaces;
  /** The service surely starts. Else nobody may bring up what is only `auto`. */
  readonly runs: boolean;
}

/** ifupdown: it sets addresses and leaves disable_ipv6 alone, except where its own `up` lines write it. */
export const ifupdown: Manager<IfupdownFacts> = {
  id: "ifupdown",
  service: { unit: SERVICE, program: "ifup" },
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
    const { state } = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    const isNothing = state === "idle" && interfaces.started.length === 0;
    return isNothing ? undefined : { interfaces, runs: state === "starts" };
  },
  names: ({ interfaces: { stanzas } }) =>
    stanzas.map(({ name }) => name).filter((name) => /^[\w.-]+$/.test(name)),
  configure,
  blindSpots: ({ interfaces: { unreadable } }) =>
    unreadable.map(({ path, reason, locator }): BlindSpot => unseen("ifupdown", path, reason, locator)),
};

/** Braces and tildes of a shell are not expanded. */
function isPlain(path: string): boolean {
  return !/[{}~$`\s]/.test(path);
}

/** When the commands of an option run. */
const PHASES: Readonly<Record<string, number>> = { "pre-up": 0, up: 1, "post-up": 1 };
/** After one of these the rest is left out. */
const FAILS = /^(?:(?:\/\S*\/)?false|exit\s+[1-9]\d*)\s*;?$/;

/** The commands in the order in which they run, as far as they do. Source: ifupdown, execute.c. */
function commandsOf(options: readonly Option[]): readonly Option[] {
  const all = options
    .filter(({ key }) => PHASES[key] !== undefined)
    .toSorted((a, b) => (PHASES[a.key] ?? 0) - (PHASES[b.key] ?? 0));
  const failing = all.findIndex(({ value }) => FAILS.test(value.trim()));
  return failing < 0 ? all : all.slice(0, failing);
}

function configure({ interfaces, runs }: IfupdownFacts, nic: Nic): readonly NicOutcome[] {
  const { stanzas, started, mapped } = interfaces;
  const starts = started.filter(({ name }) => name === nic.name || isMatch(name, nic.name));
  const names = new Set(starts.map(({ as }) => as ?? nic.name));
  const own = stanzas.filter(({ name }) => name !== "lo" && names.has(name));
  const certain = own.length > 0 ? ofOwn(own, nic) : UNTOUCHED;
  const first: { sure?: NicOutcome; readonly maybe: Map<Switch, NicOutcome> } = { maybe: new Map() };
  for (const { stanza, option } of farCommands(interfaces)) {
    const writes = own.includes(stanza) ? undefined : writeOf(option, nic);
    if (writes === undefined) continue;
    const text = `ifupdown runs a command of ${option.key} of ${stanza.name} that writes disable_ipv6 = ${writes}`;
    const outcome = { ...UNTOUCHED, writes, text, evidence: [option.evidence] };
    // Whether another card is there is not known; the loopback interface is, and comes first.
    if (stanza.name === "lo" && writes !== "unknown") first.sure = outcome;
    else if (!first.maybe.has(writes)) first.maybe.set(writes, outcome);
  }
  const usual = first.sure !== undefined && certain.writes === undefined ? first.sure : certain;
  const outcomes = [usual, ...first.maybe.values()];
  if (mapped.some((pattern) => matchesPattern(pattern, nic.name)))
    return [...outcomes, ...ofAny(stanzas, nic), UNTOUCHED];
  // udev does not start one that takes another's stanza; the service only starts what is `auto`.
  const byUdev = starts.some(({ hotplug, as }) => hotplug && as === undefined);
  const byService = runs && (own.length === 0 || usual !== certain || starts.some(({ hotplug }) => !hotplug));
  return byService || (usual === certain && byUdev) ? outcomes : [...outcomes, UNTOUCHED];
}

/** A script says which stanza it is: each that writes something may be. */
function ofAny(stanzas: readonly Stanza[], nic: Nic): readonly NicOutcome[] {
  const all = stanzas.filter(({ name }) => name !== "lo").map((stanza) => ofOwn([stanza], nic));
  const byValue = new Map(all.map((one) => [one.writes, one]));
  return [...byValue.values()];
}

interface FarCommand {
  readonly stanza: Stanza;
  readonly option: Option;
}

/** Commands of interfaces that come up by themselves which write to more than those. */
function farCommands(interfaces: Interfaces): readonly FarCommand[] {
  const known = far.get(interfaces);
  if (known) return known;
  const started = new Set(
    interfaces.started.flatMap(({ name, as }) => as ?? (name.startsWith("/") ? [] : name)),
  );
  const found = interfaces.stanzas
    .filter(({ name }) => started.has(name))
    .flatMap((stanza) =>
      commandsOf(stanza.options)
        .filter(({ value }) => isFar(value))
        .map((option): FarCommand => ({ stanza, option })),
    );
  far.set(interfaces, found);
  return found;
}

/** `$IFACE` is the interface's own. */
function isFar(text: string): boolean {
  const command = switchCommand(text);
  return command !== undefined && command.iface?.startsWith("$") !== true;
}

/** The same for every card. */
const far = new WeakMap<Interfaces, readonly FarCommand[]>();

function ofOwn(own: readonly Stanza[], nic: Nic): NicOutcome {
  // Versions differ in whether all stanzas begin before one of them goes on.
  const [last, other] = [
    commandsOf(own.flatMap(({ options }) => options)),
    own.flatMap(({ options }) => commandsOf(options)),
  ].map((options) => options.findLast((option) => writeOf(option, nic) !== undefined));
  const six = own.filter(({ family }) => family === "inet6");
  const addressing = six.map(({ method }) => ADDRESSING[method]).find((one) => one !== undefined) ?? "kernel";
  const stanza = six[0] ?? own[0];
  const command = last ?? other;
  if (command) {
    const values = [last, other].map((one) => one && writeOf(one, nic));
    const value = values[0] === values[1] ? (values[0] ?? "unknown") : "unknown";
    const text =
      value === "unknown"
        ? `ifupdown runs a command of ${command.key} that touches disable_ipv6 and cannot be followed`
        : `ifupdown runs a command of ${command.key} that writes disable_ipv6 = ${value}`;
    return { claims: true, writes: value, addressing, text, evidence: [command.evidence] };
  }
  const text = "ifupdown brings it up and leaves disable_ipv6 alone";
  return { claims: true, writes: undefined, addressing, text, evidence: stanza ? [stanza.evidence] : [] };
}

const ADDRESSING: Readonly<Record<string, Addressing>> = {
  auto: "slaac",
  dhcp: "dhcpv6",
  static: "static",
  v4tunnel: "static",
};

/** Newer versions take `/pattern` in place of a name, where an interface is started; stanzas have names only. */
function isMatch(name: string, nic: string): boolean {
  return name.startsWith("/") && matchesPattern(name.slice(1).replace(/\/.*$/, ""), nic);
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
