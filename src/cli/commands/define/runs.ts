import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("runs")
    .description("the runs of watch that the ledger knows, newest first; or every image of one")
    .argument("[run]", "id of a run")
    .option("-n, --limit <n>", "at most so many", "20")
    .option("--json", "one JSON object a line", false)
    .addHelpText("after", "\nExamples:\n  $ sixray runs\n  $ sixray runs 20261124T100000Z-4f2a9c --json")
    .action(async (run, options) => {
      const { runsCommand } = await import("../runs.ts");
      shell.exit(await runsCommand(run, { ...shell.source(), ...options }, shell.terminal));
    });
}
