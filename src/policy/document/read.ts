import { type Condition, parseCondition } from "../condition.ts";
import type { Policy, RuleUse } from "../policy.ts";
import { isRuleId, rules } from "../rules/index.ts";
import { builtIn } from "../templates/index.ts";
import type { Waiver } from "../waivers.ts";
import { type PolicyDocument, policyDocument, type UseDocument } from "./schema.ts";
import { byPlace, type Problem, parseYaml } from "./yaml.ts";

export type PolicyRead = { readonly policy: Policy } | { readonly problems: readonly Problem[] };

/**
 * The policy that `text` says, put on top of the one it extends. Anything wrong, and there is no policy: a half-read
 * one could pass what it should flag. `file` is for messages and for the policy's name.
 */
export function readPolicy(text: string, file: string): PolicyRead {
  const parsed = parseYaml(text, file, policyDocument);
  if ("problems" in parsed) return parsed;
  const { value, at } = parsed;
  const problems: Problem[] = [];
  const complain = (path: readonly PropertyKey[], message: string): void =>
    void problems.push({ file, ...at(path), message });
  const sections = merge(value, complain);
  const waivers = readWaivers(value, complain);
  if (Object.values(sections).flat().length === 0)
    complain([], "the policy has no rules: name some under sections, or extend a policy that has");
  if (problems.length > 0) return { problems: problems.toSorted(byPlace) };
  const base = builtIn.find(({ id }) => id === value.extends);
  return {
    policy: {
      id: value.id ?? nameOf(file),
      title: value.title ?? base?.title ?? nameOf(file),
      description: value.description ?? base?.description ?? "",
      sections,
      waivers,
    },
  };
}

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
}

type Complain = (path: readonly PropertyKey[], message: string) => void;

function merge(value: PolicyDocument, complain: Complain): Record<string, readonly RuleUse[]> {
  const sections = new Map<string, RuleUse[]>();
  const base = builtIn.find(({ id }) => id === value.extends);
  for (const [section, uses] of Object.entries(base?.sections ?? {})) sections.set(section, [...uses]);
  const seen = new Set<string>();
  for (const [section, uses] of Object.entries(value.sections ?? {})) {
    for (const [index, one] of uses.entries()) {
      const path = ["sections", section, index];
      if (!isRuleId(one.use)) continue;
      if (seen.has(one.use)) complain([...path, "use"], `${one.use} is used twice`);
      seen.add(one.use);
      checkOptions(one, [...path, "options"], complain);
      // Said anew, it replaces what was extended, wherever that stood.
      for (const [name, list] of sections) {
        const rest = list.filter(({ use }) => use !== one.use);
        if (rest.length !== list.length && rest.length === 0 && name !== section) sections.delete(name);
        else sections.set(name, rest);
      }
      const condition = one.when === undefined ? undefined : parseCondition(one.when);
      sections.set(section, [...(sections.get(section) ?? []), useOf(one, condition)]);
    }
  }
  return Object.fromEntries(sections);
}

function useOf(one: UseDocument, condition: Condition | string | undefined): RuleUse {
  if (!isRuleId(one.use)) throw new Error(`no rule ${one.use}: the schema lets only rules through`);
  return {
    use: one.use,
    ...(typeof condition === "object" ? { when: condition } : {}),
    ...(one.severity === undefined ? {} : { severity: one.severity }),
    ...(one.options === undefined ? {} : { options: one.options }),
  };
}

function checkOptions({ use, options }: UseDocument, path: readonly PropertyKey[], complain: Complain): void {
  const known = isRuleId(use) ? (rules[use].options ?? {}) : {};
  for (const [name, value] of Object.entries(options ?? {})) {
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    const names = Object.keys(known);
    if (!option)
      complain(
        [...path, name],
        `${use} has no option ${name}${names.length > 0 ? `; there are: ${names.join(", ")}` : ""}`,
      );
    else if (!option.values.includes(value))
      complain(
        [...path, name],
        `${name} is one of ${option.values.join(", ")}, not ${JSON.stringify(value)}`,
      );
  }
}

function readWaivers({ waivers = [] }: PolicyDocument, complain: Complain): readonly Waiver[] {
  const ids = new Set<string>();
  return waivers.map((one, index): Waiver => {
    if (ids.has(one.id)) complain(["waivers", index, "id"], `two waivers are called ${one.id}`);
    ids.add(one.id);
    const { provider, family, id, os } = one.match;
    return {
      id: one.id,
      match: {
        ...(provider === undefined ? {} : { provider }),
        ...(family === undefined ? {} : { family }),
        ...(id === undefined ? {} : { id }),
        ...(os === undefined ? {} : { os }),
      },
      rules: one.rules.filter(isRuleId),
      reason: one.reason,
      approvedBy: one.approvedBy,
      expires: one.expires,
    };
  });
}
