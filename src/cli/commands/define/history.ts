import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("history")
    .description("the versions of a family that were scanned, newest first")
    .argument("[family]", "as list and watch show it; without one: the families there are")
    .option("-n, --limit <n>", "at most so many", "50")
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      "\nExamples:\n  $ sixray history\n  $ sixray history debian-13-generic-amd64 --json",
    )
    .action(async (family, options) => {
      const { historyCommand } = await import("../history.ts");
      shell.exit(await historyCommand(family, { ...shell.source(), ...options }, shell.terminal));
    });
}
