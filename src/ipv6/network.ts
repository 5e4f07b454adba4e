import type { BootFacts } from "../model/boot.ts";
import type { Observations } from "../model/observations.ts";
import type { BlindSpot, Step } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { type Argument, splitArguments } from "./arguments.ts";
import { keepsKernelNames } from "./given-names.ts";
import { INITRD_WANTS, networkOfInitrd } from "./initrd.ts";
import type { BootState, LayerResult, Switch } from "./layer.ts";
import { cloudInit } from "./layers/cloud-init/layer.ts";
import { connman } from "./layers/connman/layer.ts";
import { dhcpcd } from "./layers/dhcpcd/layer.ts";
import { ec2NetUtils } from "./layers/ec2-net-utils/layer.ts";
import { ifcfg } from "./layers/ifcfg/layer.ts";
import { ifupdown } from "./layers/ifupdown/layer.ts";
import { netctl } from "./layers/netctl/layer.ts";
import { netplan } from "./layers/netplan/layer.ts";
import { networkd } from "./layers/networkd/layer.ts";
import { networkmanager } from "./layers/networkmanager/layer.ts";
import { wicked } from "./layers/wicked/layer.ts";
import { type Generated, type Generator, type NicOutcome, NOTHING_GENERATED } from "./manager.ts";
import { type Nic, plausibleNics, renamedCards, splitNames } from "./nic.ts";
import { once } from "./once.ts";
import { overlay, traced } from "./overlay.ts";
import { type Program, program, type Running } from "./running.ts";
import {
  addressingOf,
  agree,
  claimedOf,
  differences,
  expected,
  isOffByKernelName,
  type Run,
  withRenamed,
} from "./runs.ts";
import { changeWants } from "./unit-changes.ts";
import { unitFileWants } from "./unit-file.ts";

/** Interfaces beside the instance's own card that are followed; each costs a look at all configuration. */
const FURTHER_MAX = 100;
/** Names that may be those of a renamed card. */
const RENAMED_MAX = 12;

/** In the order in which they write: each sees the files of those before it. */
const GENERATORS: readonly Generator[] = [cloudInit, netplan, ec2NetUtils];
const PROGRAMS: readonly Program[] = [
  program(networkd),
  program(networkmanager),
  program(wicked),
  program(ifupdown),
  program(ifcfg),
  program(dhcpcd),
  program(connman),
  program(netctl),
];

export const network: {
  readonly wants: readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
  further(observations: Observations, boot: BootFacts): readonly Want[];
} = {
  wants: [...GENERATORS, ...PROGRAMS].flatMap(({ wants }) => wants),
  follow(observations, boot) {
    const { files } = generateAll(observations, boot, undefined);
    const seen = overlay(observations, files);
    return [
      ...GENERATORS.flatMap((one) => one.follow?.(seen, boot) ?? []),
      ...PROGRAMS.flatMap((one) => one.follow(seen, boot)),
    ];
  },
  further: (observations, boot) => [
    ...PROGRAMS.flatMap((one) => one.further(observations, boot)),
    ...(prepared(observations, boot).plain.running.some(({ id }) => TAKE_ARGUMENTS.has(id))
      ? INITRD_WANTS
      : []),
    ...servicesThatSwitchOff(observations, boot).flatMap((unit) => [
      ...unitFileWants(observations, unit),
      ...changeWants(observations, unit),
    ]),
  ],
};

/** Services of managers that write 1 to a card. */
function servicesThatSwitchOff(observations: Observations, boot: BootFacts): readonly string[] {
  const preparation = prepared(observations, boot);
  const names = preparation.plain.running.flatMap((one) => one.names);
  const nics = [
    ...plausibleNics(boot.nicNames, splitNames(names).primary),
    ...renamedCards(names)
      .slice(0, RENAMED_MAX)
      .flatMap((name) => plausibleNics([name], [])),
  ];
  const services = nics.flatMap((nic) =>
    preparation
      .for(nic.name)
      .running.flatMap(({ service, configure }) =>
        service !== undefined && configure(nic).some(({ writes }) => writes === 1) ? [service] : [],
      ),
  );
  return [...new Set(services)];
}

/**
 * What the programs that configure the network do to the card of the instance, after sysctl. Which card that is
 * the image does not say: every plausible one is tried. Those that the configuration speaks of are taken to be
 * it; where these come out differently, the answer is that it depends.
 */
