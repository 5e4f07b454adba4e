import { tellCondition } from "../condition.ts";
import type { Policy, RuleUse } from "../policy.ts";

const SCHEMA = "https://raw.githubusercontent.com/sixray/sixray/main/schema/sixray-policy.schema.json";

/** A policy as a file that says the same. Texts are quoted as JSON, which YAML understands. */
export function printPolicy({ id, title, description, sections, waivers = [] }: Policy): string {
  return [
    `# yaml-language-server: $schema=${SCHEMA}`,
    `id: ${JSON.stringify(id)}`,
    `title: ${JSON.stringify(title)}`,
    `description: ${JSON.stringify(description)}`,
    "sections:",
    ...Object.entries(sections).flatMap(([section, uses]) => [
      `  ${JSON.stringify(section)}:`,
      ...uses.flatMap(printUse),
    ]),
    ...(waivers.length === 0 ? [] : ["waivers:"]),
    ...waivers.flatMap((one) => [
      `  - id: ${JSON.stringify(one.id)}`,
      `    match: { ${Object.entries(one.match)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
        .join(", ")} }`,
      `    rules: [${one.rules.join(", ")}]`,
      `    reason: ${JSON.stringify(one.reason)}`,
      `    approvedBy: ${JSON.stringify(one.approvedBy)}`,
      `    expires: ${one.expires}`,
    ]),
    "",
  ].join("\n");
}

function printUse({ use, when, severity, options }: RuleUse): readonly string[] {
  return [
    `    - use: ${use}`,
    ...(when === undefined ? [] : [`      when: ${JSON.stringify(tellCondition(when))}`]),
    ...(severity === undefined ? [] : [`      severity: ${severity}`]),
    ...(options === undefined
      ? []
      : [
          `      options: { ${Object.entries(options)
            .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
            .join(", ")} }`,
        ]),
  ];
}

/** What `sixray policy init` writes: short, whole, and telling what else can stand there. */
export function starterPolicy(extended: Policy): string {
  return `# yaml-language-server: $schema=${SCHEMA}
# ${extended.title}. \`sixray policy show ${extended.id}\` prints what is extended, \`sixray rules\` what can be used.
extends: ${extended.id}

sections:
  Host Based Firewall:
    # Where IPv6 is on, if only in part, something that is enabled must filter it.
    - use: ipv6-firewall-present
      when: ipv6 != off

waivers: []
# waivers:
#   - id: W-1
#     match: { provider: file, family: "debian-12-*" } # provider, family, id, os; * and ? in the last three
#     rules: [disable-ipv6-interfaces]
#     reason: dual-stack by design
#     approvedBy: netops
#     expires: 2027-03-31 # inclusive, UTC; after that the finding is open again
`;
}
