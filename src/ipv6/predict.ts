import type { BootFacts } from "../model/boot.ts";
import type { Observations } from "../model/observations.ts";
import type {
  Addressing,
  BlindSpot,
  DisableValue,
  Ipv6State,
  Prediction,
  Step,
} from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { givenNames, NAME_WANTS } from "./given-names.ts";
import { initWants } from "./init.ts";
import { type BootState, INITIAL_STATE, type Layer, type LayerResult, type Switch } from "./layer.ts";
import { cmdline } from "./layers/cmdline/layer.ts";
import { firewall, firewallUnits } from "./layers/firewall/layer.ts";
import { goal } from "./layers/goal/layer.ts";
import { kernel } from "./layers/kernel/layer.ts";
import { modprobe } from "./layers/modprobe/layer.ts";
import { enabledAtFirstBoot, presets } from "./layers/presets/layer.ts";
import { followFurther, scripts } from "./layers/scripts/layer.ts";
import { likelyScripts } from "./layers/scripts/places.ts";
import { mayEndOff, sysctl } from "./layers/sysctl/layer.ts";
import { likelyStarts } from "./layers/sysctl/service.ts";
import { tuned } from "./layers/tuned/layer.ts";
import { ufw } from "./layers/ufw/layer.ts";
import { GENERATED_LINKS } from "./manager.ts";
import { network, runNetwork } from "./network.ts";
import { once } from "./once.ts";
import { overlay } from "./overlay.ts";
import { UNIT_WANTS } from "./units.ts";
import { VENDOR_WANTS } from "./vendors.ts";

/** A layer whose facts stay its own business. */
interface Stage {
  readonly id: string;
  readonly wants: readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
  run(observations: Observations, boot: BootFacts, before: BootState): LayerResult;
}

function stage<Facts>(layer: Layer<Facts>): Stage {
  const read = once((observations, boot) => layer.read(observations, boot));
  return {
    id: layer.id,
    wants: layer.wants,
    follow: (observations, boot) => layer.follow?.(observations, boot) ?? [],
    run: (observations, boot, before) => layer.effect(read(observations, boot), before),
  };
}

/** In the order in which a machine goes through them. */
const STAGES: readonly Stage[] = [
  stage(kernel),
  stage(cmdline),
  stage(modprobe),
  stage(sysctl),
  stage(ufw),
  { id: "network", ...network, run: runNetwork },
  stage(tuned),
  // What the others follow only happens on the way to the usual goal: none of them settles that.
  stage(goal),
];
/** They come last, and may undo every answer: most of what they want is known when the rest is. */
const SCRIPTS = stage(scripts);
/** It only matters where IPv6 would stay off. */
const PRESETS = stage(presets);

/** What all layers want to see, as in `Asks`; `follow` also takes what the boot loader's files told so far. */
export const ipv6: {
  readonly wants: readonly Want[];
  /** Fetched, too, where nothing is to be taken on trust. */
  readonly thorough: readonly Want[];
  early(observations: Observations): readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
} = {
  wants: [...UNIT_WANTS, ...[...STAGES, PRESETS, SCRIPTS].flatMap(({ wants }) => wants), ...firewall.wants],
  thorough: VENDOR_WANTS,
  early: (observations) => [
    ...firewallUnits(observations),
    ...(mayEndOff(observations)
      ? [
          ...NAME_WANTS,
          ...initWants(observations),
          ...likelyScripts(observations),
          ...likelyStarts(observations),
        ]
      : []),
  ],
  follow(observations, boot) {
    const wants = [
      ...STAGES.flatMap((one) => one.follow(observations, boot)),
      ...(firewall.follow?.(observations, boot) ?? []),
    ];
    // Folders of unit links are not waited for: those of the usual targets are among the first wants.
    if (wants.some((want) => !isSeen(observations, want) && !want.path.startsWith(UNIT_FOLDER))) return wants;
    const later = boot.later === undefined ? [] : ipv6.follow(observations, boot.later);
    const { state } = run(observations, boot, STAGES);
    if (state.stack !== "present") return [...wants, ...later];
    const further =
      state.nic === 0
        ? []
        : [
            ...NAME_WANTS,
            ...initWants(observations),
            ...network.further(observations, boot),
            ...followFurther(observations, boot),
            ...PRESETS.follow(observations, boot),
            ...firstBootWants(observations, boot),
          ];
    return [...wants, ...later, ...SCRIPTS.follow(observations, boot), ...further];
  },
};

/** The machine with the links that its first boot makes by presets; undefined: it makes none. */
const withPresets = once((observations, boot): Observations | undefined => {
  const links = enabledAtFirstBoot(observations, boot).map(({ unit, evidence }) => ({
    path: `${GENERATED_LINKS}/${unit}`,
    text: "",
    origin: evidence,
  }));
  return links.length === 0 ? undefined : overlay(observations, links);
});

