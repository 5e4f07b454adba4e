import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { OsInfo } from "../model/image.ts";
import { observe } from "../model/observations.ts";
import type { Ipv6State, Prediction } from "../model/prediction.ts";
import { judge } from "./judge.ts";
import { rulesOf } from "./policy.ts";
import { isRuleId, rules } from "./rules/index.ts";
import { policyFor, templateFor, templates } from "./templates/index.ts";

function linux(id: string, ...like: string[]): OsInfo {
  return { id, version: "1", name: `The ${id}`, type: "linux", like };
}

function predict(state: Ipv6State): Prediction {
  return {
    state,
    stack: "present",
    disableIpv6: { all: 1, default: 1, lo: 1, nic: 1 },
    addressing: "none",
    firewall: { kind: "none", filtersIpv6: false },
    confidence: "certain",
    reason: `It is ${state}.`,
    steps: [],
    blindSpots: [],
    deciding: [],
  };
}

const observations = observe({ entries: new Map() });

describe("policyFor", () => {
  test.each([
    [linux("debian"), "os-extended-debian"],
    [linux("ubuntu", "debian"), "os-extended-debian"],
    [linux("made-up", "ubuntu", "debian"), "os-extended-debian"],
    [linux("amzn", "fedora"), "os-extended-rpm"],
    [linux("rocky", "rhel", "centos", "fedora"), "os-extended-rpm"],
    [linux("opensuse-leap", "suse", "opensuse"), "os-extended-rpm"],
    [linux("sles", "suse"), "os-extended-rpm"],
    [linux("alpine"), "os-extended-generic"],
    [linux("made-up"), "os-extended-generic"],
    [{ ...linux("windows"), type: "windows" } as const, "os-extended-windows"],
    [{ ...linux("unknown"), type: "unknown" } as const, "os-extended-generic"],
  ])("%o gets %s", (os, id) => {
    expect(policyFor(os).id).toBe(id);
  });

  test("no name fits two templates", () => {
    const names = templates.flatMap(({ fits }) => fits);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("judge", () => {
  function verdict(os: OsInfo, state: Ipv6State): string {
    return judge(policyFor(os), { os, prediction: predict(state), observations }).verdict;
  }

  test.each([
    ["off", "pass"],
    ["on", "flagged"],
    ["partial", "flagged"],
    ["unknown", "review"],
  ] as const)("%s on a known Linux is %s", (state, wanted) => {
    expect(verdict(linux("debian"), state)).toBe(wanted);
  });

  test.each(["off", "on", "partial", "unknown"] as const)("Windows with %s is a review", (state) => {
    const os: OsInfo = { ...linux("windows"), type: "windows" };
    const found = judge(policyFor(os), { os, prediction: predict(state), observations });
    expect(found.verdict).toBe("review");
    expect(found.reason).toContain("KB 929852");
  });

  test.each(["off", "on", "unknown"] as const)("a system nobody knows with %s is a review", (state) => {
    expect(verdict(linux("made-up"), state)).toBe("review");
    expect(verdict({ ...linux("unknown"), type: "unknown" }, state)).toBe("review");
  });

  test("a system nobody knows stays a review under a policy that somebody chose", () => {
    const policy = policyFor(linux("debian"));
    const os = linux("made-up");
    expect(judge(policy, { os, prediction: predict("off"), observations }).verdict).toBe("review");
  });

  test("a policy without rules passes nothing", () => {
    const empty = { id: "e", title: "", description: "", sections: {} };
    const found = judge(empty, { os: linux("debian"), prediction: predict("off"), observations });
    expect(found).toEqual({
      findings: [],
      verdict: "review",
      reason: "No rule of the policy applies to this image.",
    });
  });

  test("findings carry rule, title, severity and section", () => {
    const os = linux("debian");
    const { findings, reason } = judge(policyFor(os), { os, prediction: predict("on"), observations });
    expect(findings).toMatchObject([
      {
        rule: "disable-ipv6-interfaces",
        title: "Disable IPv6 Interfaces",
        severity: "medium",
        section: "System Configuration",
        outcome: "fail",
      },
    ]);
    expect(reason).toBe("It is on.");
  });
});

describe("registry", () => {
  test("every rule stands under its own id, in a folder with its README and test", () => {
    for (const [id, rule] of Object.entries(rules)) {
      expect(rule.id).toBe(id);
      for (const file of ["rule.ts", "rule.test.ts", "README.md"]) {
        expect(existsSync(fileURLToPath(new URL(`rules/${id}/${file}`, import.meta.url)))).toBe(true);
      }
    }
    expect(isRuleId("disable-ipv6-interfaces")).toBe(true);
    expect(isRuleId("constructor")).toBe(false);
  });

  test("a policy names each of its rules once", () => {
    const use = "disable-ipv6-interfaces";
    const policy = { id: "p", title: "", description: "", sections: { a: [{ use }], b: [{ use }] } } as const;
    expect(rulesOf(policy)).toEqual([rules[use]]);
    expect(templateFor(linux("debian"))?.type).toBe("linux");
  });
});
