import type { Policy } from "../policy.ts";

/** For sites that want IPv6: it may be on, and then a firewall must cover it. */
export const dualStackWithFirewall: Policy = {
  id: "dual-stack-with-firewall",
  title: "Dual stack with a firewall",
  description: "IPv6 may be on; where it is, an enabled firewall filters what comes in over it.",
  sections: {
    "Host Based Firewall": [{ use: "ipv6-firewall-present" }],
    "System Configuration": [{ use: "ipv6-sysctl-consistent", severity: "low" }],
  },
};
