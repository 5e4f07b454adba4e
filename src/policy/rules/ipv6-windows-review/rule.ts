import type { PlaceCheck, PlaceOutcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import type { Step } from "../../../model/prediction.ts";
import { checklist } from "./checklist.ts";

const RECOMMENDATION =
  "Microsoft: IPv6 is a mandatory part of Windows, and disabling it or its components is not recommended; to prefer IPv4 over IPv6 set DisabledComponents to 0x20 instead.";

/** What the registry says, and what to confirm on a running instance. Never a pass: a person signs the review. */
export const ipv6WindowsReview: Rule = {
  id: "ipv6-windows-review",
  title: "Review IPv6 on Windows",
  severity: "medium",
  description:
    "A person decides about Windows: Microsoft advises against disabling IPv6 there (KB 929852). The rule lays out " +
    "what the image's registry says (DisabledComponents bit by bit, the IPv6 driver, bindings, tunnels, firewall), " +
    "what runs at first boot, and a checklist of commands for a running instance with what they should print.",
  wants: [],
  judge(input: RuleInput): RuleFinding {
    const { os, prediction } = input;
    if (os.type !== "windows") {
      const message = "This is not Windows.";
      return { outcome: "not-applicable", message, remedy: "", checks: [], evidence: [] };
    }
    return {
      outcome: "review",
      message: `Predicted: IPv6 is ${prediction.state}; ${prediction.reason}`,
      remedy: RECOMMENDATION,
      checks: prediction.steps.map((step) => rowOf(step, input)),
      evidence: prediction.deciding.flatMap(({ evidence }) => evidence),
      checklist: checklist(prediction.state),
    };
  },
};

function rowOf(step: Step, { prediction }: RuleInput): PlaceCheck {
  const [first] = step.evidence;
  const place = first?.locator.split(" > ").slice(-2).join(" > ") ?? step.layer;
  const decided: PlaceOutcome =
    prediction.state === "off" ? "compliant" : prediction.state === "on" ? "violating" : "no-effect";
  return {
    place,
    outcome: step.decides ? decided : "no-effect",
    message: step.text,
    evidence: step.evidence,
  };
}
