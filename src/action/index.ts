import { PROVIDERS } from "../../providers/index.ts";
import { EXIT } from "../cli/exit.ts";
import { interruption } from "../cli/interrupt.ts";
import { processTerminal } from "../cli/terminal.ts";
import { ScanError } from "../errors.ts";
import { escapeText } from "../report/escape.ts";
import { runAction } from "./main.ts";
import { annotate, output } from "./protocol.ts";

const signal = interruption();
try {
  process.exitCode = await runAction(processTerminal(signal), PROVIDERS);
} catch (error) {
  output("verdict", "incomplete");
  process.stdout.write(
    annotate("error", "sixray", escapeText(signal.aborted ? "interrupted" : saidOf(error))),
  );
  process.exitCode = signal.aborted ? EXIT.interrupted : codeOf(error);
}

function saidOf(error: unknown): string {
  if (error instanceof ScanError) return error.line;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function codeOf(error: unknown): number {
  return error instanceof ScanError && error.code === "usage" ? EXIT.usage : EXIT.incomplete;
}
