import type { Outcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import { CONTROLS } from "../../controls.ts";
import { decisiveSpots, uniqueEvidence } from "../../decisive.ts";

/** The strictest form of off: the kernel comes up without IPv6, and nothing at run time can bring it back. */
export const ipv6DisabledKernel: Rule = {
  id: "ipv6-disabled-kernel",
  title: "IPv6 Disabled in the Kernel",
  severity: "medium",
  description:
    "The kernel must come up without an IPv6 stack: ipv6.disable=1 on its command line, a kernel built without " +
    "IPv6, or a module that cannot be loaded. Settings below that, such as disable_ipv6=1, can be taken back by " +
    "any program that runs as root, and network managers do; without a stack there is nothing to take back.",
  controls: [CONTROLS.leastFunctionality, CONTROLS.necessaryOnly, CONTROLS.ipv6Status],
  wants: [],
  judge(input: RuleInput): RuleFinding {
    const [outcome, message] = answer(input);
    const { prediction } = input;
    const layers = prediction.steps.filter(({ layer }) => /^(kernel|cmdline|modprobe)$/.test(layer));
    const spots = outcome === "unknown" ? decisiveSpots(prediction) : [];
    return {
      outcome,
      message,
      remedy:
        outcome === "fail" || outcome === "unknown"
          ? "Put ipv6.disable=1 on the kernel command line of every boot entry."
          : "",
      checks: [],
      evidence: uniqueEvidence([...spots, ...layers].flatMap(({ evidence }) => evidence)),
    };
  },
};

function answer({ os, prediction }: RuleInput): readonly [Outcome, string] {
  if (os.type === "windows")
    return ["review", "Windows has no kernel without IPv6: Microsoft calls it a mandatory part."];
  switch (prediction.stack) {
    case "absent":
    case "disabled":
      if (
        prediction.state === "off" &&
        prediction.confidence !== "none" &&
        decisiveSpots(prediction).length === 0
      )
        return ["pass", "The kernel comes up without an IPv6 stack."];
      return [
        "unknown",
        `The IPv6 stack looks away, but this is not sure: ${decisiveSpots(prediction)[0]?.text ?? prediction.reason}`,
      ];
    case "present":
      return prediction.state === "off"
        ? ["fail", "IPv6 is off, but its stack is there: any program that runs as root can switch it on."]
        : ["fail", "The kernel comes up with an IPv6 stack."];
    case "unknown":
      return [
        "unknown",
        `It cannot be told whether the kernel comes up with an IPv6 stack: ${prediction.reason}`,
      ];
  }
}
