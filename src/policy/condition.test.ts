import { describe, expect, test } from "vitest";
import { PROVIDERS as ENTRIES } from "../../providers/index.ts";
import { DEBIAN, predicted, seen, WINDOWS } from "../../test/support/judging.ts";
import { type Condition, holds, PROVIDERS, parseCondition, tellCondition } from "./condition.ts";
import { judge } from "./judge.ts";

function condition(text: string): Condition {
  const found = parseCondition(text);
  if (typeof found === "string") throw new Error(found);
  return found;
}

const SUBJECT = {
  os: DEBIAN,
  prediction: predicted(),
  image: { provider: "aws", id: "x", name: "x", family: "a b" },
};

describe("conditions", () => {
  test.each([
    ["ipv6 == on", true],
    ["ipv6==on", true],
    ["ipv6 != on", false],
    ["ipv6 == off", false],
    ["stack != absent", true],
    ['os == "debian"', true],
    ["os == 'rhel'", false],
    ["os.type != windows", true],
    ["provider == aws", true],
    ['family == "a b"', true],
    ["firewall == none", true],
    ["addressing == slaac", true],
  ])("%s: %s", (text, wanted) => {
    expect(holds(condition(text), SUBJECT)).toBe(wanted);
    expect(condition(tellCondition(condition(text)))).toEqual(condition(text));
  });

  test.each([
    ["ipv6 = on", /looks like/],
    ["", /looks like/],
    ["ipv6 == on and os == debian", /looks like/],
    ["ipv4 == on", /no field ipv4; there are: ipv6/],
    ["constructor == x", /no field/],
    ["provider == asw", /never asw; it is one of: file, http, aws/],
    ["ipv6 == enabled", /never enabled; it is one of: on, off, partial/],
  ])("%s is refused", (text, why) => {
    expect(parseCondition(text)).toMatch(why);
  });

  test("what cannot be told leaves the rule in", () => {
    const unknown = { os: DEBIAN, prediction: predicted({ state: "unknown" }) };
    for (const text of ["ipv6 == on", "ipv6 != on", "provider == aws"])
      expect(holds(condition(text), unknown)).toBe(true);
  });
});

describe("a rule under a condition", () => {
  const use = { use: "ipv6-firewall-present", when: condition("ipv6 == on"), severity: "low" } as const;
  const policy = { id: "p", title: "", description: "", sections: { s: [use] } };

  test("is not applicable where it does not hold, and never a pass alone", () => {
    const found = judge(policy, {
      os: DEBIAN,
      prediction: predicted({ state: "off" }),
      observations: seen(),
    });
    expect(found.findings[0]).toMatchObject({
      outcome: "not-applicable",
      severity: "low",
      message: expect.stringContaining("ipv6 == on"),
    });
    expect(found.verdict).toBe("review");
  });

  test("is asked where it holds, with the policy's severity", () => {
    const found = judge(policy, { os: DEBIAN, prediction: predicted(), observations: seen() });
    expect(found.findings[0]).toMatchObject({ outcome: "fail", severity: "low" });
  });

  test("Windows stays a review, and not because a rule was not asked", () => {
    const off = predicted({ state: "off" });
    const found = judge(policy, { os: WINDOWS, prediction: off, observations: seen() });
    expect(found.verdict).toBe("review");
    expect(found.findings[0]?.outcome).toBe("not-applicable");
    expect(found.reason).toContain("for a person to judge");
  });
});

test("the providers that conditions and waivers may name are those there are", () => {
  expect(PROVIDERS.toSorted()).toEqual(ENTRIES.map(({ id }) => id).toSorted());
});
