import { hostname } from "node:os";
import type { ProviderEntry } from "../../../providers/contract.ts";
import { ScanError } from "../../errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { newRunId } from "../../ledger/run-id.ts";
import { type Watched, watch } from "../../ledger/watch.ts";
import { escapeText } from "../../report/escape.ts";
import type { Decisions } from "../../scan/conclude.ts";
import { policyKey } from "../../scan/policy-key.ts";
import { EXIT, exitCodeOf } from "../exit.ts";
import { scannable } from "../images.ts";
import { chooseLedger } from "../ledger.ts";
import { choosePolicy, readConfig } from "../policy-file.ts";
import { providerContext, type SourceOptions } from "../provider-context.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";
import { parseFailOn, parseJobs } from "./scan.ts";
import { summaryOf, tellWatched } from "./watch/tell.ts";

export interface WatchCommandOptions extends SourceOptions {
  readonly state?: string | undefined;
  readonly config: string;
  readonly policy?: string | undefined;
  readonly review?: readonly string[] | undefined;
  readonly failOn: string;
  readonly strict: boolean;
  readonly rescan: boolean;
  readonly json: boolean;
  readonly jobs?: string | undefined;
  readonly quiet: boolean;
  readonly webhook?: string | undefined;
}

/** One round: what is new is scanned, compared and recorded. */
export async function watchCommand(
  wanted: readonly string[],
  options: WatchCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  // "drift" is a thing of watch alone.
  const words = options.failOn.split(",").map((word) => word.trim());
  const failOnDrift = words.includes("drift");
  const verdicts = words.filter((word) => word !== "drift").join(",");
  const failOn = parseFailOn(verdicts === "" ? "never" : verdicts);
  const jobs = parseJobs(options.jobs);
  const config = wanted.length > 0 ? undefined : await readConfig(options.config);
  const targets = wanted.length > 0 ? wanted : (config?.targets ?? []);
  const named = options.policy ?? config?.policy;
  const policy = named === undefined ? undefined : await choosePolicy(named);
  const reviews = options.review && (await (await import("../review-file.ts")).readReviews(options.review));
  const startedAt = new Date();
  const decisions: Decisions = {
    waivers: policy?.waivers,
    reviews,
    today: startedAt.toISOString().slice(0, 10),
  };
  const key = policyKey(policy);
  const sources = scannable(targets, providers, providerContext(terminal, options));
  const ledger = await chooseLedger(options.state, { create: true });
  try {
    const run = { id: newRunId(startedAt), startedAt, policyDigest: key.digest, engine: ENGINE };
    await ledger.startRun({
      ...run,
      policy: key.id,
      policyDocument: key.document,
      source: wanted.length > 0 ? wanted.join(" ") : options.config,
      host: hostname(),
    });
    const watched = await watch(ledger, sources, {
      run,
      decisions,
      rescan: options.rescan,
      ...jobs,
      signal: terminal.signal,
      ...(policy ? { policy: { ...policy, waivers: [] } } : {}),
      onEntry: (entry) => {
        if (!options.quiet && entry.outcome !== "known")
          terminal.err(`sixray: ${entry.outcome} ${escapeText(entry.image.id)}: ${entry.verdict}\n`);
      },
    });
    const code = codeOf(watched, { failOn, failOnDrift, strict: options.strict });
    await ledger.finishRun(run.id, { enumerated: watched.enumerated, exitCode: code });
    return await tell(run.id, watched, code, ledger, options, terminal);
  } finally {
    await ledger.close();
  }
}

async function tell(
  run: string,
  watched: Watched,
  code: number,
  ledger: Ledger,
  options: WatchCommandOptions,
  terminal: Terminal,
): Promise<number> {
  const summary = summaryOf(run, ENGINE, watched, code);
  await terminal.out(options.json ? `${JSON.stringify(summary)}\n` : tellWatched(run, watched, ledger.where));
  if (options.webhook === undefined) return code;
  const { postWebhook } = await import("../webhook.ts");
  try {
    await postWebhook(options.webhook, summary, process.env.SIXRAY_WEBHOOK_SECRET, terminal.signal);
    return code;
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    terminal.err(`sixray: ${escapeText(error.line)}\n`);
    return code === EXIT.pass ? EXIT.incomplete : code;
  }
}

/** An image that is not accounted for outranks everything. */
function codeOf(
  { enumerated, totals, verdicts, drift }: Watched,
  options: Parameters<typeof exitCodeOf>[1] & { readonly failOnDrift: boolean },
): number {
  const { scanned, known, failed } = totals;
  if (scanned + known + failed !== enumerated) return EXIT.incomplete;
  const code = exitCodeOf([...verdicts.keys()], options);
  return code === EXIT.pass && options.failOnDrift && drift.length > 0 ? EXIT.flagged : code;
}
