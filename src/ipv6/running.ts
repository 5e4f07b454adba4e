import type { BootFacts } from "../model/boot.ts";
import type { Observations } from "../model/observations.ts";
import type { BlindSpot } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { unseen } from "./config-folders.ts";
import type { Switch } from "./layer.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "./manager.ts";
import type { Nic } from "./nic.ts";
import { changesOf } from "./unit-changes.ts";
import { unitFile } from "./unit-file.ts";
import { NETWORK_TARGETS, unitStart } from "./units.ts";

/** A manager with what it read, its facts its own business. */
export interface Running {
  readonly id: string;
  readonly names: readonly string[];
  readonly blindSpots: readonly BlindSpot[];
  readonly loopback: Switch | undefined;
  readonly service: string | undefined;
  configure(nic: Nic): readonly NicOutcome[];
}

export interface Program {
  readonly wants: readonly Want[];
  follow(observations: Observations, boot: BootFacts): readonly Want[];
  further(observations: Observations, boot: BootFacts): readonly Want[];
  run(observations: Observations, boot: BootFacts): Running | undefined;
}

/** A manager as one of many. */
export function program<Facts>(manager: Manager<Facts>): Program {
  return {
    wants: manager.wants,
    follow: (observations, boot) => manager.follow?.(observations, boot) ?? [],
    further: (observations, boot) => manager.further?.(observations, boot) ?? [],
    run(observations, boot) {
      const facts = manager.read(observations, boot);
      if (facts === undefined) return undefined;
      return {
        id: manager.id,
        names: manager.names(facts),
        blindSpots: manager.blindSpots(facts),
        loopback: manager.loopback?.(facts),
        service: manager.service?.unit,
        configure: (nic) => manager.configure(facts, nic).map(byUnit(observations, boot, manager.service)),
      };
    },
  };
}

/** A link is taken for a unit, but where it would keep IPv6 off. */
function byUnit(
  observations: Observations,
  boot: BootFacts,
  service: Manager<unknown>["service"],
): (outcome: NicOutcome) => NicOutcome {
  return (outcome) => {
    if (service === undefined || outcome.writes !== 1) return outcome;
    const unit = unitFile(observations, service.unit);
    if (unit.state === "there") return byChanges(observations, service, outcome);
    if (unit.state === "unreadable")
      return { ...outcome, mayNotRun: unseen("network", service.unit, unit.reason, unit.locator) };
    const { evidence } = unitStart(observations, boot, service.unit, [], NETWORK_TARGETS);
    const text = `${service.unit} is enabled, and there is no such unit: nothing runs it`;
    return { ...UNTOUCHED, claims: outcome.claims, text, evidence };
  };
}

function byChanges(
  observations: Observations,
  { unit, program }: NonNullable<Manager<unknown>["service"]>,
  outcome: NicOutcome,
): NicOutcome {
  const [evidence] = changesOf(observations, unit, program);
  if (evidence === undefined) return outcome;
  const text = `the image changes ${unit}, or what changes it could not be read: whether it runs as usual is not followed`;
  return { ...outcome, mayNotRun: { layer: "network", text, evidence: [evidence], decisive: true } };
}
