import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type ConfigFile, type FolderRules, readConfigFolders } from "../../config-folders.ts";
import { evidenceIn } from "../../lines.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { withLib } from "../../split-usr.ts";
import { followUnits, NETWORK_TARGETS, type UnitStart, unitStart } from "../../units.ts";
import { SYSTEMD_WANTS, systemdVersion } from "../../versions.ts";
import { type MatchContext, matches, namesIn, onlyLeavesOut } from "./match.ts";
import { type Assignment, parseUnitFile, UNIT_LINE_END } from "./parse.ts";
import { type NetworkSettings, settingsOf } from "./settings.ts";

const SERVICE = "systemd-networkd.service";
const ALIASES = ["systemd-networkd.socket", "systemd-networkd-wait-online.service"];
const FOLDERS = [
  "/etc/systemd/network",
  "/run/systemd/network",
  "/usr/local/lib/systemd/network",
  "/usr/lib/systemd/network",
];

/** What an image runs that does not show its version. */
const CURRENT = 257;

/** One .network file and its drop-ins. */
interface Network {
  readonly path: string;
  readonly evidence: Evidence;
  readonly match: readonly Assignment[];
  readonly settings: NetworkSettings;
}

export interface NetworkdFacts {
  readonly start: UnitStart;
  readonly networks: readonly Network[];
  readonly context: MatchContext;
  readonly blindSpots: readonly BlindSpot[];
}

/** systemd-networkd. Source: systemd.network(5) and src/network in systemd, v219 to v257. */
export const networkd: Manager<NetworkdFacts> = {
  id: "networkd",
  service: { unit: SERVICE, program: "systemd-networkd" },
  wants: [],
  follow(observations, boot): readonly Want[] {
    const more = followUnits(observations, [SERVICE, ...ALIASES], NETWORK_TARGETS);
    if (unitStart(observations, boot, SERVICE, ALIASES, NETWORK_TARGETS).state !== "starts") return more;
    const folders = withLib(observations, FOLDERS);
    const dropIns = folders.flatMap((folder) => {
      const listed = observations.list(folder);
      return listed.state === "found"
        ? listed.value
            .filter(({ name }) => name.endsWith(".network.d"))
            .map(({ name }): Want => ({ path: `${folder}/${name}/*.conf` }))
        : [];
    });
    const networks = folders.map((folder): Want => ({ path: `${folder}/*.network` }));
    return [...more, ...networks, ...dropIns, ...SYSTEMD_WANTS];
  },
  read(observations, boot) {
    const start = unitStart(observations, boot, SERVICE, ALIASES, NETWORK_TARGETS);
    if (start.state === "idle" || start.state === "masked") return undefined;
    const version = systemdVersion(observations) ?? CURRENT;
    const { networks, blindSpots } = readNetworks(observations, version);
    const { cmdline, kernelVersion } = boot;
    return { start, networks, context: { cmdline, kernelVersion, version }, blindSpots };
  },
  names: ({ networks }) => networks.flatMap(({ match }) => namesIn(match)),
  configure: (facts, nic) =>
    facts.start.state === "unknown" ? [...configure(facts, nic), UNTOUCHED] : configure(facts, nic),
  blindSpots: ({ start, blindSpots }) =>
    start.state === "unknown"
      ? [...blindSpots, { layer: "networkd", text: start.reason, evidence: start.evidence, decisive: true }]
      : blindSpots,
};

const FILES: FolderRules = {
  layer: "networkd",
  accepts: (name) => name.endsWith(".network") && !name.startsWith("."),
  ending: UNIT_LINE_END,
};
const DROP_INS: FolderRules = {
  layer: "networkd",
  accepts: (name) => name.endsWith(".conf") && !name.startsWith("."),
  ending: UNIT_LINE_END,
};

