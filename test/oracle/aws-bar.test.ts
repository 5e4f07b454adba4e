import { join } from "node:path";
import { expect, test } from "vitest";
import { ebsScan } from "../../bench/ebs.ts";
import { missing, scratch } from "../support/images.ts";
import { buildShapeImage, SHAPE_NEEDS } from "../support/shape-image.ts";

/** SIXRAY_BENCH_IMAGE: a real deb-ext4.raw instead of one in its shape. */
const GIVEN = process.env.SIXRAY_BENCH_IMAGE;
const why = GIVEN === undefined ? missing(...SHAPE_NEEDS) : undefined;

test.skipIf(why)(
  "deb-ext4 through EBS direct: few blocks, few rounds, none twice",
  { timeout: 300_000 },
  async () => {
    const folder = scratch("aws-bar");
    if (GIVEN === undefined) buildShapeImage(folder, "raw");
    const { exitCode, rounds, seconds, log } = await ebsScan(GIVEN ?? join(folder, "deb-ext4.raw"), 20);
    const blocks = log.filter((line) => line.startsWith("ebs Get"));
    const lists = log.filter((line) => line.startsWith("ebs List"));
    console.log(
      `${blocks.length} blocks, ${lists.length} list, ${rounds} rounds of reads, ${seconds.toFixed(2)} s`,
    );
    expect(exitCode).toBe(0);
    expect(lists).toHaveLength(1);
    expect(new Set(blocks).size).toBe(blocks.length);
    expect(blocks.length).toBeLessThanOrEqual(24);
    expect(rounds).toBeLessThanOrEqual(9);
  },
);
