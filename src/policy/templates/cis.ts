import type { Policy } from "../policy.ts";

/** What the CIS benchmarks of Linux distributions ask about IPv6, which they leave to the site to have or not. */
export const cis: Policy = {
  id: "cis",
  title: "CIS: IPv6 known, filtered, and not configured by strangers",
  description:
    "IPv6 may be on or off, but the settings tell which; where it is on it is filtered, and router advertisements are not accepted.",
  sections: {
    "Network Configuration": [
      { use: "ipv6-sysctl-consistent" },
      { use: "ipv6-router-advertisements", when: { field: "ipv6", operator: "!=", value: "off" } },
    ],
    "Host Based Firewall": [
      { use: "ipv6-firewall-present", when: { field: "ipv6", operator: "!=", value: "off" } },
    ],
  },
};
