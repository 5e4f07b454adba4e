import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Addressing, BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type KeyfileEntry, keyfileBoolean, listOf } from "../../keyfile.ts";
import { evidenceIn, textFile } from "../../lines.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { followUnits, NETWORK_TARGETS, type UnitStart, unitStart } from "../../units.ts";
import {
  followIfcfgPlugin,
  ifcfgPluginWants,
  NM_VERSION_WANTS,
  nmVersion,
  readsIfcfg,
} from "../../versions.ts";
import { CONFIG_WANTS, type Config, deviceSections, listSetting, readConfig, setting } from "./config.ts";
import { IFCFG_WANTS, readIfcfg } from "./ifcfg-rh.ts";
import { readKeyfiles } from "./keyfiles.ts";
import { fitsProfile, type Method, type Profile } from "./profile.ts";
import { byRules, ruleWants } from "./rules.ts";
import { type Fit, fitsSpecs } from "./spec.ts";

const SERVICE = "NetworkManager.service";
const ALIASES = ["NetworkManager-wait-online.service"];
const INTERFACES = "/etc/network/interfaces";
const STATE = "/var/lib/NetworkManager/NetworkManager.state";
const SCRIPTS = "/etc/sysconfig/network-scripts";
const KEYFILES = ["/etc/NetworkManager/system-connections", "/usr/lib/NetworkManager/system-connections"];

export interface NetworkManagerFacts {
  readonly start: UnitStart;
  readonly config: Config;
  readonly profiles: readonly Profile[];
  /** Profiles that are refused: what and why. */
  readonly refused: readonly { readonly text: string; readonly evidence: Evidence }[];
  readonly unmanaged: readonly string[];
  readonly cmdline: string | undefined;
  readonly version: number | undefined;
  /** Some connections only are allowed. */
  readonly only: KeyfileEntry | undefined;
  /** It leaves all cards alone. */
  readonly asleep: { readonly text: string; readonly evidence: Evidence } | undefined;
  readonly blindSpots: readonly BlindSpot[];
}

/** NetworkManager. Source: nm-device.c (ip6_managed_setup, activation), tried with 1.42. */
export const networkmanager: Manager<NetworkManagerFacts> = {
  id: "networkmanager",
  service: { unit: SERVICE, program: "NetworkManager" },
  wants: [],
  follow(observations, boot): readonly Want[] {
    const more = followUnits(observations, [SERVICE, ...ALIASES], NETWORK_TARGETS);
    if (unitStart(observations, boot, SERVICE, ALIASES, NETWORK_TARGETS).state !== "starts") return more;
    const sysconfig = observations.list("/etc/sysconfig");
    const hasScripts =
      sysconfig.state === "found" && sysconfig.value.some(({ name }) => name === "network-scripts");
    return [
      ...more,
      ...CONFIG_WANTS,
      ...KEYFILES.map((path): Want => ({ path: `${path}/*` })),
      { path: "/etc/sysconfig", what: "list" },
      ...(hasScripts ? [...IFCFG_WANTS, ...followIfcfgPlugin(observations)] : []),
      ...(readsInterfaces(readConfig(observations)) ? [{ path: INTERFACES }] : []),
      ...NM_VERSION_WANTS,
    ];
  },
  further(observations, boot): readonly Want[] {
    const facts = networkmanager.read(observations, boot);
    const isByIfcfg = facts?.profiles.some(({ path }) => path.startsWith(`${SCRIPTS}/`)) === true;
    const isOff = facts?.profiles.some(({ method }) => method === "disabled") === true;
    const whether = isOff ? [{ path: STATE }, ...ruleWants(observations)] : [];
    return [...whether, ...(isByIfcfg ? ifcfgPluginWants(observations) : [])];
  },
  read(observations, boot) {
    const start = unitStart(observations, boot, SERVICE, ALIASES, NETWORK_TARGETS);
    if (start.state === "idle" || start.state === "masked") return undefined;
    return readFacts(observations, boot, start);
  },
  names: ({ profiles }) =>
    profiles
      .flatMap(({ interfaceName, names }) => [interfaceName ?? "", ...names])
      .filter((name) => /^[\w.-]+$/.test(name)),
  configure: (facts, nic) =>
    facts.start.state === "unknown" ? [...configure(facts, nic), UNTOUCHED] : configure(facts, nic),
  loopback: ({ version, config }) => {
    const specs = listSetting(config, "keyfile", "unmanaged-devices").words;
    if (specs.some((spec) => /^(\*|lo|type:loopback|interface-name:=?lo)$/.test(spec))) return undefined;
    // 1.42 switches it on, 1.46 was seen not to when nothing else is to be done, 1.52 never does.
    if (version === undefined || (version > 142 && version < 152)) return "unknown";
    return version === 142 ? 0 : undefined;
  },
  blindSpots: ({ start, blindSpots }) =>
    start.state === "unknown"
      ? [
          ...blindSpots,
          { layer: "networkmanager", text: start.reason, evidence: start.evidence, decisive: true },
        ]
      : blindSpots,
};

