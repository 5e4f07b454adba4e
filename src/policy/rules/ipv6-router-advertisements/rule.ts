import type { Outcome, Rule, RuleFinding, RuleInput } from "../../../model/finding.ts";
import { CONTROLS } from "../../controls.ts";
import { decisiveSpots, uniqueEvidence } from "../../decisive.ts";

/** Whoever may send router advertisements on the link gives the machine addresses, a gateway and name servers. */
export const ipv6RouterAdvertisements: Rule = {
  id: "ipv6-router-advertisements",
  title: "IPv6 Router Advertisements Not Accepted",
  severity: "medium",
  description:
    "The interface of the instance must not configure itself from router advertisements, which anybody on the " +
    "link can send. The sysctl accept_ra does not settle it: systemd-networkd and NetworkManager set it to 0 and " +
    "read the advertisements themselves. What counts is the addressing that is predicted for the interface.",
  controls: [CONTROLS.routerAdvertisements, CONTROLS.configurationSettings],
  options: {
    dhcpv6: {
      description: "what to say of an interface that asks for DHCPv6, which an advertisement sets off",
      values: ["fail", "pass"],
    },
  },
  wants: [],
  judge(input: RuleInput): RuleFinding {
    const [outcome, message] = answer(input);
    const { prediction } = input;
    const sources =
      outcome === "unknown" ? [...decisiveSpots(prediction), ...prediction.deciding] : prediction.deciding;
    return {
      outcome,
      message,
      remedy:
        outcome === "fail"
          ? "Switch them off where the interface is configured: IPv6AcceptRA=no (systemd-networkd), accept-ra: no (netplan), ipv6.method=manual or link-local (NetworkManager); else net.ipv6.conf.all.accept_ra=0 and net.ipv6.conf.default.accept_ra=0 in /etc/sysctl.d."
          : "",
      checks: [],
      evidence: uniqueEvidence(sources.flatMap(({ evidence }) => evidence)),
    };
  },
};

function answer({ os, prediction, options }: RuleInput): readonly [Outcome, string] {
  if (os.type === "windows")
    return ["review", "What Windows makes of router advertisements is for a person to judge."];
  if (prediction.state === "off") return ["not-applicable", "IPv6 stays off."];
  switch (prediction.addressing) {
    case "slaac":
      return ["fail", "The interface takes addresses and a gateway from router advertisements."];
    case "dhcpv6":
      return options?.dhcpv6 === "pass"
        ? ["pass", "The interface asks for DHCPv6, which the policy accepts."]
        : ["fail", "The interface asks for DHCPv6 when a router advertisement says so."];
    case "none":
    case "link-local":
    case "static":
      return [
        "pass",
        `The interface does not listen to router advertisements (addressing: ${prediction.addressing}).`,
      ];
    case "unknown":
      return ["unknown", "It cannot be told how the interface gets its addresses."];
  }
}
