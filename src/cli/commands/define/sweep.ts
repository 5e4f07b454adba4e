import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("sweep")
    .description("remove what a killed run left in a cloud")
    .argument(
      "[where...]",
      "look by tag, too, in these places: aws:us-east-1, gcp:project, azure:subscription",
    )
    .option("-n, --dry-run", "tell what would be removed", false)
    .option(
      "--older-than <time>",
      "by tag alone and of other machines, only what is older than this: 90m, 24h, 7d",
      "24h",
    )
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      `
What runs on this machine wrote down is removed without further ado, but for runs still at work; what runs of another
machine (or a container that is gone) wrote into the same state folder once it is as old as --older-than says. Other
machines' leftovers are found by their tags (sixray:run) in the places you name.
Exit codes: 0 nothing is left, 3 something is.

Examples:
  $ sixray sweep
  $ sixray sweep aws:us-east-1 aws:eu-central-1 --older-than 6h --dry-run`,
    )
    .action(async (where, options) => {
      const { sweepCommand } = await import("../sweep.ts");
      shell.exit(
        await sweepCommand(where, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
