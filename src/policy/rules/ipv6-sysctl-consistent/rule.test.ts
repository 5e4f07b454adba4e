import { describe, expect, test } from "vitest";
import { DEBIAN, predicted, seen, step, WINDOWS } from "../../../../test/support/judging.ts";
import { observe } from "../../../model/observations.ts";
import { ipv6SysctlConsistent } from "./rule.ts";

const OFF = "net.ipv6.conf.all.disable_ipv6 = 1";
const undone = step("sysctl", "/etc/sysctl.d/60.conf", 1, OFF);

describe("outcome", () => {
  test.each([
    ["on, and nothing says otherwise", { state: "on" }, {}, "pass"],
    ["on, though sysctl.d says off", { state: "on", steps: [undone] }, {}, "fail"],
    [
      "on, though a file that nothing reads says off",
      { state: "on" },
      { "/etc/sysctl.conf": `${OFF}\n` },
      "fail",
    ],
    [
      "on, though modprobe.d says off",
      { state: "on" },
      { "/etc/modprobe.d/local.conf": "options ipv6 disable=1\n" },
      "fail",
    ],
    [
      "on, though all reads 1",
      { state: "on", disableIpv6: { all: 1, default: 1, lo: 1, nic: 0 } },
      {},
      "fail",
    ],
    ["partly on, though sysctl.d says off", { state: "partial", steps: [undone] }, {}, "fail"],
    ["off as sysctl.d says", { state: "off", steps: [undone] }, {}, "pass"],
    ["unknown, though sysctl.d says off", { state: "unknown", steps: [undone] }, {}, "unknown"],
    ["unknown, and nothing says off", { state: "unknown" }, {}, "pass"],
    ["on, a comment says off", { state: "on" }, { "/etc/sysctl.conf": `# ${OFF}\n` }, "pass"],
    [
      "on, a setting says on",
      { state: "on" },
      { "/etc/sysctl.conf": "net.ipv6.conf.all.disable_ipv6=0\n" },
      "pass",
    ],
  ] as const)("%s: %s", (_, over, files, outcome) => {
    const found = ipv6SysctlConsistent.judge({
      os: DEBIAN,
      prediction: predicted(over),
      observations: seen(files),
    });
    expect(found.outcome).toBe(outcome);
    expect(found.remedy === "").toBe(outcome !== "fail");
  });

  test("Windows is not asked", () => {
    expect(
      ipv6SysctlConsistent.judge({ os: WINDOWS, prediction: predicted(), observations: seen() }).outcome,
    ).toBe("not-applicable");
  });
});

describe("where a setting could not be seen, finding none is no pass", () => {
  const path = "/etc/sysctl.conf";
  const locator = `image > ext4 > ${path}`;
  const bytes = new TextEncoder().encode("# long\n");
  const entries = [
    { kind: "unreadable", path, locator, reason: "corrupt: bad checksum" },
    { kind: "file", path, locator, bytes, sizeBytes: 1 << 20, truncated: true },
  ] as const;

  test.each(entries)("$kind", (entry) => {
    const observations = observe({ entries: new Map([[path, entry]]) });
    for (const state of ["on", "unknown"] as const)
      expect(
        ipv6SysctlConsistent.judge({ os: DEBIAN, prediction: predicted({ state }), observations }).outcome,
      ).toBe("unknown");
  });

  test("a folder of settings, a mount over all of them", () => {
    for (const [layer, state] of [
      ["sysctl", "unknown"],
      ["files", "on"],
    ] as const) {
      const blindSpots = [{ layer, text: "not read", evidence: [], decisive: state === "unknown" }];
      const prediction = predicted({ state, blindSpots });
      expect(ipv6SysctlConsistent.judge({ os: DEBIAN, prediction, observations: seen() })).toMatchObject({
        outcome: "unknown",
        message: expect.stringContaining("not read"),
      });
    }
  });
});

test("names every line that says off, once", () => {
  const observations = seen({ "/etc/sysctl.conf": `x=1\n${OFF}\n` });
  const { evidence } = ipv6SysctlConsistent.judge({
    os: DEBIAN,
    prediction: predicted({ steps: [undone, undone] }),
    observations,
  });
  expect(evidence).toEqual([
    ...undone.evidence,
    { locator: "image > ext4 > /etc/sysctl.conf", line: 2, text: OFF },
  ]);
});
