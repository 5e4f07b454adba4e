import { expect, test } from "vitest";
import { DEBIAN, predicted, seen, step, WINDOWS } from "../../../../test/support/judging.ts";
import { ipv6DisabledKernel } from "./rule.ts";

const observations = seen();
const SPOT = { layer: "cmdline", text: "two entries differ", evidence: [], decisive: true };

test.each([
  ["no stack", { state: "off", stack: "disabled" }, "pass"],
  ["not built in", { state: "off", stack: "absent" }, "pass"],
  ["off, but only by sysctl", { state: "off", stack: "present" }, "fail"],
  ["on", { state: "on", stack: "present" }, "fail"],
  ["stack unknown", { state: "unknown", stack: "unknown" }, "unknown"],
  ["no stack, nobody is sure", { state: "off", stack: "disabled", confidence: "none" }, "unknown"],
  ["no stack, a blind spot", { state: "unknown", stack: "disabled", blindSpots: [SPOT] }, "unknown"],
] as const)("%s is %s", (_, over, outcome) => {
  const found = ipv6DisabledKernel.judge({ os: DEBIAN, prediction: predicted(over), observations });
  expect(found.outcome).toBe(outcome);
  expect(found.remedy.includes("ipv6.disable=1")).toBe(outcome !== "pass");
});

test("Windows is a review", () => {
  expect(ipv6DisabledKernel.judge({ os: WINDOWS, prediction: predicted(), observations }).outcome).toBe(
    "review",
  );
});

test("shows kernel and command line, not what comes later", () => {
  const steps = [
    step("kernel", "/boot/config-6", 1, "CONFIG_IPV6=y"),
    step("sysctl", "/etc/sysctl.conf", 1, "x"),
  ];
  expect(
    ipv6DisabledKernel.judge({ os: DEBIAN, prediction: predicted({ steps }), observations }).evidence,
  ).toEqual(steps[0]?.evidence);
});