export function runNetwork(observations: Observations, boot: BootFacts, before: BootState): LayerResult {
  const preparation = prepared(observations, boot);
  const preparedFor = (name: string): Prepared => preparation.for(name);
  const { generated, running } = preparation.plain;
  const { primary, further } = splitNames(running.flatMap(({ names }) => names));
  const usual = plausibleNics(boot.nicNames, primary).flatMap((nic) =>
    runsOf(preparedFor(nic.name).running, nic, before),
  );
  const renamed = usual.some(({ claims }) => claims)
    ? []
    : renamedCards(running.flatMap(({ names }) => names));
  const runs =
    renamed.length === 0
      ? usual
      : withRenamed(
          usual,
          renamed
            .slice(0, RENAMED_MAX)
            .flatMap((name) => plausibleNics([name], []))
            .flatMap((nic) => runsOf(preparedFor(nic.name).running, nic, before)),
        );
  const keeps = keepsKernelNames(observations, boot) || running.some(({ id }) => id === "wicked");
  const meant = claimedOf(runs);
  const claimed = !keeps && isOffByKernelName(meant, runs) ? runs : expected(meant);
  const nic = agree(claimed.map(({ value }) => value));
  const named = further.filter((name) => !boot.nicNames.includes(name));
  const spots = [
    ...generated.blindSpots,
    ...running.flatMap((one) => one.blindSpots),
    ...tooMany(named.length, FURTHER_MAX),
    ...tooMany(renamed.length, RENAMED_MAX),
  ];
  const others = new Map(
    named.slice(0, FURTHER_MAX).map((name) => [name, ofInterface(running, name, before)]),
  );
  for (const { told } of claimed)
    for (const { via } of told) if (via !== undefined) others.set(via, ofInterface(running, via, before));
  const state: BootState = {
    ...before,
    lo: running.reduce<Switch>(
      (lo, { loopback }) => (loopback === "unknown" && lo === 0 ? 0 : (loopback ?? lo)),
      before.lo,
    ),
    nic,
    addressing: addressingOf(claimed),
    further: others,
  };
  return {
    state,
    steps: [...generated.steps, ...stepsOf(claimed, nic)],
    blindSpots: [
      ...spots.map(softened(claimed, before)),
      ...doubtsOf(claimed, before).map(softened(claimed, before)),
      ...differences(claimed, runs, nic),
      ...(nic === 0 ? [] : byArgument(observations, boot, running)),
    ],
    settles: nic !== "unknown" && claimed.every(({ writer }) => writer !== undefined),
  };
}

/** Where the card is off without the program, too, it may as well not run. */
function doubtsOf(runs: readonly Run[], before: BootState): readonly BlindSpot[] {
  const isOff = runs.every(({ nic }) => valueBefore(nic, before) === 1);
  const doubts = runs.flatMap(({ told }) =>
    told.flatMap(({ doubt, mayNotRun }) => [doubt ?? [], isOff ? [] : (mayNotRun ?? [])].flat()),
  );
  return [...new Map(doubts.map((spot) => [spot.text, spot])).values()];
}

/** Those for which a program makes configuration out of the kernel command line. */
const TAKE_ARGUMENTS = new Set(["networkd", "networkmanager"]);
const TAKEN =
  /^(?:ip6?|nameserver|vlan|bridge|bond|team|ib|bootdev|rd\.route|rd\.neednet|rd\.iscsi\.ibft|netroot|BOOTIF|network-config|cloud-config-url|cc:.*)$/;

/**
 * `ip=` and its like become .network files or profiles in /run, in the initramfs or later; these have IPv6 on, and may
 * come before the image's own. Sources: systemd-network-generator.service(8); nm-initrd-generator(8); dracut.cmdline(7);
 * cloud-init, "Kernel command line".
 */
function byArgument(
  observations: Observations,
  boot: BootFacts,
  running: readonly Running[],
): readonly BlindSpot[] {
  // Programs read the whole of the line, where the kernel ends at `--`.
  const taker = running.find(({ id }) => TAKE_ARGUMENTS.has(id));
  if (taker === undefined) return [];
  const spots = networkOfInitrd(observations, isTaken).map((spot) => ({ layer: taker.id, ...spot }));
  const given = splitArguments(boot.cmdline ?? "").find(isTaken);
  if (given === undefined) return spots;
  const said = given.value === undefined ? given.name : `${given.name}=${given.value}`;
  const text = `${said} on the kernel command line may become configuration of the network, which is not followed`;
  return [...spots, { layer: taker.id, text, evidence: boot.cmdlineEvidence, decisive: true }];
}

function isTaken({ name, value }: Argument): boolean {
  return TAKEN.test(name) && !/^(?:0|no|false|off)$/.test(value ?? "");
}

