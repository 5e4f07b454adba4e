import { describe, expect, test } from "vitest";
import { DEBIAN, predicted, seen, step, WINDOWS } from "../../../../test/support/judging.ts";
import { ipv6FirewallPresent } from "./rule.ts";

const observations = seen();
const OPEN = { kind: "none", filtersIpv6: false } as const;

describe("outcome", () => {
  test.each([
    ["on", { kind: "nftables", filtersIpv6: true }, "pass"],
    ["on", { kind: "ufw", filtersIpv6: true }, "pass"],
    ["partial", { kind: "firewalld", filtersIpv6: true }, "pass"],
    ["unknown", { kind: "firewalld", filtersIpv6: true }, "pass"],
    ["on", OPEN, "fail"],
    ["partial", OPEN, "fail"],
    ["on", { kind: "nftables", filtersIpv6: false }, "fail"],
    ["unknown", OPEN, "unknown"],
    ["on", { kind: "nftables", filtersIpv6: "unknown" }, "unknown"],
    ["off", OPEN, "not-applicable"],
    ["off", { kind: "unknown", filtersIpv6: "unknown" }, "not-applicable"],
  ] as const)("%s with %o is %s", (state, firewall, outcome) => {
    const found = ipv6FirewallPresent.judge({
      os: DEBIAN,
      prediction: predicted({ state, firewall }),
      observations,
    });
    expect(found.outcome).toBe(outcome);
    expect(found.remedy === "").toBe(outcome === "pass" || outcome === "not-applicable");
  });

  test.each(["on", "off", "unknown"] as const)("Windows with %s is a review", (state) => {
    expect(
      ipv6FirewallPresent.judge({ os: WINDOWS, prediction: predicted({ state }), observations }).outcome,
    ).toBe("review");
  });
});

test("shows what the firewall's steps rest on, each line once", () => {
  const one = step("firewall", "/etc/nftables.conf", 6, "policy accept;");
  const prediction = predicted({
    steps: [one, one, step("sysctl", "/x", 1, "y")],
    firewall: { kind: "nftables", filtersIpv6: false },
  });
  const found = ipv6FirewallPresent.judge({ os: DEBIAN, prediction, observations });
  expect(found.evidence).toEqual(one.evidence);
  expect(found.message).toBe("IPv6 is on, and nftables is enabled and lets it in.");
  expect(found.remedy).toContain("policy of drop");
});

test("names the firewall of the distribution", () => {
  const fedora = { ...DEBIAN, id: "rocky", like: ["rhel", "fedora"] };
  expect(ipv6FirewallPresent.judge({ os: fedora, prediction: predicted(), observations }).remedy).toContain(
    "enable firewalld",
  );
  expect(ipv6FirewallPresent.judge({ os: DEBIAN, prediction: predicted(), observations }).remedy).toContain(
    "/etc/nftables.conf",
  );
});
