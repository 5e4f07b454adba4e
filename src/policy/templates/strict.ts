import type { Policy } from "../policy.ts";

/** Off at every layer: no stack at all, and nothing that says something else. */
export const strict: Policy = {
  id: "strict",
  title: "Strict: IPv6 off at every layer",
  description: "The kernel comes up without IPv6, no interface has it, and no setting says anything else.",
  sections: {
    "System Configuration": [
      { use: "ipv6-disabled-kernel", severity: "high" },
      { use: "disable-ipv6-interfaces", severity: "high" },
      { use: "ipv6-sysctl-consistent" },
    ],
  },
};