function tooMany(count: number, most: number): readonly BlindSpot[] {
  if (count <= most) return [];
  const text = `the configuration names ${count} further interfaces: ${most} of them were looked at`;
  return [{ layer: "network", text, evidence: [], decisive: true }];
}

/** Generators and managers have read what there is. */
interface Prepared {
  readonly generated: Generated;
  readonly running: readonly Running[];
}

interface Preparation {
  readonly plain: Prepared;
  /** The same where what is generated depends on the name of the card. */
  for(nic: string): Prepared;
}

const prepared = once((observations, boot): Preparation => {
  const generated = generateAll(observations, boot, undefined);
  const asked = PROGRAMS.map((one) => {
    const seen = traced(overlay(observations, generated.files));
    return { run: (over: Observations) => one.run(over, boot), found: one.run(seen, boot), seen };
  });
  const plain: Prepared = { generated, running: asked.flatMap(({ found }) => found ?? []) };
  const byName = new Map<string, Prepared>();
  const prepare = (nic: string): Prepared => {
    const own = generateAll(observations, boot, nic);
    const over = overlay(observations, own.files);
    const paths = [...generated.files, ...own.files].map(({ path }) => path);
    // Who saw nothing of what differs does the same for every card.
    const running = asked.flatMap(({ found, seen, run }) => (seen.asked(paths) ? run(over) : found) ?? []);
    return { generated: own, running };
  };
  return {
    plain,
    for(nic) {
      if (generated.perNic !== true) return plain;
      const known = byName.get(nic) ?? prepare(nic);
      byName.set(nic, known);
      return known;
    },
  };
});

function generateAll(observations: Observations, boot: BootFacts, nic: string | undefined): Generated {
  let generated: Generated = NOTHING_GENERATED;
  for (const generator of GENERATORS) {
    const one = generator.generate(overlay(observations, generated.files), boot, nic);
    generated = {
      files: [...generated.files, ...one.files],
      steps: [...generated.steps, ...one.steps],
      blindSpots: [...generated.blindSpots, ...one.blindSpots],
      perNic: generated.perNic === true || one.perNic === true,
    };
  }
  return generated;
}

function valueBefore({ name }: Nic, before: BootState): Switch {
  return before.named.get(name) ?? before.nic;
}

function runsOf(running: readonly Running[], nic: Nic, before: BootState): readonly Run[] {
  const start: Run = {
    nic,
    claims: false,
    value: valueBefore(nic, before),
    addressing: undefined,
    told: [],
    writer: undefined,
  };
  return running.reduce<readonly Run[]>(
    (runs, one) => {
      const outcomes = one.configure(nic);
      return runs.flatMap((run) => outcomes.map((outcome) => after(run, { ...outcome, id: one.id })));
    },
    [start],
  );
}

function after(run: Run, outcome: NicOutcome & { readonly id: string }): Run {
  const { writes, addressing } = outcome;
  const clash = run.writer !== undefined && writes !== undefined && run.value !== writes;
  return {
    nic: run.nic,
    claims: run.claims || outcome.claims,
    value: writes === undefined ? run.value : clash ? "unknown" : writes,
    addressing: addressing === undefined || addressing === "kernel" ? run.addressing : addressing,
    told: outcome.text === "" ? run.told : [...run.told, outcome],
    writer: writes === undefined ? run.writer : outcome,
  };
}

function ofInterface(running: readonly Running[], name: string, before: BootState): Switch {
  const nics = plausibleNics([name], []);
  const start = {
    ...before,
    nic: before.named.get(name) ?? (before.all === 1 ? before.default : before.nic),
  };
  return agree(nics.flatMap((nic) => runsOf(running, nic, start)).map(({ value }) => value));
}

function stepsOf(runs: readonly Run[], nic: Switch): readonly Step[] {
  const steps = new Map<string, Step>();
  for (const { told, writer } of runs) {
    for (const one of told) {
      const { id, text, evidence } = one;
      const key = JSON.stringify([text, evidence]);
      const decides = nic !== "unknown" && one === writer;
      if (!steps.has(key)) steps.set(key, { layer: id, text, evidence, ...(decides ? { decides } : {}) });
    }
  }
  return [...steps.values()];
}

/** What could not be seen matters only where it could turn the answer around: never from on to on. */
function softened(runs: readonly Run[], before: BootState): (spot: BlindSpot) => BlindSpot {
  const stays = before.nic === 0 && runs.every(({ value }) => value === 0);
  return (spot) => (stays ? { ...spot, decisive: false } : spot);
}
