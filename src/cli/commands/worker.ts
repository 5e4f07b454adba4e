import type { ProviderEntry } from "../../../providers/contract.ts";
import { ScanError } from "../../errors.ts";
import { pinoLog } from "../../fleet/log.ts";
import { scrubberOf } from "../../fleet/secrets.ts";
import { openTelemetry } from "../../fleet/telemetry.ts";
import { work } from "../../fleet/worker.ts";
import { today } from "../clock.ts";
import { engineKey } from "../engine-key.ts";
import { EXIT } from "../exit.ts";
import { fleetExitCode } from "../fleet-exit.ts";
import { fleetSources } from "../fleet-sources.ts";
import { chooseDatabase } from "../ledger.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import { keepHeapSmall } from "../small-heap.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";

export interface WorkerCommandOptions extends SourceOptions {
  readonly state?: string | undefined;
  readonly concurrency: string;
  readonly perGroup?: string | undefined;
  readonly untilEmpty: boolean;
  readonly grace: string;
  readonly patience: string;
  readonly logLevel: string;
}

/** Where requests have no limits that are known, more of them at a time do no harm. */
const TIERS = { file: 256, http: 64 };
const PER_GROUP = 16;

export async function workerCommand(
  options: WorkerCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const concurrency = whole("--concurrency", options.concurrency, 1, 256);
  const perGroup =
    options.perGroup === undefined
      ? { default: PER_GROUP, tiers: TIERS }
      : { default: whole("--per-group", options.perGroup, 1, 1024) };
  const graceMs = whole("--grace", options.grace, 0, 3600) * 1000;
  const patienceMs = whole("--patience", options.patience, 1, 86_400) * 1000;
  keepHeapSmall();
  const scrub = scrubberOf(process.env);
  const log = await pinoLog(scrub, (text) => terminal.err(text), options.logLevel);
  const telemetry = await openTelemetry(process.env, ENGINE);
  try {
    const place = await chooseDatabase(options.state, { create: true, patienceMs });
    try {
      // Jobs bring their own signal: the first Ctrl-C must not cut off what may still end.
      const { signal: _, ...context } = providerContext(terminal, { ...options, quiet: true });
      const worked = await work(place, {
        sources: fleetSources(providers, context),
        engine: engineKey(),
        log,
        telemetry,
        today,
        exitCode: fleetExitCode,
        concurrency,
        perGroup,
        untilEmpty: options.untilEmpty,
        graceMs,
        patienceMs,
        signal: terminal.signal,
      });
      if (worked.stopped) return options.untilEmpty ? EXIT.interrupted : EXIT.pass;
      return worked.dead > 0 ? EXIT.incomplete : EXIT.pass;
    } finally {
      await place.ledger.close();
    }
  } finally {
    await telemetry.close();
  }
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new ScanError("usage", `${option} takes a whole number from ${least} to ${most}`);
  return value;
}
