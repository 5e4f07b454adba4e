import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProviderEntry } from "../../providers/contract.ts";
import type { LeaseBook } from "../../providers/lease/book.ts";
import { EXIT, exitCodeOf, FAILABLE } from "../cli/exit.ts";
import { chooseLedger } from "../cli/ledger.ts";
import { type Round, runRound } from "../cli/round.ts";
import { resultsOfRun } from "../cli/run-report.ts";
import type { Terminal } from "../cli/terminal.ts";
import { ENGINE } from "../cli/version.ts";
import { ScanError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { makeFolder } from "../make-folder.ts";
import { reporters } from "../report/index.ts";
import { decided } from "../scan/conclude.ts";
import { flag, input, lines, list, output, summarise } from "./protocol.ts";
import { annotations, summaryMarkdown } from "./tell.ts";

const BRANCH = "branch:";

interface Place {
  /** Of the state; undefined for a database. */
  readonly folder: string | undefined;
  readonly branch: string | undefined;
}

/** The step: one round of watch, with reports of everything that is open. Resolves to the exit code. */
export async function runAction(terminal: Terminal, providers: readonly ProviderEntry[]): Promise<number> {
  const place = placeOf();
  if (!flag("allow-create", false)) return step(place, undefined, terminal, providers);
  // What is made in a cloud is written down first: without a book nothing may be.
  const { closeBook, openBook } = await import("../cli/leases.ts");
  const book = openBook(place.folder);
  const [done] = await Promise.allSettled([step(place, book, terminal, providers)]);
  const gone = await closeBook(book, terminal);
  if (done.status === "rejected") throw done.reason;
  return gone ? done.value : Math.max(done.value, EXIT.incomplete);
}

function placeOf(): Place {
  const state = input("state") ?? ".sixray";
  const branch = state.startsWith(BRANCH) ? state.slice(BRANCH.length) : undefined;
  // A database that is named is meant: the folder is a default.
  if (process.env.DATABASE_URL) return { branch, folder: undefined };
  return { branch, folder: branch === undefined ? state : join(process.env.RUNNER_TEMP ?? "/tmp", "sixray") };
}

async function step(
  { folder, branch }: Place,
  leases: LeaseBook | undefined,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const formats = formatsOf();
  const { StateBranch } = await import("./branch.ts");
  const kept = branch === undefined ? undefined : new StateBranch(branch);
  const ledger = await chooseLedger(folder, { create: true });
  try {
    await kept?.pull(ledger);
    const round = await runRound(ledger, lines("targets"), { ...optionsOf(), leases }, terminal, providers);
    await report(ledger, round, formats);
    if (flag("annotations", true)) await terminal.out(annotations(round));
    if (flag("summary", true)) summarise(summaryMarkdown(round));
    tell(round);
    await round.finish(round.code);
    await kept?.push(ledger);
    return round.code;
  } finally {
    await ledger.close();
  }
}

function optionsOf(): Parameters<typeof runRound>[2] {
  return {
    config: input("config") ?? "sixray.yaml",
    policy: input("policy"),
    failOn: input("fail-on") ?? "flagged,review,unreadable",
    failOnName: "fail-on",
    shard: input("shard"),
    allowCreate: flag("allow-create", false),
    strict: false,
    rescan: false,
    quiet: false,
  };
}

function formatsOf(): readonly string[] {
  const formats = new Set(["json", ...list("formats"), ...(flag("pdf", false) ? ["pdf"] : [])]);
  for (const format of formats)
    if (!reporters.has(format))
      throw new ScanError("usage", `formats: no ${format}; there are: ${[...reporters.keys()].join(", ")}`);
  return [...formats];
}

/** Every image of the run, known ones too: what a report leaves out, code scanning takes for fixed. */
async function report(ledger: Ledger, round: Round, formats: readonly string[]): Promise<void> {
  const folder = input("output-dir") ?? "sixray-report";
  await makeFolder(folder);
  const results = await resultsOfRun(ledger.imagesOf(round.run), ({ result }) =>
    decided(result, round.decisions),
  );
  const { today } = round.decisions;
  for (const format of formats) {
    const reporter = await reporters.get(format)?.();
    if (!reporter) continue;
    const document = {
      schemaVersion: 1 as const,
      engine: ENGINE,
      ...(today === undefined ? {} : { day: today }),
      ...(round.shard === undefined ? {} : { part: round.shard }),
      results,
    };
    const path = join(folder, `report${reporter.fileExtension}`);
    await writeFile(path, await reporter.render(document, { color: false, columns: 100 }));
    if (["json", "html"].includes(format)) output(`report-${format}`, path);
    if (format === "sarif") output("sarif", path);
  }
}

function tell({ code, watched }: Round): void {
  const { totals, verdicts, fresh, drift } = watched;
  const words: Readonly<Record<number, string>> = { 0: "pass", 1: "flagged", 3: "incomplete" };
  // What does not fail the step has not passed for that.
  const found = exitCodeOf([...verdicts.keys()], { failOn: new Set(FAILABLE), strict: false });
  output("verdict", words[code === EXIT.pass ? found : code] ?? "incomplete");
  output("scanned", String(totals.scanned));
  output("flagged", String(verdicts.get("flagged") ?? 0));
  output("review", String(verdicts.get("review") ?? 0));
  output("errors", String(verdicts.get("unreadable") ?? 0));
  output("new-images", String(fresh));
  output("drifted", String(drift.length));
}
