/**
 * A fleet that everything happens to: a server that throttles, cuts connections and corrupts blocks, workers that are
 * killed and stopped, a database that restarts. At the end every image stands in the ledger exactly once, nothing is
 * left in the queue, on the server or in a process, and the worker that lived through it has not grown.
 *
 *   npm run soak                              3,000 images
 *   npm run soak -- --images 10000 --faults 0.02 --workers 3
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { enqueue, status, type WorkerProcess, worker } from "../fleet/support.ts";
import { imageStore } from "../support/image-store.ts";
import { type Postgres, postgres } from "../support/postgres.ts";
import { growth, type Sample, sampleOf } from "./processes.ts";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "3000" },
    workers: { type: "string", default: "2" },
    faults: { type: "string", default: "0.02" },
    concurrency: { type: "string", default: "16" },
    minutes: { type: "string", default: "60" },
  },
});
const IMAGES = Number(values.images);
const WORKERS = Math.max(2, Number(values.workers));
const FAULTS = Number(values.faults);
const SAMPLE_MS = 1_000;
/** Times are drawn out with the run, so that a longer one sees more of it, but not too much to get done. */
const KILL_EVERY_MS = 25_000;
const RESTART_EVERY_MS = 40_000;
const GROWTH_MAX = 1.3;
const FILES_GROWTH_MAX = 20;

const server = await postgres();
const store = await imageStore({
  images: IMAGES,
  latencyMs: 5,
  throttled: FAULTS / 3,
  cut: FAULTS / 3,
  corrupt: FAULTS / 3,
});
process.exitCode = (await soak(server)) ? 0 : 1;
await store.close();
await server.kill();

async function soak(database: Postgres): Promise<boolean> {
  const place = { url: database.create("soak") };
  const run = enqueue(place, store.url);
  const start = (): WorkerProcess => worker(place, "--concurrency", values.concurrency, "--grace", "5");
  const steady = start();
  const others = Array.from({ length: WORKERS - 1 }, start);
  const samples: Sample[] = [];
  const happened = { killed: 0, stopped: 0, restarted: 0 };
  const begun = performance.now();
  let [killed, restarted, told] = [begun, begun, begun];
  for (let finished = false; !finished; ) {
    await sleep(SAMPLE_MS);
    const now = performance.now();
    const sample = sampleOf(steady.child.pid ?? 0);
    if (sample) samples.push(sample);
    finished = [steady, ...others].some(({ lines }) => lines.some(({ event }) => event === "run finished"));
    if (now - killed > KILL_EVERY_MS) {
      killed = now;
      const victim = others.shift();
      const hard = (happened.killed + happened.stopped) % 3 !== 2;
      victim?.child.kill(hard ? "SIGKILL" : "SIGTERM");
      if (hard) happened.killed++;
      else happened.stopped++;
      others.push(start());
    }
    if (now - restarted > RESTART_EVERY_MS) {
      restarted = now;
      happened.restarted++;
      await database.kill();
      await sleep(1_000);
      await database.start();
    }
    if (now - told > 15_000) {
      told = now;
      const { requests } = await store.figures();
      console.log(
        `${Math.round((now - begun) / 1000)} s: about ${Math.round(requests / 10)} of ${IMAGES} images; steady worker ${Math.round(sample?.rssMiB ?? 0)} MiB, ${sample?.files ?? 0} files`,
      );
    }
    if (now - begun > Number(values.minutes) * 60_000) throw new Error("the run does not come to its end");
  }
  const seconds = (performance.now() - begun) / 1000;
  const done = status(place, run);
  for (const { child } of [steady, ...others]) child.kill("SIGTERM");
  const codes = await Promise.all([steady, ...others].map(({ ended }) => ended));
  // Keep-alive ends after two seconds.
  await sleep(3_000);
  return judged(await rows(place.url, run), done, codes, { seconds, samples, happened });
}

interface Rows {
  readonly rows: number;
  readonly images: number;
  readonly waiting: number;
  readonly failed: number;
  readonly live: number;
}

async function rows(url: string, run: string): Promise<Rows> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: found } = await client.query<Rows>(
      `select count(*)::int as rows, count(distinct image)::int as images,
         count(*) filter (where outcome = 'failed' and reason = 'waiting in the queue')::int as waiting,
         count(*) filter (where outcome = 'failed')::int as failed,
         (select count(*)::int from sixray_queue.job where state < 'completed' and name in ('scan', 'enumerate')) as live
       from sixray.run_images where run = $1`,
      [run],
    );
    const [one] = found;
    if (!one) throw new Error("no answer");
    return one;
  } finally {
    await client.end();
  }
}

async function judged(
  found: Rows,
  done: ReturnType<typeof status>,
  codes: readonly (number | null)[],
  {
    seconds,
    samples,
    happened,
  }: { readonly seconds: number; readonly samples: readonly Sample[]; readonly happened: object },
): Promise<boolean> {
  const figures = await store.figures();
  const memory = growth(samples, ({ rssMiB }) => rssMiB);
  const files = growth(samples, (sample) => sample.files);
  const lost = IMAGES - found.images + found.waiting;
  const twice = found.rows - found.images;
  const [run] = done.runs;
  console.log(`\n${IMAGES} images in ${Math.round(seconds)} s: ${(IMAGES / seconds).toFixed(1)} a second`);
  console.log(`what happened: ${JSON.stringify({ ...happened, ...figures })}`);
  console.log(`verdicts: ${JSON.stringify(run?.verdicts)}; exit code of the run ${run?.exitCode}`);
  console.log(
    `lost ${lost}, twice ${twice}, failed for good ${found.failed}, left in the queue ${found.live}`,
  );
  console.log(`left open on the server ${figures.open}; exit codes of the workers ${codes.join(" ")}`);
  console.log(
    `steady worker: ${Math.round(memory.early)} MiB early, ${Math.round(memory.late)} late, ${Math.round(memory.most)} at most; ${files.early} files early, ${files.late} late, ${files.most} at most`,
  );
  const bad = [
    ...(lost === 0 ? [] : ["images are lost"]),
    ...(twice === 0 ? [] : ["images are there twice"]),
    ...(found.live === 0 ? [] : ["jobs are left"]),
    ...(figures.open === 0 ? [] : ["connections are left"]),
    ...(codes.every((code) => code === 0) ? [] : ["a worker did not stop well"]),
    ...(memory.late <= memory.early * GROWTH_MAX ? [] : ["memory grows"]),
    ...(files.late <= files.early + FILES_GROWTH_MAX ? [] : ["open files grow"]),
  ];
  console.log(bad.length === 0 ? "passed" : `FAILED: ${bad.join(", ")}`);
  return bad.length === 0;
}