function readsInterfaces(config: Config): boolean {
  return listOf(setting(config, "main", "plugins")?.value ?? "").includes("ifupdown");
}

function readFacts(observations: Observations, boot: BootFacts, start: UnitStart): NetworkManagerFacts {
  const config = readConfig(observations);
  const version = nmVersion(observations);
  const knowsDisabled = version === undefined || version >= 120;
  const folder = setting(config, "keyfile", "path")?.value ?? KEYFILES[0] ?? "";
  const keyfiles = readKeyfiles(observations, folder, knowsDisabled);
  const plugins = listOf(setting(config, "main", "plugins")?.value ?? "");
  const usesIfcfg = (plugins.length === 0 || plugins.includes("ifcfg-rh")) && readsIfcfg(observations);
  const ifcfg =
    usesIfcfg && observations.list(SCRIPTS).state === "found"
      ? readIfcfg(observations, knowsDisabled)
      : { profiles: [], unmanaged: [] };
  const blindSpots = [...config.blindSpots, ...keyfiles.blindSpots, ...byRules(observations)];
  const unmanaged = [...ifcfg.unmanaged];
  if (plugins.includes("ifupdown")) {
    const names = interfacesOf(observations);
    if (keyfileBoolean(setting(config, "ifupdown", "managed")?.value) === true) {
      if (names.length > 0) {
        const text = "NetworkManager makes connections out of /etc/network/interfaces; they are not followed";
        blindSpots.push({ layer: "networkmanager", text, evidence: [], decisive: true });
      }
    } else for (const name of names) unmanaged.push(`interface-name:=${name}`);
  }
  return {
    start,
    config,
    profiles: [...keyfiles.profiles, ...ifcfg.profiles],
    refused: keyfiles.refused,
    unmanaged,
    cmdline: boot.cmdline,
    version,
    only: config.entries.find(
      ({ group, key }) => group.startsWith("device") && key === "allowed-connections",
    ),
    asleep: asleepBy(observations),
    blindSpots,
  };
}

/** Interfaces that /etc/network/interfaces itself configures. The plugin follows `source`, too: see ifupdown. */
function interfacesOf(observations: Observations): readonly string[] {
  const paths = [INTERFACES];
  const folder = observations.list("/etc/network/interfaces.d");
  for (const { name } of folder.state === "found" ? folder.value : [])
    paths.push(`/etc/network/interfaces.d/${name}`);
  return paths.flatMap((path) => {
    const file = textFile(observations, path);
    if (file.state !== "found") return [];
    return file.lines.flatMap(({ text }) => /^\s*iface\s+(\S+)\s/.exec(text)?.[1] ?? []);
  });
}

function configure(facts: NetworkManagerFacts, nic: Nic): readonly NicOutcome[] {
  const { config } = facts;
  const list = listSetting(config, "keyfile", "unmanaged-devices");
  const bySpec = fitsSpecs(list.words, nic);
  const byPlugin = fitsSpecs(facts.unmanaged, nic);
  const byDevice = deviceSections(config).find(
    (section) => fitsDevice(section, nic) && managedOf(section) !== undefined,
  );
  const evidence = [list.by?.evidence, byDevice?.[0]?.evidence].filter((one) => one !== undefined);
  // Who takes some cards away speaks of them, as a profile does of the others.
  const claims =
    (bySpec === "yes" && !list.words.includes("*")) ||
    (byDevice?.some(({ key }) => key === "match-device") ?? false);
  const alone: NicOutcome = { ...UNTOUCHED, claims, text: "NetworkManager does not manage it", evidence };
  if (bySpec === "yes" || byPlugin === "yes" || (byDevice && managedOf(byDevice) === false)) return [alone];
  const managed = managedOutcomes(facts, nic);
  return bySpec === "maybe" || byPlugin === "maybe" ? [alone, ...managed] : managed;
}

function fitsDevice(section: Config["entries"], nic: Nic): boolean {
  const match = section.findLast(({ key }) => key === "match-device");
  return match === undefined || fitsSpecs(listOf(match.value), nic) === "yes";
}

function managedOf(section: Config["entries"]): boolean | undefined {
  return keyfileBoolean(section.findLast(({ key }) => key === "managed")?.value);
}