function readNetworks(
  observations: Observations,
  version: number,
): Pick<NetworkdFacts, "networks" | "blindSpots"> {
  const all = withLib(observations, FOLDERS);
  const found = readConfigFolders(observations, all, FILES);
  const blindSpots = [...found.blindSpots];
  const networks: Network[] = [];
  for (const file of found.files) {
    if (file.lines.length === 1 && file.lines[0]?.text === "") continue;
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    const folders = all.map((folder) => `${folder}/${name}.d`);
    const dropIns = readConfigFolders(observations, folders.filter(isListed(observations)), DROP_INS);
    blindSpots.push(...dropIns.blindSpots);
    const assignments = parseAll([file, ...dropIns.files]);
    if (!assignments) continue;
    networks.push({
      path: file.path,
      evidence: evidenceIn(file),
      match: assignments.filter(({ section }) => section === "Match"),
      settings: settingsOf(assignments, version),
    });
  }
  return { networks, blindSpots };
}

/** A folder of drop-ins is looked at only when its parent lists it. */
function isListed(observations: Observations): (folder: string) => boolean {
  return (folder) => {
    const at = folder.lastIndexOf("/");
    const parent = observations.list(folder.slice(0, at));
    return parent.state === "found" && parent.value.some(({ name }) => name === folder.slice(at + 1));
  };
}

function parseAll(files: readonly ConfigFile[]): readonly Assignment[] | undefined {
  const all: Assignment[] = [];
  for (const [index, file] of files.entries()) {
    const one = parseUnitFile(file, index * 1e6);
    if (!one) return undefined;
    for (const assignment of one) all.push(assignment);
  }
  return all;
}

function configure(facts: NetworkdFacts, nic: Nic): readonly NicOutcome[] {
  const outcomes: NicOutcome[] = [];
  for (const network of facts.networks) {
    const answer = matches(network.match, nic, facts.context);
    if (answer === "no") continue;
    outcomes.push(outcome(facts, network));
    if (answer === "yes") return outcomes;
  }
  return [...outcomes, UNTOUCHED];
}

/** v243 and later only ever switch on; v229 to v242 write either value; before, networkd keeps off. */
function outcome({ context: { version } }: NetworkdFacts, network: Network): NicOutcome {
  const { settings, path } = network;
  const { linkLocalBy, staticBy, linkLocal } = settings;
  const claims = !onlyLeavesOut(network.match);
  if (settings.unmanaged) {
    const text = `systemd-networkd leaves it alone: ${path} says Unmanaged`;
    return { ...UNTOUCHED, claims, text, evidence: [network.evidence] };
  }
  const evidence = [
    ...network.match.slice(0, 1).map((one) => one.evidence),
    linkLocal ? (linkLocalBy?.evidence ?? network.evidence) : (staticBy ?? linkLocalBy)?.evidence,
  ].filter((one) => one !== undefined);
  const why = linkLocal
    ? linkLocalBy
      ? `LinkLocalAddressing is ${linkLocalBy.value}`
      : "LinkLocalAddressing is not set, which means ipv6"
    : staticBy
      ? `${staticBy.section} has ${staticBy.key}=${staticBy.value}`
      : settings.master !== undefined
        ? `it belongs to ${settings.master}`
        : linkLocalBy?.key === "IPv6LinkLocalAddressGenerationMode"
          ? "IPv6LinkLocalAddressGenerationMode is none"
          : `LinkLocalAddressing is ${linkLocalBy?.value ?? "off"}`;
  const enables = linkLocal || staticBy !== undefined;
  const { master: via } = settings;
  const base = {
    claims,
    evidence,
    addressing: settings.addressing,
    ...(via === undefined ? {} : { via }),
  };
  if (version < 229) {
    const text = `systemd-networkd ${version} configures it by ${path} and does not touch disable_ipv6`;
    return { ...base, writes: undefined, text, addressing: enables ? settings.addressing : "kernel" };
  }
  if (enables)
    return { ...base, writes: 0, text: `systemd-networkd writes disable_ipv6 = 0: ${path} matches, ${why}` };
  if (version < 243)
    return {
      ...base,
      writes: 1,
      text: `systemd-networkd ${version} writes disable_ipv6 = 1: in ${path}, ${why}`,
    };
  const text = `systemd-networkd configures it by ${path} and does not touch disable_ipv6: ${why}`;
  return { ...base, writes: undefined, text };
}
