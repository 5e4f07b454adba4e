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
import { type BootState, INITIAL_STATE, type Layer, type LayerResult, type Switch } from "./layer.ts";
import { cmdline } from "./layers/cmdline/layer.ts";
import { firewall } from "./layers/firewall/layer.ts";
import { kernel } from "./layers/kernel/layer.ts";
import { late } from "./layers/late/layer.ts";
import { modprobe } from "./layers/modprobe/layer.ts";
import { sysctl } from "./layers/sysctl/layer.ts";

/** A layer whose facts stay its own business. */
interface Stage {
  readonly id: string;
  readonly wants: readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
  run(observations: Observations, boot: BootFacts, before: BootState): LayerResult;
}

function stage<Facts>(layer: Layer<Facts>): Stage {
  return {
    id: layer.id,
    wants: layer.wants,
    follow: (observations, boot) => layer.follow?.(observations, boot) ?? [],
    run: (observations, boot, before) => layer.effect(layer.read(observations, boot), before),
  };
}

/** In the order in which a machine goes through them. */
const STAGES: readonly Stage[] = [stage(kernel), stage(cmdline), stage(modprobe), stage(sysctl), stage(late)];

/** What all layers want to see, as in `Asks`; `follow` also takes what the boot loader's files told so far. */
export const ipv6: {
  readonly wants: readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
} = {
  wants: [...STAGES.flatMap(({ wants }) => wants), ...firewall.wants],
  follow: (observations, boot) => [
    ...STAGES.flatMap((one) => one.follow(observations, boot)),
    ...(firewall.follow?.(observations, boot) ?? []),
  ],
};

/**
 * What IPv6 will be on a machine that boots from these files, judged by the network card: pure, and the same
 * for the same files. What could not be read or followed is a blind spot; a decisive one makes the state
 * `unknown`, never off.
 */
export function predict(observations: Observations, boot: BootFacts): Prediction {
  let state = INITIAL_STATE;
  const steps: Step[] = [];
  const blindSpots: BlindSpot[] = [];
  for (const { run } of STAGES) {
    const result = run(observations, boot, state);
    state = result.state;
    steps.push(...result.steps);
    blindSpots.push(...result.blindSpots);
  }
  const verdict = judge(state, blindSpots);
  const told = markDeciding(steps, state);
  // It says who may come in, not whether IPv6 comes up: it takes no part in the verdict.
  const host = firewall.read(observations, boot);
  return {
    state: verdict,
    stack: state.stack,
    disableIpv6: shown(state),
    addressing: addressingOf(verdict, state),
    firewall: host.firewall,
    confidence: verdict === "unknown" ? "none" : blindSpots.length > 0 ? "likely" : "certain",
    reason: reasonOf(verdict, state, told, blindSpots),
    steps: [...told, ...host.steps],
    blindSpots: [...relevant(blindSpots, state), ...host.blindSpots],
    deciding: told.filter(({ decides }) => decides),
  };
}

const NO_STACK = new Set(["absent", "disabled"]);

function judge(state: BootState, blindSpots: readonly BlindSpot[]): Ipv6State {
  const sure = !relevant(blindSpots, state).some(({ decisive }) => decisive);
  if (NO_STACK.has(state.stack)) return sure ? "off" : "unknown";
  if (!sure || state.stack === "unknown" || state.nic === "unknown") return "unknown";
  return state.nic === 1 ? "off" : "on";
}

/** Once there is no stack, nobody's later settings matter any more. */
function relevant(blindSpots: readonly BlindSpot[], state: BootState): readonly BlindSpot[] {
  if (!NO_STACK.has(state.stack)) return blindSpots;
  return blindSpots.filter(({ layer }) => layer === "kernel" || layer === "cmdline" || layer === "modprobe");
}

/** The last step that set what the NIC ends with; without one, the kernel's own default. */
function markDeciding(steps: readonly Step[], state: BootState): readonly Step[] {
  const candidates = steps.filter(({ decides }) => decides);
  const last = candidates.at(-1);
  const layer = NO_STACK.has(state.stack)
    ? candidates.findLast((step) => step.layer !== "sysctl")?.layer
    : last?.layer;
  const chosen = candidates.findLast((step) => step.layer === layer);
  return steps.map(({ decides: _decides, ...step }) =>
    step.text === chosen?.text && sameEvidence(step, chosen) ? { ...step, decides: true } : step,
  );
}

function sameEvidence(a: Step, b: Step): boolean {
  return JSON.stringify(a.evidence) === JSON.stringify(b.evidence);
}

function shown(state: BootState): Prediction["disableIpv6"] {
  const value = (one: Switch): DisableValue =>
    NO_STACK.has(state.stack) ? "absent" : state.stack === "unknown" ? "unknown" : one;
  return {
    all: value(state.all),
    default: value(state.default),
    lo: value(state.lo),
    nic: value(state.nic),
    ...Object.fromEntries([...state.named].map(([name, one]) => [name, value(one)])),
  };
}

function addressingOf(verdict: Ipv6State, state: BootState): Addressing {
  if (verdict === "off") return "none";
  if (verdict === "unknown") return "unknown";
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
  if (verdict === "off") return `disable_ipv6 is 1 on the network card: ${deciding?.text ?? "set at boot"}`;
  const isDefault = deciding === undefined || deciding.layer === "kernel";
  return isDefault
    ? `${deciding?.text ?? "IPv6 is on by default"}, and nothing switches it off`
    : `disable_ipv6 is 0 on the network card: ${deciding.text}`;
}
