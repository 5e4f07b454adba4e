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

/** What a scan of a 10 GiB Debian image may cost: reads, KiB, rounds. The counts are the same on every machine. */
const BARS = [
  ["raw", 36, 232, 13],
  ["qcow2", 42, 288, 17],
  ["c.qcow2", 24, 192, 14],
  ["zstd.qcow2", 24, 192, 14],
  ["stream.vmdk", 18, 140, 13],
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
