import { expect, test } from "vitest";
import { z } from "zod";
import { scratch } from "../support/images.ts";
import { sixrayHere } from "../support/in-process.ts";
import { DEBIAN_12 } from "../support/machine.ts";
import { plant } from "../support/plant.ts";

const UNITS = "usr/lib/systemd/system";
const REPORT = z.object({
  results: z.array(z.object({ verdict: z.string(), notes: z.array(z.string()).default([]) })),
});

test("--thorough trusts nothing that packages put into /usr", async () => {
  const folder = scratch("thorough");
  plant(folder, {
    ...DEBIAN_12,
    "/etc/sysctl.d/70-ipv6.conf": "net.ipv6.conf.all.disable_ipv6=1\n",
    // The link that starts systemd-sysctl.service is gone.
    [`${UNITS}/systemd-sysctl.service`]: "[Service]\nExecStart=/lib/systemd/systemd-sysctl\n",
    [`${UNITS}/sysinit.target.wants/systemd-udevd.service`]: { link: "../systemd-udevd.service" },
  });
  const scan = async (...more: readonly string[]) => {
    const { code, out } = await sixrayHere(["scan", folder, "--quiet", "--format", "json", ...more]);
    const [result] = REPORT.parse(JSON.parse(out)).results;
    return { code, verdict: result?.verdict, notes: result?.notes };
  };
  expect(await scan()).toEqual({ code: 0, verdict: "pass", notes: [] });
  expect(await scan("--thorough")).toEqual({
    code: 1,
    verdict: "flagged",
    notes: ["vendors' units and rules in /usr were read, too"],
  });
  expect((await sixrayHere(["explain", folder, "--thorough"])).out).toContain(
    "no link starts systemd-sysctl.service",
  );
});
