import type { Outcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import { CONTROLS } from "../../controls.ts";
import { uniqueEvidence } from "../../decisive.ts";

/** "IPv6 is on, and no enabled service filters what comes in over it": the case that sixray exists for. */
export const ipv6FirewallPresent: Rule = {
  id: "ipv6-firewall-present",
  title: "IPv6 Firewall Present",
  severity: "high",
  description:
    "An instance that speaks IPv6 must filter what comes in over it. Rules for IPv4 do not do that: iptables " +
    "without ip6tables, and a table of family ip in nftables, leave IPv6 wide open, and rules that lie in a file " +
    "count only when a service that is enabled loads them. What counts is what happens to a new connection to a " +
    "port that no rule names. Where IPv6 stays off there is nothing to filter.",
  controls: [
    CONTROLS.boundaryProtection,
    CONTROLS.denyByDefault,
    CONTROLS.inboundTraffic,
    CONTROLS.nftablesDefaultDeny,
    CONTROLS.ip6tablesDefaultDeny,
  ],
  wants: [],
  judge(input: RuleInput): RuleFinding {
    const [outcome, message] = answer(input);
    const steps = input.prediction.steps.filter(({ layer }) => layer === "firewall");
    return {
      outcome,
      message,
      remedy: remedyFor(input, outcome),
      checks: [],
      evidence: uniqueEvidence(steps.flatMap(({ evidence }) => evidence)),
    };
  },
};

function answer({ os, prediction }: RuleInput): readonly [Outcome, string] {
  const { state, firewall } = prediction;
  const name = firewall.kind;
  if (os.type === "windows")
    return ["review", "Windows Firewall filters both families; what it lets in is for a person to judge."];
  if (state === "off") return ["not-applicable", "IPv6 stays off: there is nothing to filter."];
  switch (firewall.filtersIpv6) {
    case true:
      return ["pass", `${name} is enabled and filters IPv6 on its way in.`];
    case "unknown": {
      const spot = prediction.blindSpots.find(({ layer }) => layer === "firewall" || layer === "files");
      return [
        "unknown",
        `It cannot be told whether IPv6 is filtered on its way in${spot ? `: ${spot.text}` : ""}.`,
      ];
    }
    case false: {
      const why = name === "none" ? "no enabled service filters it" : `${name} is enabled and lets it in`;
      return state === "unknown"
        ? ["unknown", `It cannot be told whether IPv6 comes up; if it does, ${why}.`]
        : ["fail", `IPv6 is on, and ${why}.`];
    }
  }
}

function remedyFor({ os, prediction }: RuleInput, outcome: Outcome): string {
  if (outcome !== "fail" && outcome !== "unknown") return "";
  const { kind } = prediction.firewall;
  if (outcome === "unknown" && kind !== "none")
    return "Read the rules that are named as evidence, or replace them by some that sixray can follow.";
  switch (kind) {
    case "ufw":
      return "Set DEFAULT_INPUT_POLICY to DROP in /etc/default/ufw, keep IPV6=yes, and look for rules that allow everybody.";
    case "firewalld":
      return "Set DefaultZone to a zone whose target is not ACCEPT, such as public, in /etc/firewalld/firewalld.conf.";
    case "nftables":
      return "Give the input chain a policy of drop in a table of family inet (or ip6), with accepts for lo, for established connections and for ICMPv6.";
    case "ip6tables":
      return "Write the rules for IPv6, too: an INPUT policy of DROP with accepts for lo, for established connections and for ICMPv6.";
    case "windows-firewall":
      return "";
    case "none":
    case "unknown":
      return ["rhel", "fedora", "centos", "amzn", "suse"].some((id) => os.id === id || os.like.includes(id))
        ? "Enable a firewall that covers IPv6: systemctl enable firewalld (or nftables with a table of family inet and an input policy of drop). Or keep IPv6 off."
        : "Enable a firewall that covers IPv6: systemctl enable nftables with a table of family inet and an input policy of drop in /etc/nftables.conf. Or keep IPv6 off.";
  }
}
