import { expect, test } from "vitest";
import { DEFAULTS } from "../../providers/aws/settings.ts";
import { awsLab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

/** The bar is for 1,000: SIXRAY_FLEET_IMAGES=1000. */
const IMAGES = Number(process.env.SIXRAY_FLEET_IMAGES ?? 150);
const LISTS_PER_SECOND = 200;

/*
 * The pace that holds for an account, four times as fast: 200 listings a second. The fake throttles above that, so
 * a scanner that ran into it would send requests twice.
 */
test("many images: at the account's pace, in flat memory, no request twice", {
  timeout: 240_000,
}, async () => {
  const { rates } = DEFAULTS;
  const lab = await awsLab({
    patienceMs: 60_000,
    idleMs: 20_000,
    requestMs: 60_000,
    rates: {
      ...rates,
      "get-block": { perSecond: 1e5, burst: 1e5 },
      "list-blocks": { perSecond: LISTS_PER_SECOND * 0.9, burst: 10 },
    },
  });
  lab.behaviour.perSecond = { list: LISTS_PER_SECOND };
  const disk = await sampleDisk("off-sysctl");
  for (let at = 0; at < IMAGES; at++)
    lab.cloud.addImage(lab.cloud.addSnapshot(disk), { name: `golden-${at}` });
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(process.memoryUsage().rss / 2 ** 20), 250);
  const started = performance.now();
  const { code, out } = await lab.sixray("scan", "aws:us-east-1", "--jobs", "8", "--quiet");
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  const half = memory.slice(memory.length >> 2, memory.length >> 1);
  const last = memory.slice(-half.length);
  const [early, late] = [Math.max(...half), Math.max(...last)].map(Math.round);
  console.log(
    `${IMAGES} images, ${lab.log.length} requests in ${seconds.toFixed(1)} s; RSS ${early} MiB, then ${late} MiB`,
  );
  expect(code).toBe(0);
  expect(out).toContain(`${IMAGES} pass`);
  expect(lab.log.filter((line) => line.startsWith("ec2 "))).toEqual(["ec2 DescribeImages"]);
  expect(new Set(lab.log).size).toBe(lab.log.length);
  // Eight images at a time, 32 MiB of cache each, the SDK and the fake: however many images there are.
  expect(late ?? 0).toBeLessThan(700);
});
