import { expect, test } from "vitest";
import { DEBIAN, predicted, seen, WINDOWS } from "../../../../test/support/judging.ts";
import { ipv6RouterAdvertisements } from "./rule.ts";

const observations = seen();

test.each([
  ["on", "slaac", "fail"],
  ["on", "dhcpv6", "fail"],
  ["on", "static", "pass"],
  ["on", "link-local", "pass"],
  ["partial", "none", "pass"],
  ["on", "unknown", "unknown"],
  ["unknown", "unknown", "unknown"],
  ["off", "none", "not-applicable"],
] as const)("%s with addressing %s is %s", (state, addressing, outcome) => {
  const found = ipv6RouterAdvertisements.judge({
    os: DEBIAN,
    prediction: predicted({ state, addressing }),
    observations,
  });
  expect(found.outcome).toBe(outcome);
  expect(found.remedy === "").toBe(outcome !== "fail");
});

test("a policy may accept DHCPv6", () => {
  const prediction = predicted({ addressing: "dhcpv6" });
  const judged = (dhcpv6: string): string =>
    ipv6RouterAdvertisements.judge({ os: DEBIAN, prediction, observations, options: { dhcpv6 } }).outcome;
  expect([judged("pass"), judged("fail")]).toEqual(["pass", "fail"]);
});

test("Windows is a review", () => {
  expect(ipv6RouterAdvertisements.judge({ os: WINDOWS, prediction: predicted(), observations }).outcome).toBe(
    "review",
  );
});
