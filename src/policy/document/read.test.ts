import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { builtIn } from "../templates/index.ts";
import { nearest } from "./nearest.ts";
import { printPolicy, starterPolicy } from "./print.ts";
import { readPolicy } from "./read.ts";
import { policyJsonSchema } from "./schema.ts";

function problems(text: string): readonly string[] {
  const found = readPolicy(text, "p.yaml");
  return "problems" in found ? found.problems.map((one) => `${one.line}:${one.column}: ${one.message}`) : [];
}

const WAIVER = `  - id: W-1
    match: { family: "*" }
    rules: [disable-ipv6-interfaces]
    reason: because
    approvedBy: me
    expires: 2027-03-31
`;

describe("a policy file", () => {
  test("extends, adds, replaces", () => {
    const text = `extends: cis
title: Ours
sections:
  Ours:
    - use: ipv6-router-advertisements
      severity: low
      options: { dhcpv6: pass }
    - use: ipv6-disabled-kernel
      when: os != debian
waivers:
${WAIVER}`;
    const found = readPolicy(text, "some/where/ours.yaml");
    if ("problems" in found) throw new Error(JSON.stringify(found.problems));
    expect(found.policy).toMatchObject({
      id: "ours",
      title: "Ours",
      sections: {
        "Network Configuration": [{ use: "ipv6-sysctl-consistent" }],
        "Host Based Firewall": [{ use: "ipv6-firewall-present" }],
        Ours: [
          { use: "ipv6-router-advertisements", severity: "low", options: { dhcpv6: "pass" } },
          { use: "ipv6-disabled-kernel", when: { field: "os", operator: "!=", value: "debian" } },
        ],
      },
      waivers: [{ id: "W-1", expires: "2027-03-31" }],
    });
  });

  test.each(builtIn.map((policy) => [policy.id, policy] as const))(
    "%s, printed and read again, is the same",
    (_, policy) => {
      const found = readPolicy(printPolicy(policy), "x.yaml");
      expect(found).toEqual({
        policy: {
          id: policy.id,
          title: policy.title,
          description: policy.description,
          sections: policy.sections,
          waivers: [],
        },
      });
      expect(problems(starterPolicy(policy))).toEqual([]);
    },
  );

  test.each([
    ["nothing", "", [/^1:1: the file must be a map, not null$/]],
    ["no rules", "title: x\n", [/^1:1: the policy has no rules/]],
    ["not a map", "- a\n", [/^1:1: the file must be a map, not a list/]],
    [
      "a rule misspelt",
      "sections:\n  s:\n    - use: disable-ipv6-interface\n",
      [/^3:12: .*did you mean disable-ipv6-interfaces\?/],
    ],
    ["an unknown key", "extnds: cis\n", [/^1:1: unknown key extnds; did you mean extends\?/]],
    [
      "an unknown key of a rule",
      "extends: cis\nsections:\n  s:\n    - use: ipv6-disabled-kernel\n      wen: x\n",
      [/^5:7: unknown key wen; did you mean when\?/],
    ],
    [
      "an unknown key of a match",
      `extends: cis\nwaivers:\n${WAIVER.replace("family:", "famly:")}`,
      [/^4:14: unknown key famly; did you mean family\?/],
    ],
    ["an unknown template", "extends: os-extended-debia\n", [/^1:10: .*did you mean os-extended-debian\?/]],
    ["a wrong type", "extends: cis\nsections: [x]\n", [/^2:11: sections must be a map, not a list/]],
    [
      "a wrong condition",
      "sections:\n  s:\n    - { use: ipv6-disabled-kernel, when: ipv6 is on }\n",
      [/^3:42: a condition looks like/],
    ],
    [
      "an unknown option",
      "sections:\n  s:\n    - { use: ipv6-router-advertisements, options: { dhcp: pass } }\n",
      [/^3:\d+: ipv6-router-advertisements has no option dhcp; there are: dhcpv6/],
    ],
    [
      "a wrong option",
      "sections:\n  s:\n    - { use: ipv6-router-advertisements, options: { dhcpv6: maybe } }\n",
      [/^3:\d+: dhcpv6 is one of fail, pass/],
    ],
    [
      "a rule twice",
      "sections:\n  s:\n    - use: ipv6-disabled-kernel\n    - use: ipv6-disabled-kernel\n",
      [/^4:12: ipv6-disabled-kernel is used twice/],
    ],
    ["a key twice", "extends: cis\nextends: strict\n", [/^2:1: the key extends stands here twice$/]],
    ["two documents", "extends: cis\n---\nextends: strict\n", [/documents/]],
    ["a tag", "extends: !!js/function x\n", [/Unresolved tag/]],
    [
      "a reason missing",
      `extends: cis\nwaivers:\n${WAIVER.replace("    reason: because\n", "")}`,
      [/^3:5: waivers\[0\]\.reason is missing/],
    ],
    [
      "an empty reason",
      `extends: cis\nwaivers:\n${WAIVER.replace("because", '"  "')}`,
      [/^6:13: .*reason is empty/],
    ],
    [
      "no such day",
      `extends: cis\nwaivers:\n${WAIVER.replace("03-31", "02-29")}`,
      [/^8:14: there is no such day/],
    ],
    [
      "a day and time",
      `extends: cis\nwaivers:\n${WAIVER.replace("2027-03-31", "2027-03-31T12:00:00Z")}`,
      [/^8:14: .*takes a day/],
    ],
    [
      "no expiry",
      `extends: cis\nwaivers:\n${WAIVER.replace("2027-03-31", "never")}`,
      [/^8:14: .*takes a day/],
    ],
    [
      "no match",
      `extends: cis\nwaivers:\n${WAIVER.replace('{ family: "*" }', "{}")}`,
      [/^4:12: match must name something/],
    ],
    [
      "two waivers of one name",
      `extends: cis\nwaivers:\n${WAIVER}${WAIVER}`,
      [/^9:9: two waivers are called W-1/],
    ],
    [
      "no rules in a waiver",
      `extends: cis\nwaivers:\n${WAIVER.replace("[disable-ipv6-interfaces]", "[]")}`,
      [/^5:12: .*empty/],
    ],
    ["a tab", "sections:\n\ts: []\n", [/^2:1: /]],
    [
      "a section called __proto__, whose rules would be dropped",
      "extends: cis\nsections:\n  __proto__:\n    - use: ipv6-disabled-kernel\n",
      [/^3:3: nothing can be called __proto__$/],
    ],
    ["a key twice by an alias", "? &a extends\n: strict\n? *a\n: cis\n", [/^3:3: a key is to be a word$/]],
    ["a list for a key", "? [extends]\n: strict\n", [/^1:3: a key is to be a word$/]],
    ["another YAML", "%YAML 1.1\n---\nextends: cis\n<<: { title: x }\n", [/^1:1: YAML 1\.2 is wanted/]],
    [
      "a provider misspelt",
      `extends: cis\nwaivers:\n${WAIVER.replace('family: "*"', "provider: asw")}`,
      [/^4:24: .*is not one of file, http, aws/],
    ],
  ])("%s is refused with its place", (_, text, wanted) => {
    const found = problems(text);
    expect(found.length).toBe(wanted.length);
    for (const [i, pattern] of wanted.entries()) expect(found[i]).toMatch(pattern);
  });
});

