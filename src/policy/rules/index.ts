import type { Rule } from "../../model/finding.ts";
import { disableIpv6Interfaces } from "./disable-ipv6-interfaces/rule.ts";

export type RuleId = "disable-ipv6-interfaces";

/** Every rule by its id, which is also the name of its folder. */
export const rules: Readonly<Record<RuleId, Rule>> = {
  "disable-ipv6-interfaces": disableIpv6Interfaces,
};

export function isRuleId(text: string): text is RuleId {
  return Object.hasOwn(rules, text);
}
