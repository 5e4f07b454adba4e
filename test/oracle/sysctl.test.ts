import { describe, expect, test } from "vitest";
import { missing } from "../support/images.ts";
import { askNamespace } from "./ask.ts";

const why = missing("unshare", "ip", "sysctl", "root");
const SEED = 20261124;

describe.skipIf(why)("generated trees: the real programs of this machine leave the same values", () => {
  test.concurrent.for(["systemd", "procps"])(
    "%s",
    { timeout: 60_000 },
    async (program, { expect: check }) => {
      const told = await askNamespace("/", "sysctl", [program, String(SEED), "1500", "7"]);
      console.log(`${program}: ${told.cases} trees, ${told.wrong} disagree, ${told.unknown} not told`);
      check(told.disagreements).toEqual([]);
      check(told.wrong).toBe(0);
      check(told.unknown).toBeLessThan(told.cases * 0.05);
    },
  );
});

test("the oracles are known by name", async () => {
  const { isOracleName } = await import("./sysctl/oracles.ts");
  expect(["systemd", "procps", "busybox", "cat"].map(isOracleName)).toEqual([true, true, true, false]);
});