describe("hostile files", () => {
  const bomb = [
    "a0: &a0 [x, x, x, x, x, x, x, x, x]",
    ...Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(", ")}]`),
  ].join("\n");
  test.each([
    ["anchors that multiply", `${bomb}\n`],
    ["an anchor in itself", "a: &a [*a]\n"],
    ["a megabyte in a line", `title: ${"x".repeat((1 << 20) - 100)}\nextends: cis\n`],
    ["more than a megabyte", `# ${"x".repeat(1 << 20)}\nextends: cis\n`],
    ["brackets", `sections: ${"[".repeat(100_000)}\n`],
    ["braces", `sections: ${"{a: ".repeat(50_000)}\n`],
    ["dashes", `${"- ".repeat(50_000)}x\n`],
    ["steps", `${Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")}\n`],
    ["zeros", "\0\0\0"],
    ["many keys", `${Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n")}\n`],
    ["merge keys", "<<: { extends: cis }\n"],
  ])("%s", (_, text) => {
    const started = Date.now();
    expect(problems(text).length).toBeGreaterThan(0);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});

test("the published schema is the one that files are read with", () => {
  const path = fileURLToPath(new URL("../../../schema/sixray-policy.schema.json", import.meta.url));
  const published: unknown = JSON.parse(readFileSync(path, "utf8"));
  // Written by: node scripts/schema.ts
  expect(published).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
});

test("the nearest word", () => {
  expect(nearest("Wavers", ["waivers", "sections"])).toBe("waivers");
  expect(nearest("zzz", ["waivers", "sections"])).toBeUndefined();
  expect(nearest("x".repeat(1 << 20), ["waivers"])).toBeUndefined();
});
