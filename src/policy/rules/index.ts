import type { Rule } from "../../model/finding.ts";
import { disableIpv6Interfaces } from "./disable-ipv6-interfaces/rule.ts";
import { ipv6DisabledKernel } from "./ipv6-disabled-kernel/rule.ts";
import { ipv6FirewallPresent } from "./ipv6-firewall-present/rule.ts";
import { ipv6RouterAdvertisements } from "./ipv6-router-advertisements/rule.ts";
import { ipv6SysctlConsistent } from "./ipv6-sysctl-consistent/rule.ts";
import { ipv6WindowsReview } from "./ipv6-windows-review/rule.ts";

export type RuleId =
  | "disable-ipv6-interfaces"
  | "ipv6-firewall-present"
  | "ipv6-disabled-kernel"
  | "ipv6-sysctl-consistent"
  | "ipv6-router-advertisements"
  | "ipv6-windows-review";

/** Every rule by its id, which is also the name of its folder. */
export const rules: Readonly<Record<RuleId, Rule>> = {
  "disable-ipv6-interfaces": disableIpv6Interfaces,
  "ipv6-firewall-present": ipv6FirewallPresent,
  "ipv6-disabled-kernel": ipv6DisabledKernel,
  "ipv6-sysctl-consistent": ipv6SysctlConsistent,
  "ipv6-router-advertisements": ipv6RouterAdvertisements,
  "ipv6-windows-review": ipv6WindowsReview,
};

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(rules, text);
}