function managedOutcomes(facts: NetworkManagerFacts, nic: Nic): readonly NicOutcome[] {
  const usable = facts.profiles
    .map((profile) => ({ profile, fit: fitsProfile(profile, nic, facts.cmdline) }))
    .filter(({ fit }) => fit !== "no");
  const ready = usable.filter(({ profile }) => profile.autoconnect);
  const best = Math.max(...ready.filter(({ fit }) => fit === "yes").map(({ profile }) => profile.priority));
  const candidates = ready.filter(({ profile }) => profile.priority >= best);
  const outcomes = candidates.map(({ profile }) => doubted(ofProfile(profile), profile, facts));
  if (candidates.some(({ fit }) => fit === "yes")) return outcomes;
  return [...outcomes, withoutProfile(facts, nic, usable)];
}

/** What may keep a profile from having IPv6 off. */
function doubted(outcome: NicOutcome, profile: Profile, { only, asleep }: NetworkManagerFacts): NicOutcome {
  if (outcome.writes === 0) return outcome;
  const doubts = [
    profile.refusal === undefined
      ? undefined
      : {
          text: `NetworkManager may not take ${profile.path}: ${profile.refusal}`,
          evidence: profile.evidence,
        },
    only && {
      text: `allowed-connections may keep NetworkManager from ${profile.path}`,
      evidence: only.evidence,
    },
    outcome.writes === 1 ? asleep : undefined,
  ];
  const doubt = doubts.find((one) => one !== undefined);
  if (doubt === undefined) return outcome;
  const { text, evidence } = doubt;
  return { ...outcome, doubt: { layer: "networkmanager", text, evidence: [evidence], decisive: true } };
}

/** Somebody has switched off all networking, and that is remembered. Source: NetworkManager, nm-config.c (state file). */
function asleepBy(observations: Observations): NetworkManagerFacts["asleep"] {
  const file = textFile(observations, STATE);
  const line =
    file.state === "found"
      ? file.lines.find(({ text }) => /^\s*NetworkingEnabled\s*=\s*(?:false|0)/i.test(text))
      : undefined;
  if (file.state !== "found" || !line) return undefined;
  return { text: `${STATE} has NetworkManager leave all cards alone`, evidence: evidenceIn(file, line) };
}

/** Nothing fits: a profile of its own making, or only the card being taken over, which switches IPv6 on as well. */
function withoutProfile(
  { config, refused }: NetworkManagerFacts,
  nic: Nic,
  usable: readonly { readonly profile: Profile; readonly fit: Fit }[],
): NicOutcome {
  const none = listSetting(config, "main", "no-auto-default");
  const stays = fitsSpecs(none.words, nic) === "yes" || usable.length > 0;
  const why = refused[0] ? ` (${refused[0].text})` : "";
  const text = stays
    ? `NetworkManager takes it over, which writes disable_ipv6 = 0, and has no connection to start${why}`
    : `NetworkManager writes disable_ipv6 = 0: no profile fits${why}, so it makes one with ipv6.method auto`;
  const evidence = [none.by?.evidence, refused[0]?.evidence].filter((one) => one !== undefined);
  return { claims: false, writes: 0, addressing: stays ? "none" : "slaac", text, evidence };
}

const ADDRESSING: Readonly<Record<Exclude<Method, "disabled" | "ignore">, Addressing>> = {
  auto: "slaac",
  dhcp: "dhcpv6",
  manual: "static",
  "link-local": "link-local",
  shared: "static",
};

function ofProfile(profile: Profile): NicOutcome {
  const { path, method, evidence: one, byDefault, controller, names } = profile;
  const evidence = [one];
  // To leave some out is to mean none of the others.
  const claims = names.length === 0 || names.some((name) => !/^[|&]?!/.test(name));
  if (controller !== undefined) {
    const text = `NetworkManager makes it a port of ${controller}; what that means for IPv6 is not followed`;
    return { claims, writes: "unknown", addressing: "unknown", text, evidence, via: controller };
  }
  const said = byDefault
    ? `${path} does not set ipv6.method, which means ${method}`
    : `${path} has ipv6.method ${method}`;
  switch (method) {
    case "disabled":
      return {
        claims,
        writes: 1,
        addressing: "none",
        text: `NetworkManager writes disable_ipv6 = 1: ${said}`,
        evidence,
      };
    case "ignore": {
      const text = `NetworkManager leaves disable_ipv6 as it was: ${said}`;
      return { claims, writes: undefined, addressing: "kernel", text, evidence };
    }
    case "auto":
    case "dhcp":
    case "link-local":
    case "manual":
    case "shared": {
      const text = `NetworkManager writes disable_ipv6 = 0: ${said}`;
      return { claims, writes: 0, addressing: ADDRESSING[method], text, evidence };
    }
  }
}