function firstBootWants(observations: Observations, boot: BootFacts): readonly Want[] {
  const first = withPresets(observations, boot);
  return first === undefined ? [] : network.follow(first, boot);
}

/** What the managers do that the first boot starts, where IPv6 comes up by them: else that stays a blind spot. */
function firstBoot(observations: Observations, boot: BootFacts): LayerResult | undefined {
  const first = withPresets(observations, boot);
  if (first === undefined) return undefined;
  const result = run(first, boot, [...STAGES, SCRIPTS, PRESETS]);
  if (result.state.nic !== 0 || judge(result.state, result.blindSpots) === "unknown") return undefined;
  const enabled = enabledAtFirstBoot(observations, boot).map(
    ({ text, evidence }): Step => ({ layer: "presets", text, evidence: [evidence] }),
  );
  return { ...result, steps: [...enabled, ...result.steps] };
}

const UNIT_FOLDER = "/etc/systemd/system/";

/** The want was answered, whatever the answer was. */
function isSeen(observations: Observations, { path, what }: Want): boolean {
  const plain = /[*?]/.test(path) ? path.slice(0, path.lastIndexOf("/")) : path;
  // Of a link nobody asked where it leads to.
  if (what === "names" && observations.entry(plain).state !== "unreadable") return true;
  const file = observations.file(plain);
  return file.state !== "unreadable" || file.reason !== "was not extracted";
}

function run(observations: Observations, boot: BootFacts, stages: readonly Stage[]): LayerResult {
  let state = INITIAL_STATE;
  const steps: Step[] = [];
  let blindSpots: BlindSpot[] = [];
  const doubts: BlindSpot[] = [];
  const unlessOff: BlindSpot[] = [];
  for (const one of stages) {
    const result = one.run(observations, boot, state);
    state = result.state;
    if (result.doubt) doubts.push(result.doubt);
    unlessOff.push(...(result.unlessOff ?? []));
    if (state.nic !== "unknown") doubts.splice(0);
    if (result.settles === true)
      blindSpots = blindSpots.map((spot) =>
        STACK_LAYERS.has(spot.layer) ? spot : { ...spot, decisive: false },
      );
    steps.push(...result.steps);
    blindSpots.push(...result.blindSpots);
  }
  const decisive = comesUp(state);
  const open = unlessOff.map((spot) => ({ ...spot, decisive }));
  return { state, steps, blindSpots: [...open, ...blindSpots, ...doubts] };
}

function comesUp({ stack, nic, further }: BootState): boolean {
  return stack === "present" && (nic !== 1 || [...further.values()].some((value) => value !== 1));
}

/**
 * What IPv6 will be on a machine that boots from these files, judged by the network card: pure, and the same
 * for the same files. What could not be read or followed is a blind spot; a decisive one makes the state
 * `unknown`, never off.
 */
export function predict(observations: Observations, boot: BootFacts): Prediction {
  const usual = run(observations, boot, [...STAGES, SCRIPTS, PRESETS]);
  const result = (usual.state.nic === 0 ? undefined : firstBoot(observations, boot)) ?? usual;
  const { state, steps } = result;
  const blindSpots = [
    ...result.blindSpots,
    ...byOtherNames(observations, boot, state),
    ...fromNextBootOn(observations, boot, state),
  ];
  const verdict = judge(state, blindSpots);
  const told = markDeciding(steps, state);
  // It says who may come in, not whether IPv6 comes up: it takes no part in the verdict.
  const host = firewall.read(observations, boot);
  return {
    state: verdict,
    stack: state.stack,
    disableIpv6: shown(state, verdict, blindSpots),
    addressing: addressingOf(verdict, state),
    firewall: host.firewall,
    confidence: verdict === "unknown" ? "none" : blindSpots.length > 0 ? "likely" : "certain",
    reason: reasonOf(verdict, state, told, blindSpots),
    steps: [...told, ...host.steps],
    blindSpots: [...relevant(blindSpots, state), ...host.blindSpots],
    deciding: told.filter(({ decides }) => decides),
  };
}

/** Where the image gives its card a name, and a card of that name would not stay off. */
function byOtherNames(observations: Observations, boot: BootFacts, usual: BootState): readonly BlindSpot[] {
  if (usual.stack !== "present" || usual.nic !== 1) return [];
  const { names, blindSpots } = givenNames(observations);
  const others = names.flatMap(({ name, evidence }): readonly BlindSpot[] => {
    if (boot.nicNames.includes(name)) return [];
    const { state } = run(observations, { ...boot, nicNames: [name] }, STAGES);
    if (state.nic === usual.nic) return [];
    const text = `the image names its network card ${name}, and one of that name does not stay off`;
    return [{ layer: "names", text, evidence: [evidence], decisive: true }];
  });
  return [...blindSpots, ...others];
}

