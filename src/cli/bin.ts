import { PROVIDERS } from "../../providers/index.ts";
import { bugReport } from "./bugs.ts";
import { EXIT } from "./exit.ts";
import { interruption } from "./interrupt.ts";
import { main } from "./main.ts";
import { processTerminal } from "./terminal.ts";
import { tellWarnings } from "./warnings.ts";

const terminal = processTerminal(interruption());
tellWarnings(process, terminal);
// Without "await" at the top level: the bundle is CommonJS, which loads faster.
void main(process.argv.slice(2), terminal, PROVIDERS).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (terminal.signal.aborted) {
      terminal.err("\nsixray: interrupted\n");
      // Everything is cleaned up: what a cloud's library still waits for is of no use.
      process.exit(EXIT.interrupted);
    }
    terminal.err(bugReport(error));
    process.exitCode = EXIT.bug;
  },
);
