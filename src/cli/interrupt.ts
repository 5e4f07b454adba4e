import { EXIT } from "./exit.ts";

/** Ctrl-C, `kill`, and a terminal or connection that is closed. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted when the process is asked to end: what it made in a cloud is still to be removed. */
export function interruption(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      interrupt.abort();
      // The second Ctrl-C does not wait for the clean-up. A closed terminal says so by itself twice: by the kernel and
      // by the shell.
      process.on(signal, () => {
        if (signal !== "SIGHUP") process.exit(EXIT.interrupted);
      });
    });
  }
  return interrupt.signal;
}
