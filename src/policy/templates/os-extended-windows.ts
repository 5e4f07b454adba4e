import type { Template } from "../policy.ts";

/** A person always decides (Microsoft KB 929852); the rule lays out what the registry says. */
export const osExtendedWindows: Template = {
  id: "os-extended-windows",
  title: "OS extended: Windows",
  description: "Images of Windows and Windows Server; the answer is always a review.",
  type: "windows",
  fits: ["windows"],
  sections: {
    "System Configuration": [{ use: "disable-ipv6-interfaces" }],
    "Manual Review": [{ use: "ipv6-windows-review" }],
  },
};
