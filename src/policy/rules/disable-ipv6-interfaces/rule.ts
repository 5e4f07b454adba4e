import type { Outcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Prediction } from "../../../model/prediction.ts";
import { CONTROLS } from "../../controls.ts";
import { decisiveSpots, uniqueEvidence } from "../../decisive.ts";
import { FILES, placeChecks } from "./places.ts";
import { remedyFor } from "./remedy.ts";

const FILE_BYTES_MAX = 64 << 10;

/**
 * "Disable IPv6 Interfaces". The outcome comes from what is predicted for the interface of the instance; the
 * five places that the original rule names are rows of evidence and never outweigh it.
 */
export const disableIpv6Interfaces: Rule = {
  id: "disable-ipv6-interfaces",
  title: "Disable IPv6 Interfaces",
  severity: "medium",
  description:
    "An instance started from the image must come up without IPv6. What counts is the interface that the cloud " +
    "gives it, after everything that runs at boot: on many images a network manager switches IPv6 back on " +
    "although net.ipv6.conf.all.disable_ipv6 goes on reading 1, and a setting in modprobe.d or /etc/sysctl.conf " +
    "may never be read at all. Each of the five places where the setting is usually looked for has its own row. " +
    "Windows is always for a person to judge, since Microsoft advises against disabling IPv6 there (KB 929852).",
  controls: [CONTROLS.leastFunctionality, CONTROLS.necessaryOnly, CONTROLS.ipv6Status],
  wants: Object.values(FILES).map((path) => ({ path, maxBytes: FILE_BYTES_MAX })),
  judge(input: RuleInput): RuleFinding {
    const outcome = outcomeOf(input);
    return {
      outcome,
      message: messageOf(input, outcome),
      remedy: remedyFor(input, outcome),
      checks: placeChecks(input),
      evidence: evidenceOf(input.prediction, outcome),
    };
  },
};

function outcomeOf({ os, prediction }: RuleInput): Outcome {
  if (os.type === "windows") return "review";
  switch (prediction.state) {
    case "off":
      // Defence in depth: an "off" that somebody is unsure of is not a pass.
      return prediction.confidence === "none" || decisiveSpots(prediction).length > 0 ? "unknown" : "pass";
    case "on":
    case "partial":
      return "fail";
    case "unknown":
      return "unknown";
  }
}

const FALLBACK: Readonly<Record<Prediction["state"], string>> = {
  off: "IPv6 stays off on the interface of the instance.",
  on: "IPv6 comes up on the interface of the instance.",
  partial: "IPv6 comes up in part.",
  unknown: "It cannot be told whether IPv6 comes up.",
};

function messageOf({ os, prediction }: RuleInput, outcome: Outcome): string {
  const why = prediction.reason || FALLBACK[prediction.state];
  if (os.type === "windows") {
    return `Windows is for a person to judge (Microsoft KB 929852 advises against disabling IPv6): ${why}`;
  }
  if (outcome === "unknown" && prediction.state === "off") {
    return `IPv6 looks off, but this is not sure: ${decisiveSpots(prediction)[0]?.text ?? why}`;
  }
  return why;
}

function evidenceOf(prediction: Prediction, outcome: Outcome): readonly Evidence[] {
  const sources = outcome === "unknown" ? decisiveSpots(prediction) : [];
  return uniqueEvidence([...sources, ...prediction.deciding].flatMap(({ evidence }) => evidence));
}
