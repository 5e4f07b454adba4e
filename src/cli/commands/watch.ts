import type { ProviderEntry } from "../../../providers/contract.ts";
import { ScanError } from "../../errors.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { chooseLedger } from "../ledger.ts";
import { type RoundOptions, runRound } from "../round.ts";
import type { Terminal } from "../terminal.ts";
import { ENGINE } from "../version.ts";
import { summaryOf, tellWatched } from "./watch/tell.ts";

export interface WatchCommandOptions extends RoundOptions {
  readonly state?: string | undefined;
  readonly json: boolean;
  readonly webhook?: string | undefined;
}

export async function watchCommand(
  wanted: readonly string[],
  options: WatchCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  // Before anything is scanned that nobody would hear of.
  const webhook =
    options.webhook === undefined
      ? undefined
      : (await import("../webhook.ts")).webhookAddress(options.webhook);
  const ledger = await chooseLedger(options.state, { create: true });
  try {
    const { run, watched, code, finish } = await runRound(ledger, wanted, options, terminal, providers);
    const summary = summaryOf(run, ENGINE, watched, code);
    await terminal.out(
      options.json ? `${JSON.stringify(summary)}\n` : tellWatched(run, watched, ledger.where),
    );
    const told = await post(webhook, summary, code, terminal);
    await finish(told);
    return told;
  } finally {
    await ledger.close();
  }
}

/** A notification that is lost fails a run that would have passed: nobody would hear of the next drift. */
async function post(
  url: URL | undefined,
  summary: object,
  code: number,
  terminal: Terminal,
): Promise<number> {
  if (url === undefined) return code;
  const { postWebhook } = await import("../webhook.ts");
  try {
    await postWebhook(url, summary, process.env.SIXRAY_WEBHOOK_SECRET, terminal.signal);
    return code;
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    terminal.err(`sixray: ${escapeText(error.line)}\n`);
    return code === EXIT.pass ? EXIT.incomplete : code;
  }
}
