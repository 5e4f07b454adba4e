import { expect, test } from "vitest";
import { DEBIAN_12, predictFiles } from "../../test/support/machine.ts";
import { inDoubt } from "./doubt.ts";

const OFF = "net.ipv6.conf.all.disable_ipv6=1\n";
const doubts = [{ locator: "image > xfs", why: "dirty log: not replayed" }];

test("an off that rests on files in doubt is unknown, with the reason", async () => {
  const off = await predictFiles({ ...DEBIAN_12, "/etc/sysctl.d/x.conf": OFF });
  expect(off.state).toBe("off");
  expect(inDoubt(off, [])).toBe(off);
  const doubted = inDoubt(off, doubts);
  expect(doubted).toMatchObject({ state: "unknown", confidence: "none" });
  expect(doubted.reason).toContain("dirty log: not replayed");
  expect(doubted.disableIpv6).toEqual({
    all: "unknown",
    default: "unknown",
    lo: "unknown",
    nic: "unknown",
  });
  expect(doubted.blindSpots.at(-1)?.decisive).toBe(true);
});

test("an on stays on", async () => {
  const on = await predictFiles(DEBIAN_12);
  expect(inDoubt(on, doubts)).toMatchObject({ state: "on", confidence: "likely" });
});

test("no firewall and no quiet interface is believed on files in doubt", async () => {
  const on = { ...(await predictFiles(DEBIAN_12)), addressing: "static" } as const;
  const filtered = { ...on, firewall: { kind: "nftables", filtersIpv6: true } } as const;
  for (const doubt of [{}, { ofSystem: true }] as const)
    expect(inDoubt(filtered, [{ locator: "image > xfs", why: "dirty log", ...doubt }])).toMatchObject({
      addressing: "unknown",
      firewall: { kind: "nftables", filtersIpv6: "unknown" },
    });
  expect(inDoubt({ ...on, addressing: "slaac" }, doubts)).toMatchObject({ addressing: "slaac" });
});
