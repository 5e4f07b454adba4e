import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEBIAN, predicted, seen, WINDOWS } from "../../test/support/judging.ts";
import type { ImageRef } from "../model/image.ts";
import { matchesGlob } from "./glob.ts";
import { judge } from "./judge.ts";
import type { Policy } from "./policy.ts";
import { fits, unusedWaivers, type Waiver } from "./waivers.ts";

const IMAGE: ImageRef = {
  provider: "aws",
  id: "eu-1/ami-0abc",
  name: "al2023",
  family: "al2023-ami-minimal",
};
const WAIVER: Waiver = {
  id: "W-12",
  match: { provider: "aws", family: "al2023-ami-*" },
  rules: ["disable-ipv6-interfaces"],
  reason: "dual-stack by design",
  approvedBy: "netops",
  expires: "2027-03-31",
};
const POLICY: Policy = {
  id: "p",
  title: "",
  description: "",
  sections: { s: [{ use: "disable-ipv6-interfaces" }, { use: "ipv6-sysctl-consistent" }] },
};

function judged(
  waivers: readonly Waiver[],
  today: string | undefined,
  over = {},
  os = DEBIAN,
): ReturnType<typeof judge> {
  const input = { os, prediction: predicted(over), observations: seen(), image: IMAGE, today };
  return judge({ ...POLICY, waivers }, input);
}

describe("a waiver", () => {
  test.each([
    ["2026-11-24", "waived"],
    ["2027-03-31", "waived"],
    ["2027-04-01", "flagged"],
    ["2030-01-01", "flagged"],
    [undefined, "flagged"],
  ])("on %s: %s", (today, verdict) => {
    const { verdict: found, findings } = judged([WAIVER], today);
    expect(found).toBe(verdict);
    // What is true stays said: the finding is there, with the waiver beside it.
    expect(findings[0]).toMatchObject({ outcome: "fail", waiver: { id: "W-12", approvedBy: "netops" } });
  });

  test("that has run out says so", () => {
    const { reason } = judged([WAIVER], "2027-04-01");
    expect(reason).toContain("the waiver W-12 expired on 2027-03-31");
  });

  test("that holds comes before one that has run out", () => {
    const old = { ...WAIVER, id: "old", expires: "2020-01-01" };
    expect(judged([old, WAIVER], "2026-11-24").findings[0]?.waiver).toMatchObject({
      id: "W-12",
      state: "applies",
    });
  });

  test("leaves what it does not name open", () => {
    const other: Waiver = { ...WAIVER, rules: ["ipv6-sysctl-consistent"] };
    expect(judged([other], "2026-11-24").verdict).toBe("flagged");
    const both = judged([WAIVER], "2026-11-24", { disableIpv6: { all: 1, default: 1, lo: 1, nic: 0 } });
    expect(both.verdict).toBe("flagged");
  });

  test("is not for what passes", () => {
    const { verdict, findings } = judged([WAIVER], "2026-11-24", { state: "off" });
    expect(verdict).toBe("pass");
    expect(findings.every(({ waiver }) => waiver === undefined)).toBe(true);
  });

  test("takes an unknown, and a review of Windows, but never a system that nobody knows", () => {
    expect(judged([WAIVER], "2026-11-24", { state: "unknown" }).verdict).toBe("waived");
    expect(judged([WAIVER], "2026-11-24", {}, WINDOWS).verdict).toBe("waived");
    expect(judged([WAIVER], "2026-11-24", {}, { ...DEBIAN, id: "made-up" }).verdict).toBe("review");
  });

  test("that nothing was for is unused", () => {
    const other = { ...WAIVER, id: "W-13", match: { family: "windows-*" } };
    const { findings } = judged([WAIVER, other], "2026-11-24");
    expect(unusedWaivers([WAIVER, other], findings)).toEqual([other]);
  });
});

describe("matching", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-", "*", "?", "日"), maxLength: 12 });
  const plain = fc.string({ unit: fc.constantFrom("a", "b", "-", "日"), maxLength: 12 });

  test("a glob is the regular expression it stands for", () => {
    fc.assert(
      fc.property(text, plain, (glob, name) => {
        const source = glob.replace(/[.*+?^${}()|[\]\\]/g, (c) =>
          c === "*" ? ".*" : c === "?" ? "." : `\\${c}`,
        );
        expect(matchesGlob(glob, name)).toBe(new RegExp(`^${source}$`, "su").test(name));
      }),
      { numRuns: 2000 },
    );
  });

  test("stars do not make it slow", () => {
    expect(matchesGlob(`${"a*".repeat(300)}b`, "a".repeat(20_000))).toBe(false);
  });

  test("one more condition never takes in more images", () => {
    const match = fc.record(
      { provider: fc.constantFrom("aws", "gcp"), family: text, id: text, os: text },
      { requiredKeys: [] },
    );
    const image = fc.record({
      provider: fc.constantFrom("aws", "gcp"),
      id: plain,
      name: plain,
      family: plain,
    });
    fc.assert(
      fc.property(match, match, image, plain, (one, two, ref, os) => {
        const both = fits({ ...WAIVER, match: { ...two, ...one } }, ref, { ...DEBIAN, id: os });
        if (both) expect(fits({ ...WAIVER, match: one }, ref, { ...DEBIAN, id: os })).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("an empty match takes in nothing by accident", () => {
    expect(fits({ ...WAIVER, match: { provider: "" } }, IMAGE, DEBIAN)).toBe(false);
  });
});
