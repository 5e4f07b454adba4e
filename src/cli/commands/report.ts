import { exitCodeOf, FAILABLE } from "../exit.ts";
import { deliver, formatsOf, type OutputOptions } from "../output.ts";
import { storedReport } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";

/** Renders a stored report anew. The exit code is 0 unless the verdicts are asked to decide it. */
export async function reportCommand(
  run: string,
  options: OutputOptions & { readonly exitCode: boolean; readonly state?: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const formats = await formatsOf(options);
  const report = await storedReport(run, options.state);
  await deliver(report, formats, options, terminal);
  if (!options.exitCode) return 0;
  return exitCodeOf(
    report.results.map(({ verdict }) => verdict),
    { failOn: new Set(FAILABLE), strict: false },
  );
}