/** An entry that boots only once keeps IPv6 off only once. */
function fromNextBootOn(
  observations: Observations,
  { later, entry = "" }: BootFacts,
  now: BootState,
): readonly BlindSpot[] {
  if (later === undefined || comesUp(now)) return [];
  const { state } = predict(observations, later);
  if (state === "off") return [];
  const ends = state === "unknown" ? "what IPv6 will be then is not known" : `then IPv6 is ${state}`;
  const text = `GRUB boots ${entry} only once, and then ${later.entry ?? "another entry"}: ${ends}`;
  return [{ layer: "cmdline", text, evidence: later.cmdlineEvidence, decisive: true }];
}

const NO_STACK = new Set(["absent", "disabled"]);
/** Layers that can take the stack away. */
const STACK_LAYERS = new Set(["kernel", "cmdline", "modprobe"]);

function judge(state: BootState, blindSpots: readonly BlindSpot[]): Ipv6State {
  const sure = !relevant(blindSpots, state).some(({ decisive }) => decisive);
  if (NO_STACK.has(state.stack)) return sure ? "off" : "unknown";
  if (!sure || state.stack === "unknown" || state.nic === "unknown") return "unknown";
  if (state.nic === 0) return state.addressing === "none" ? "partial" : "on";
  const further = [...state.further.values()];
  if (further.includes("unknown")) return "unknown";
  return further.includes(0) ? "partial" : "off";
}

/** Once there is no stack, nobody's later settings matter any more. */
function relevant(blindSpots: readonly BlindSpot[], state: BootState): readonly BlindSpot[] {
  if (!NO_STACK.has(state.stack)) return blindSpots;
  return blindSpots.filter(({ layer }) => STACK_LAYERS.has(layer));
}

/** The last step that set what the NIC ends with; without one, the kernel's own default. */
function markDeciding(steps: readonly Step[], state: BootState): readonly Step[] {
  const candidates = steps.filter(({ decides }) => decides);
  const last = candidates.at(-1);
  const layer = NO_STACK.has(state.stack)
    ? candidates.findLast((step) => STACK_LAYERS.has(step.layer))?.layer
    : last?.layer;
  const chosen = candidates.findLast((step) => step.layer === layer);
  return steps.map(({ decides: _decides, ...step }) =>
    step.text === chosen?.text && sameEvidence(step, chosen) ? { ...step, decides: true } : step,
  );
}

function sameEvidence(a: Step, b: Step): boolean {
  return JSON.stringify(a.evidence) === JSON.stringify(b.evidence);
}

const OPEN_LAYERS = new Set(["scripts", "presets"]);

/** What a later writer may turn around is not told of the card, either. */
function shown(
  state: BootState,
  verdict: Ipv6State,
  blindSpots: readonly BlindSpot[],
): Prediction["disableIpv6"] {
  // A script writes what it likes, to any interface, and so does a manager that nobody knows of.
  const open = blindSpots.some(({ layer, decisive }) => OPEN_LAYERS.has(layer) && decisive);
  const value = (one: Switch): DisableValue =>
    NO_STACK.has(state.stack) ? "absent" : open || state.stack === "unknown" ? "unknown" : one;
  return {
    all: value(state.all),
    default: value(state.default),
    lo: value(state.lo),
    nic: verdict === "unknown" && !NO_STACK.has(state.stack) ? "unknown" : value(state.nic),
    ...Object.fromEntries([...state.named, ...state.further].map(([name, one]) => [name, value(one)])),
  };
}

function addressingOf(verdict: Ipv6State, state: BootState): Addressing {
  if (verdict === "off") return "none";
  if (verdict === "unknown") return "unknown";
  if (state.addressing !== undefined) return state.addressing;
  return state.acceptRa === 0 || state.autoconf === 0 ? "link-local" : "slaac";
}

function reasonOf(
  verdict: Ipv6State,
  state: BootState,
  steps: readonly Step[],
  blindSpots: readonly BlindSpot[],
): string {
  const deciding = steps.find(({ decides }) => decides);
  if (verdict === "unknown") {
    const spot = blindSpots.find(({ decisive }) => decisive);
    return spot ? spot.text : "the settings do not tell what the network card ends with";
  }
  if (NO_STACK.has(state.stack)) return deciding?.text ?? "there is no IPv6 stack";
  const others = [...state.further].filter(([, value]) => value === 0).map(([name]) => name);
  if (verdict === "partial" && state.nic === 1)
    return `disable_ipv6 is 1 on the network card, but 0 on ${others.join(", ")}`;
  if (verdict === "partial")
    return `disable_ipv6 is 0 on the network card, and nothing gives it an address: ${deciding?.text ?? "link-local addressing is off"}`;
  if (verdict === "off") return `disable_ipv6 is 1 on the network card: ${deciding?.text ?? "set at boot"}`;
  const isDefault = deciding === undefined || deciding.layer === "kernel";
  return isDefault
    ? `${deciding?.text ?? "IPv6 is on by default"}, and nothing switches it off`
    : `disable_ipv6 is 0 on the network card: ${deciding.text}`;
}
