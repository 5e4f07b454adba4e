import { Option } from "@commander-js/extra-typings";
import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("worker")
    .description("take jobs from the queue that sixray fleet fills")
    .option("--concurrency <n>", "images at a time", "16")
    .option(
      "--per-group <n>",
      "images at a time of one provider, account and region, over all workers (default: 16; 64 for http, 256 for file)",
    )
    .option("--until-empty", "end once no job waits or runs: for batch systems", false)
    .option("--grace <seconds>", "how long running jobs may go on after SIGTERM or Ctrl-C", "25")
    .option("--patience <seconds>", "how long the database may be away", "300")
    .addOption(
      new Option("--log-level <level>", "how much to tell")
        .choices(["debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .addHelpText(
      "after",
      `
Jobs lie in the Postgres of DATABASE_URL, for as many workers as there are; without it in the embedded ledger of the
state folder, for this process alone. Tells what it does as JSON lines on standard error; with OTEL_EXPORTER_OTLP_ENDPOINT
(and the other OTEL_* variables) also to OpenTelemetry.

Exit codes:
  0  stopped, or nothing was left     3  an image failed for good, or the database stayed away
  2  usage or configuration         130  stopped before the queue was empty (--until-empty)

Examples:
  $ DATABASE_URL=postgres://sixray@db/fleet sixray worker --concurrency 32
  $ sixray fleet enqueue 'images/*.qcow2' && sixray worker --until-empty`,
    )
    .action(async (options) => {
      const { workerCommand } = await import("../worker.ts");
      shell.exit(await workerCommand({ ...shell.source(), ...options }, shell.terminal, shell.providers));
    });
}
