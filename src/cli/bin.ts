import { PROVIDERS } from "../../providers/index.ts";
import { bugReport } from "./bugs.ts";
import { EXIT } from "./exit.ts";
import { main } from "./main.ts";
import { processTerminal } from "./terminal.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second Ctrl-C does not wait for the clean-up.
  process.once(signal, () => {
    interrupt.abort();
    process.once(signal, () => process.exit(EXIT.interrupted));
  });
}
// Without "await" at the top level: the bundle is CommonJS, which loads faster.
void main(process.argv.slice(2), processTerminal(interrupt.signal), PROVIDERS).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (interrupt.signal.aborted) {
      process.stderr.write("\nsixray: interrupted\n");
      process.exitCode = EXIT.interrupted;
      return;
    }
    process.stderr.write(bugReport(error));
    process.exitCode = EXIT.bug;
  },
);
