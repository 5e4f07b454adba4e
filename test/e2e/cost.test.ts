import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sixray } from "../support/cli.ts";
import { missing, scratch } from "../support/images.ts";
import { buildShapeImage, SHAPE_NEEDS } from "../support/shape-image.ts";

const RESULTS = z.object({
  results: z.array(
    z.object({
      verdict: z.string(),
      cost: z.object({ reads: z.number(), bytes: z.number(), rounds: z.number() }),
    }),
  ),
});

/**
 * What a scan of a 10 GiB Debian image may cost: reads, KiB, rounds. The counts are the same on every machine, and
 * a few per cent above what is reached.
 *
 * It is more than nine configuration files need (31 reads, 200 KiB, 12 rounds), because an answer of "off" also
 * looks at everything that may switch IPv6 on again after sysctl: the network managers' folders and all folders of
 * links that may start them, cloud-init's configuration, hooks of ifupdown, cron's @reboot jobs, udev rules, scripts of
 * cloud-init in /var/lib/cloud, /etc/rc.local; and at the head of the kernel's configuration (32 KiB).
 */
const BARS = [
  ["raw", 35, 244, 11],
  ["qcow2", 38, 273, 13],
  ["c.qcow2", 17, 103, 12],
  ["zstd.qcow2", 14, 107, 10],
  ["stream.vmdk", 18, 97, 12],
] as const;

const why = missing(...SHAPE_NEEDS);

describe.skipIf(why)("a scan of an image in the shape of a real one", () => {
  const folder = scratch("shape");
  if (!why) buildShapeImage(folder);

  test.each(BARS)("%s: at most %i reads, %i KiB, %i rounds", (format, reads, kib, rounds) => {
    const { out } = sixray(["scan", "--quiet", "--format", "json", join(folder, `deb-ext4.${format}`)]);
    const [result] = RESULTS.parse(JSON.parse(out)).results;
    expect(result?.verdict).toBe("pass");
    expect(result?.cost.reads).toBeLessThanOrEqual(reads);
    expect((result?.cost.bytes ?? 0) / 1024).toBeLessThanOrEqual(kib);
    expect(result?.cost.rounds).toBeLessThanOrEqual(rounds);
  });
});
