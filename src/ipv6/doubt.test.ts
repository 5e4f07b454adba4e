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
  expect(doubted.blindSpots.at(-1)?.decisive).toBe(true);
});

test("an on stays on", async () => {
  const on = await predictFiles(DEBIAN_12);
  expect(inDoubt(on, doubts)).toMatchObject({ state: "on", confidence: "likely" });
});
