import type { Control } from "../model/finding.ts";

/** Controls that rules answer to, in the words of their catalogues. Numbers move between editions: each names its own. */

const NIST = "NIST SP 800-53 Rev. 5";
const PCI = "PCI DSS v4.0.1";
const CIS = "CIS Ubuntu Linux 24.04 LTS Benchmark v1.0.0";

type Name =
  | "leastFunctionality"
  | "configurationSettings"
  | "boundaryProtection"
  | "denyByDefault"
  | "inboundTraffic"
  | "necessaryOnly"
  | "ipv6Status"
  | "routerAdvertisements"
  | "nftablesDefaultDeny"
  | "ip6tablesDefaultDeny";

export const CONTROLS: Readonly<Record<Name, Control>> = {
  leastFunctionality: { catalogue: NIST, id: "CM-7", title: "Least Functionality" },
  configurationSettings: { catalogue: NIST, id: "CM-6", title: "Configuration Settings" },
  boundaryProtection: { catalogue: NIST, id: "SC-7", title: "Boundary Protection" },
  denyByDefault: { catalogue: NIST, id: "SC-7(5)", title: "Deny by Default, Allow by Exception" },
  inboundTraffic: { catalogue: PCI, id: "1.3.1", title: "Inbound traffic to the CDE is restricted" },
  necessaryOnly: {
    catalogue: PCI,
    id: "2.2.4",
    title: "Only necessary services, protocols, daemons, and functions are enabled",
  },
  ipv6Status: { catalogue: CIS, id: "3.1.1", title: "Ensure IPv6 status is identified" },
  routerAdvertisements: {
    catalogue: CIS,
    id: "3.3.11",
    title: "Ensure ipv6 router advertisements are not accepted",
  },
  nftablesDefaultDeny: { catalogue: CIS, id: "4.3.8", title: "Ensure nftables default deny firewall policy" },
  ip6tablesDefaultDeny: {
    catalogue: CIS,
    id: "4.4.3.1",
    title: "Ensure ip6tables default deny firewall policy",
  },
};
