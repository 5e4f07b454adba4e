import { PROVIDERS } from "../../providers/index.ts";
import { processTerminal } from "../cli/terminal.ts";
import { ScanError } from "../errors.ts";
import { escapeText } from "../report/escape.ts";
import { runAction } from "./main.ts";
import { annotate, output } from "./protocol.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
try {
  process.exitCode = await runAction(processTerminal(interrupt.signal), PROVIDERS);
} catch (error) {
  output("verdict", "incomplete");
  const said =
    error instanceof ScanError
      ? error.line
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error);
  process.stdout.write(annotate("error", "sixray", escapeText(said)));
  process.exitCode = error instanceof ScanError && error.code === "usage" ? 2 : 3;
}
