import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Firewall, Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { Layer } from "../../layer.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { OWN_UNITS } from "../../unit-folders.ts";
import { followUnits, UNIT_WANTS, type UnitStart, unitStart } from "../../units.ts";
import { firewalld } from "./firewalld.ts";
import { nftables } from "./nft/source.ts";
import { ip6tablesService, netfilterPersistent } from "./restored.ts";
import type { FirewallSource, SourceAnswer } from "./source.ts";
import { ufw } from "./ufw.ts";

const LAYER = "firewall";
const SOURCES: readonly FirewallSource[] = [nftables, netfilterPersistent, ip6tablesService, firewalld, ufw];
const UNITS = SOURCES.flatMap(({ units }) => units);
const LOCAL = "/etc/rc.local";

export interface FirewallFacts {
  readonly firewall: Firewall;
  readonly steps: readonly Step[];
  readonly blindSpots: readonly BlindSpot[];
}

/** The folders of links that are there, as soon as that is known. */
export function firewallUnits(observations: Observations): readonly Want[] {
  return observations.list(OWN_UNITS).state === "found" ? followUnits(observations, UNITS) : [];
}

/** Whether something that is enabled at boot filters IPv6 on its way in. It changes nothing about the state. */
export const firewall: Layer<FirewallFacts> = {
  id: LAYER,
  wants: [...UNIT_WANTS, { path: LOCAL }],
  follow: (observations, boot) => [
    ...followUnits(observations, UNITS),
    ...SOURCES.filter((source) => startOf(source, observations, boot).state === "starts").flatMap(
      (source): readonly Want[] => source.wants(observations, boot),
    ),
  ],
  read: readFirewall,
  effect: ({ steps, blindSpots }, before) => ({ state: before, steps, blindSpots }),
};

interface Loaded {
  readonly source: FirewallSource;
  readonly answer: SourceAnswer;
}

function readFirewall(observations: Observations, boot: BootFacts): FirewallFacts {
  const steps: Step[] = [];
  const blindSpots: BlindSpot[] = [];
  const loaded: Loaded[] = [];
  for (const source of SOURCES) {
    const start = startOf(source, observations, boot);
    if (start.state === "unknown")
      blindSpots.push({ layer: LAYER, text: start.reason, evidence: start.evidence, decisive: false });
    if (start.state === "masked")
      steps.push({
        layer: LAYER,
        text: `${nameOf(source)} is masked: its rules are not loaded`,
        evidence: start.evidence,
      });
    if (start.state !== "starts") continue;
    const answer = source.answer(observations, boot);
    steps.push({
      layer: LAYER,
      text: tell(source, answer),
      evidence: [...answer.evidence, ...start.evidence],
    });
    if (answer.filters === "unknown")
      blindSpots.push({ layer: LAYER, text: answer.why, evidence: answer.evidence, decisive: false });
    if (!answer.idle) loaded.push({ source, answer });
  }
  const scripts = scriptSpots(observations);
  const summed = sum(loaded);
  const unsure = blindSpots.length > 0 || scripts.length > 0;
  const result: Firewall =
    summed.filtersIpv6 === false && unsure
      ? { kind: loaded.length === 0 ? "unknown" : summed.kind, filtersIpv6: "unknown" }
      : summed;
  if (steps.length === 0 && !unsure)
    steps.push({ layer: LAYER, text: "no firewall service that sixray knows is enabled", evidence: [] });
  return {
    firewall: result,
    steps,
    blindSpots: [...blindSpots, ...(summed.filtersIpv6 === false ? scripts : [])],
  };
}

/** One that filters is enough, unless another takes its rules away and comes later. */
function sum(loaded: readonly Loaded[]): Firewall {
  const [first] = loaded;
  if (!first) return { kind: "none", filtersIpv6: false };
  const filtering = loaded.find(({ answer }) => answer.filters === true);
  if (filtering) {
    const undone = loaded.some(
      ({ source, answer }) =>
        source !== filtering.source && answer.flushes === true && answer.filters !== true,
    );
    return { kind: filtering.source.kind, filtersIpv6: undone ? "unknown" : true };
  }
  const unsure = loaded.find(({ answer }) => answer.filters === "unknown");
  return unsure
    ? { kind: unsure.source.kind, filtersIpv6: "unknown" }
    : { kind: first.source.kind, filtersIpv6: false };
}

function startOf(source: FirewallSource, observations: Observations, boot: BootFacts): UnitStart {
  const [unit = "", ...also] = source.units;
  const [first, ...others] = [unit, ...also].map((one) => unitStart(observations, boot, one));
  const starts = [first, ...others].find((one) => one?.state === "starts");
  return starts ?? first ?? { state: "idle", evidence: [] };
}

function nameOf({ kind, units: [unit = ""] }: FirewallSource): string {
  return kind === "ip6tables" ? unit.replace(/\.service$/, "") : kind;
}

function tell(source: FirewallSource, { filters, why, idle }: SourceAnswer): string {
  const name = nameOf(source);
  if (idle) return `${name} is started, and does nothing for IPv6: ${why}`;
  switch (filters) {
    case true:
      return `${name} filters IPv6 on its way in: ${why}`;
    case false:
      return `${name} does not filter IPv6 on its way in: ${why}`;
    case "unknown":
      return `whether ${name} filters IPv6 could not be told: ${why}`;
  }
}

/** Scripts and units of the image's own that load rules: what these say is not followed. */
function scriptSpots(observations: Observations): readonly BlindSpot[] {
  const own = observations.list(OWN_UNITS);
  const units =
    own.state === "found"
      ? own.value
          .filter(({ name }) => name.endsWith(".service") && !UNITS.includes(name))
          .map(({ name }) => `${OWN_UNITS}/${name}`)
      : [];
  return [LOCAL, "/etc/network/interfaces", ...units].flatMap((path) => {
    const file = textFile(observations, path);
    if (file.state !== "found") return [];
    const line = file.lines.find(
      ({ text }) =>
        /(^|[\s/=;&|])(nft|ip6tables(-restore|-legacy|-nft)?)\s/.test(text) && !/^\s*#/.test(text),
    );
    if (!line) return [];
    const text = `${path} runs a firewall program of its own`;
    return [{ layer: LAYER, text, evidence: [lineEvidence(file.locator, line)], decisive: false }];
  });
}
