import { hostname } from "node:os";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PgBoss } from "pg-boss";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { ScanError } from "../../errors.ts";
import { drain, retry } from "../../fleet/again.ts";
import { openBoss } from "../../fleet/boss.ts";
import { enqueue, type Target } from "../../fleet/enqueue.ts";
import type { Plan } from "../../fleet/jobs.ts";
import { queueStandings } from "../../fleet/standing.ts";
import { type FleetStatus, fleetStatus } from "../../fleet/status.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { newRunId } from "../../ledger/run-id.ts";
import { policyKey } from "../../scan/policy-key.ts";
import { engineKey } from "../engine-key.ts";
import { EXIT } from "../exit.ts";
import { parseFailOn } from "../judging.ts";
import { chooseDatabase } from "../ledger.ts";
import { choosePolicy, readConfig } from "../policy-file.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { shownTarget } from "../shown-target.ts";
import { isRunName } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";
import { enqueuedText, statusText } from "./fleet/tell.ts";
import { waited } from "./fleet/wait.ts";

export interface FleetOptions {
  readonly state?: string | undefined;
  readonly json: boolean;
}

export interface FleetEnqueueOptions extends FleetOptions, SourceOptions {
  readonly config: string;
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly failOn: string;
  readonly strict: boolean;
  readonly rescan: boolean;
  readonly run?: string | undefined;
  readonly wait: boolean;
}

const WAIT_MS = 1_000;

export async function fleetEnqueueCommand(
  wanted: readonly string[],
  options: FleetEnqueueOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  parseFailOn(options.failOn);
  const config = wanted.length > 0 ? undefined : await readConfig(options.config);
  const targets = (config?.targets ?? wanted).map((target) => targetOf(target, providers));
  const named = options.policy ?? config?.policy;
  const policy = named === undefined ? undefined : await choosePolicy(named);
  const reviews = options.review && (await (await import("../review-file.ts")).readReviews(options.review));
  const { failOn, strict, rescan } = options;
  const { query = {} } = providerContext(terminal, options);
  const plan: Plan = {
    query,
    failOn,
    strict,
    rescan,
    ...(policy ? { policy } : {}),
    ...(reviews ? { reviews } : {}),
  };
  const { id: policyId, digest, document } = policyKey(policy);
  const engine = engineKey();
  const startedAt = new Date();
  const run = options.run === undefined ? newRunId(startedAt) : runNamed(options.run);
  return withFleet({ ...options, create: true }, async (boss, ledger) => {
    const before = await ledger.run(run);
    if (before && (before.policyDigest !== digest || before.engine !== engine))
      throw new ScanError(
        "usage",
        `there is a run ${run} with another policy or release: name this one otherwise`,
      );
    await enqueue(
      boss,
      ledger,
      {
        id: run,
        startedAt,
        policyDigest: digest,
        engine,
        policy: policyId,
        policyDocument: document,
        source: wanted.length > 0 ? wanted.map(shownTarget).join(" ") : options.config,
        host: hostname(),
        shard: "",
      },
      { targets, plan },
    );
    if (!options.wait) {
      const said = options.json
        ? `${JSON.stringify({ run, targets: targets.length, where: ledger.where })}\n`
        : enqueuedText(run, targets.length, ledger.where);
      await terminal.out(said);
      return EXIT.pass;
    }
    terminal.err(`sixray: run ${run}: waiting for the workers\n`);
    return tell(await waited(boss, ledger, run, terminal), options, terminal, run);
  });
}

export function fleetStatusCommand(
  run: string | undefined,
  options: FleetOptions & { readonly wait: boolean },
  terminal: Terminal,
): Promise<number> {
  return withFleet(options, async (boss, ledger) => {
    if (run !== undefined && !(await ledger.run(run)))
      throw new ScanError("usage", `no run ${run} in ${ledger.where}: "sixray fleet status" lists them`);
    const status = options.wait
      ? await waited(boss, ledger, run, terminal)
      : await fleetStatus(boss, ledger, run);
    return tell(status, options, terminal, run);
  });
}

export function fleetRetryCommand(
  run: string | undefined,
  options: FleetOptions,
  terminal: Terminal,
): Promise<number> {
  return withFleet(options, async (boss, ledger) => {
    const { dead, drained } = await retry(boss, ledger, run);
    await terminal.out(
      options.json
        ? `${JSON.stringify({ dead, drained })}\n`
        : `tried again: ${dead} dead letters, ${drained} drained jobs\n`,
    );
    return EXIT.pass;
  });
}

export function fleetDrainCommand(
  run: string | undefined,
  options: FleetOptions & { readonly wait: boolean },
  terminal: Terminal,
): Promise<number> {
  return withFleet(options, async (boss) => {
    let drained = await drain(boss, run);
    const running = async (): Promise<number> =>
      (await queueStandings(boss)).reduce((sum, { active }) => sum + active, 0);
    let active = await running();
    while (options.wait && active > 0) {
      await sleep(WAIT_MS, undefined, { signal: terminal.signal });
      // What a listing that still ran has added, or a worker handed back.
      drained += await drain(boss, run);
      active = await running();
    }
    await terminal.out(
      options.json
        ? `${JSON.stringify({ drained, active })}\n`
        : `taken back: ${drained} jobs; still running: ${active} (sixray fleet retry puts them back)\n`,
    );
    return EXIT.pass;
  });
}

function runNamed(id: string): string {
  if (isRunName(id)) return id;
  throw new ScanError(
    "usage",
    '--run takes letters, digits, dots, dashes and underscores, 100 at most, and not "latest"',
  );
}

async function withFleet(
  { state, create = false }: FleetOptions & { readonly create?: boolean },
  use: (boss: PgBoss, ledger: Ledger) => Promise<number>,
): Promise<number> {
  const { ledger, database } = await chooseDatabase(state, { create });
  try {
    // A database that went away is told by the call that needed it.
    const boss = await openBoss(database, { supervise: false, connections: 2, onError: () => undefined });
    try {
      return await use(boss, ledger);
    } finally {
      await boss.stop({ graceful: false });
    }
  } finally {
    await ledger.close();
  }
}

async function tell(
  status: FleetStatus,
  { json }: FleetOptions,
  terminal: Terminal,
  run: string | undefined,
): Promise<number> {
  await terminal.out(json ? `${JSON.stringify(status)}\n` : statusText(status));
  const [one] = status.runs;
  return run === undefined ? EXIT.pass : (one?.exitCode ?? EXIT.incomplete);
}

/** A worker runs elsewhere, in another folder. What has to stay secret cannot wait in a database. */
function targetOf(word: string, providers: readonly ProviderEntry[]): Target {
  const entry = providers.find((one) => one.takes(word));
  if (!entry) throw new ScanError("usage", `no provider for ${word}`);
  if (entry.id === "file")
    return { provider: entry.id, target: resolve(word.replace(/^file:(?:\/\/)?/, "")) };
  const url = entry.id === "http" ? URL.parse(word) : null;
  if (url && (url.search !== "" || url.username !== "" || url.password !== ""))
    throw new ScanError(
      "usage",
      "an address with a query or a password would be kept in the queue, where others may read it: use scan or watch",
    );
  return { provider: entry.id, target: word };
}
