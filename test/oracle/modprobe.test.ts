import { describe, expect, test } from "vitest";
import { missing } from "../support/images.ts";
import { askNamespace } from "./ask.ts";

const why = missing("unshare", "ip", "gcc", "depmod", "modprobe", "root");

describe.skipIf(why)("generated modprobe.d and command lines", () => {
  test("modprobe of this machine does the same", { timeout: 60_000 }, async () => {
    const told = await askNamespace("/", "modprobe", ["20261124", "1000", "7"]);
    console.log(`modprobe: ${told.cases} trees, ${told.wrong} disagree, ${told.unknown} not told`);
    expect(told.disagreements).toEqual([]);
    expect(told.wrong).toBe(0);
    expect(told.unknown).toBeLessThan(told.cases * 0.05);
  });
});
