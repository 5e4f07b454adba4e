import { describe, expect, test } from "vitest";
import type { OsInfo } from "../../../model/image.ts";
import { observe } from "../../../model/observations.ts";
import type { Ipv6State, Prediction, Step } from "../../../model/prediction.ts";
import { ipv6WindowsReview } from "./rule.ts";

const WINDOWS: OsInfo = { id: "windows", version: "20348", name: "Windows", type: "windows", like: [] };
const observations = observe({ entries: new Map() });

function predicted(state: Ipv6State): Prediction {
  const locator = "image > ntfs > /Windows/System32/config/SYSTEM > ControlSet001\\X\\DisabledComponents";
  const step: Step = { layer: "windows", text: "It is set.", evidence: [{ locator }], decides: true };
  return {
    state,
    stack: "present",
    disableIpv6: { all: "absent", default: "absent", lo: "absent", nic: "absent" },
    addressing: "unknown",
    firewall: { kind: "windows-firewall", filtersIpv6: true },
    confidence: "likely",
    reason: "It is set.",
    steps: [step],
    blindSpots: [],
    deciding: [step],
  };
}

describe("ipv6-windows-review", () => {
  test.each(["on", "off", "partial", "unknown"] as const)("%s is a review with a checklist", (state) => {
    const found = ipv6WindowsReview.judge({ os: WINDOWS, prediction: predicted(state), observations });
    expect(found.outcome).toBe("review");
    expect(found.checklist?.length).toBeGreaterThan(5);
    expect(found.checklist?.every(({ command, expected }) => command !== "" && expected !== "")).toBe(true);
    expect(found.remedy).toContain("not recommended");
    expect(found.checks.map(({ place }) => place)).toEqual([
      "/Windows/System32/config/SYSTEM > ControlSet001\\X\\DisabledComponents",
    ]);
  });

  test("what to expect follows the prediction", () => {
    const ask = (state: Ipv6State): string =>
      JSON.stringify(
        ipv6WindowsReview.judge({ os: WINDOWS, prediction: predicted(state), observations }).checklist,
      );
    expect(ask("off")).toContain("::1 on the loopback only");
    expect(ask("on")).toContain("fe80::");
  });

  test("Linux is not asked", () => {
    const os: OsInfo = { ...WINDOWS, type: "linux" };
    expect(ipv6WindowsReview.judge({ os, prediction: predicted("on"), observations }).outcome).toBe(
      "not-applicable",
    );
  });
});
