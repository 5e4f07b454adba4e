import { expect, test } from "vitest";
import { flaggedLooksOff, reviewWindows } from "../../test/golden/report-fixtures.ts";
import type { Finding } from "../model/finding.ts";
import { decidingLine } from "./describe.ts";

const [first] = flaggedLooksOff.findings;
if (!first) throw new Error("the fixture has no finding");
const other: Finding = { ...first, rule: "ipv6-firewall-present", evidence: [] };
const line = { locator: "x > ext4 > /etc/nftables.conf", line: 3, text: "policy accept;" };

test("what decides is the line of the rule that failed, not of another question", () => {
  const onIpv6 = decidingLine(flaggedLooksOff, 200);
  expect(onIpv6).toMatch(/^\/etc\/netplan/);
  const flagged = (findings: readonly Finding[]): string =>
    decidingLine({ ...flaggedLooksOff, findings, reason: "why" }, 200);
  expect(flagged([first])).toBe(onIpv6);
  expect(flagged([other])).toBe("why");
  expect(flagged([{ ...other, evidence: [line] }])).toBe("/etc/nftables.conf:3: policy accept;");
  expect(flagged([other, first])).toBe("why");
  // A reviewer flagged it: no rule did.
  expect(decidingLine({ ...reviewWindows, verdict: "flagged", reason: "Reviewed by Ada" }, 200)).toBe(
    "Reviewed by Ada",
  );
});
