import { enqueue, type WorkerProcess, worker } from "../test/fleet/support.ts";
import { sampleOf } from "../test/soak/processes.ts";
import { imageStore } from "../test/support/image-store.ts";
import { type Postgres, postgres } from "../test/support/postgres.ts";

const SAMPLE_MS = 250;
/** Images of one worker at a time, and milliseconds of each request: the wait binds, not the processors. */
const CONCURRENCY = 4;
const LATENCY_MS = 100;

export interface FleetFigures {
  readonly images: number;
  readonly workers: number;
  /** Requests a second that the server takes; absent: as many as come. */
  readonly ratePerSecond?: number | undefined;
  /** From the first result to the last: start-up left out. */
  readonly imagesPerSecond: number;
  readonly requestsPerSecond: number;
  /** Of the rate limit. */
  readonly used?: number | undefined;
  readonly requests: number;
  readonly throttled: number;
  /** Of the largest worker. */
  readonly rssMiB: number;
}

/** How throughput, memory and requests go with images and workers. */
export async function fleetCurve(
  sizes: readonly number[],
  counts: readonly number[],
  limited: { readonly images: number; readonly ratePerSecond: number },
  told: (figures: FleetFigures) => void,
): Promise<readonly FleetFigures[]> {
  const server = await postgres();
  const all: FleetFigures[] = [];
  const keep = (figures: FleetFigures): void => {
    all.push(figures);
    told(figures);
  };
  try {
    for (const images of sizes)
      for (const workers of counts) keep(await measured(server, { images, workers }));
    if (limited.images > 0)
      for (const workers of counts.filter((count) => count <= 2))
        keep(await measured(server, { ...limited, workers }));
  } finally {
    await server.kill();
  }
  return all;
}

interface Asked {
  readonly images: number;
  readonly workers: number;
  readonly ratePerSecond?: number | undefined;
}

async function measured(server: Postgres, asked: Asked): Promise<FleetFigures> {
  const { images, workers, ratePerSecond } = asked;
  const limit = ratePerSecond === undefined ? {} : { ratePerSecond };
  // A limit is to bind: the wait must not.
  const latencyMs = ratePerSecond === undefined ? LATENCY_MS : 20;
  const store = await imageStore({ images, latencyMs, ...limit });
  const name = ["bench", images, workers, ratePerSecond ?? "free"].join("_");
  const place = { url: server.create(name) };
  const concurrency = String(ratePerSecond === undefined ? CONCURRENCY : 4 * CONCURRENCY);
  const started = Array.from({ length: workers }, () => worker(place, "--concurrency", concurrency));
  // Start-up is measured elsewhere.
  await Promise.all(started.map((one) => one.until(({ event }) => event === "worker started")));
  enqueue(place, store.url);
  let rssMiB = 0;
  const sampling = setInterval(() => {
    for (const { child } of started) rssMiB = Math.max(rssMiB, sampleOf(child.pid ?? 0)?.rssMiB ?? 0);
  }, SAMPLE_MS);
  await Promise.race(started.map((one) => one.until(({ event }) => event === "run finished")));
  clearInterval(sampling);
  for (const { child } of started) child.kill("SIGTERM");
  await Promise.all(started.map(({ ended }) => ended));
  const { requests, throttled } = await store.figures();
  await store.close();
  const seconds = spanOf(started) / 1000;
  const requestsPerSecond = (requests - throttled) / seconds;
  return {
    ...asked,
    imagesPerSecond: images / seconds,
    requestsPerSecond,
    ...(ratePerSecond === undefined ? {} : { used: requestsPerSecond / ratePerSecond }),
    requests,
    throttled,
    rssMiB,
  };
}

/** Milliseconds from the first listing to the last image. */
function spanOf(started: readonly WorkerProcess[]): number {
  const at = (event: string): readonly number[] =>
    started.flatMap(({ lines }) =>
      lines.filter((line) => line.event === event).map(({ time }) => Date.parse(time)),
    );
  return Math.max(1, Math.max(...at("image")) - Math.min(...at("listed")));
}

/** These rows, and of the earlier ones those that none of these measured anew; in the order of a table. */
export function withEarlier(
  fresh: readonly FleetFigures[],
  earlier: readonly FleetFigures[],
): readonly FleetFigures[] {
  const key = ({ images, workers, ratePerSecond = 0 }: FleetFigures): string =>
    [ratePerSecond, images, workers].join();
  const rows = new Map([...earlier, ...fresh].map((one) => [key(one), one]));
  return [...rows.values()].toSorted(
    (a, b) => (a.ratePerSecond ?? 0) - (b.ratePerSecond ?? 0) || a.images - b.images || a.workers - b.workers,
  );
}

export function fleetLine(figures: FleetFigures): string {
  const { images, workers, ratePerSecond, imagesPerSecond, requestsPerSecond, used, throttled, rssMiB } =
    figures;
  const limit = used === undefined ? "" : `  ${Math.round(used * 100)} % of ${ratePerSecond} a second`;
  return [
    `${String(images).padStart(6)} images ${workers} worker${workers === 1 ? " " : "s"}`,
    `${imagesPerSecond.toFixed(1).padStart(6)} images/s`,
    `${requestsPerSecond.toFixed(0).padStart(5)} requests/s, ${throttled} throttled`,
    `${rssMiB.toFixed(0)} MiB${limit}`,
  ].join("  ");
}
