import type { PgBoss } from "pg-boss";
import type { Ledger, Run } from "../ledger/ledger.ts";
import type { Verdict } from "../model/report.ts";
import { databaseTime } from "./database-time.ts";
import { imageIn } from "./jobs.ts";
import { deadLettersOf, QUEUES, type QueueName } from "./queues.ts";
import { type QueueStanding, queueStandings, runsInQueue, unlistedTargets } from "./standing.ts";

export interface RunStatus {
  readonly run: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly exitCode?: number;
  readonly source: string;
  /** Targets that nobody has listed to the end (yet). */
  readonly unlisted: number;
  /** Images listed so far. */
  readonly images: number;
  readonly waiting: number;
  readonly scanned: number;
  readonly known: number;
  readonly failed: number;
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
}

export interface WorkerStatus {
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  /** Seconds since it was last heard of. */
  readonly quietSeconds: number;
  readonly memoryMiB?: number;
}

export interface DeadLetter {
  readonly queue: QueueName;
  readonly run: string;
  /** Image or target. */
  readonly what: string;
  readonly reason: string;
}

export interface FleetStatus {
  readonly where: string;
  readonly runs: readonly RunStatus[];
  readonly queues: readonly QueueStanding[];
  readonly workers: readonly WorkerStatus[];
  readonly deadLetters: readonly DeadLetter[];
}

const RUNS_MAX = 10;
const LETTERS_MAX = 20;

/** How the fleet stands: one run, or the newest. */
export async function fleetStatus(boss: PgBoss, ledger: Ledger, run?: string): Promise<FleetStatus> {
  const ids = run === undefined ? await runsInQueue(boss) : [run];
  const found = (await Promise.all(ids.map((id) => ledger.run(id)))).filter((one) => one !== undefined);
  const newest = found.toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime()).slice(0, RUNS_MAX);
  const runs = await Promise.all(newest.map((one) => runStatus(boss, ledger, one)));
  return {
    where: ledger.where,
    runs,
    queues: await queueStandings(boss),
    workers: await workersOf(boss),
    deadLetters: (await Promise.all(QUEUES.map((queue) => lettersOf(boss, queue, run)))).flat(),
  };
}

async function runStatus(boss: PgBoss, ledger: Ledger, run: Run): Promise<RunStatus> {
  const [{ waiting, failed, verdicts }, totals, unlisted] = await Promise.all([
    ledger.standing(run.id),
    ledger.totals(run.id),
    unlistedTargets(boss, run.id),
  ]);
  const { scanned, known } = totals;
  return {
    run: run.id,
    startedAt: run.startedAt.toISOString(),
    ...(run.finishedAt === undefined ? {} : { finishedAt: run.finishedAt.toISOString() }),
    ...(run.exitCode === undefined ? {} : { exitCode: run.exitCode }),
    source: run.source,
    unlisted: unlisted.length,
    images: scanned + known + totals.failed,
    waiting,
    scanned,
    known,
    failed,
    verdicts: Object.fromEntries(verdicts),
  };
}

async function workersOf(boss: PgBoss): Promise<readonly WorkerStatus[]> {
  const now = (await databaseTime(boss)).getTime();
  return (await boss.getInstances())
    .filter(({ live, supervise }) => live && supervise)
    .map(({ host, pid, startedOn, heartbeatOn, metrics }) => ({
      host,
      pid,
      startedAt: startedOn.toISOString(),
      quietSeconds: Math.max(0, Math.round((now - heartbeatOn.getTime()) / 1000)),
      ...(metrics?.rss ? { memoryMiB: Math.round(metrics.rss / 2 ** 20) } : {}),
    }));
}

async function lettersOf(
  boss: PgBoss,
  queue: QueueName,
  run: string | undefined,
): Promise<readonly DeadLetter[]> {
  const jobs = await boss.findJobs<unknown>(deadLettersOf(queue), {
    queued: true,
    limit: LETTERS_MAX,
    ...(run === undefined ? {} : { data: { run } }),
  });
  return jobs.map(({ data, sourceOutput }) => {
    const { run: of, target, image } = lettered(data);
    return { queue, run: of, what: image ?? target ?? "", reason: messageOf(sourceOutput) };
  });
}

function lettered(data: unknown): {
  readonly run: string;
  readonly target?: string;
  readonly image?: string;
} {
  if (typeof data !== "object" || data === null) return { run: "" };
  const run = "run" in data ? String(data.run) : "";
  const image = "image" in data ? imageIn(data.image) : undefined;
  if (image) return { run, image: image.id };
  return { run, target: "target" in data ? String(data.target) : "" };
}

/** What was said when it failed; pg-boss itself says the same in `value`. */
function messageOf(output: unknown): string {
  if (typeof output !== "object" || output === null) return "";
  if ("message" in output) return String(output.message);
  return "value" in output ? messageOf(output.value) : "";
}
