import { Option } from "@commander-js/extra-typings";
import { EXIT_CODES, type Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("merge")
    .description("join the JSON reports of several machines into one")
    .argument("<report...>", "what scan, watch or the GitHub Action wrote as JSON")
    .option("-f, --format <format>", "what to write", "json")
    .option("-o, --output <file>", "a file instead of standard output")
    .addOption(
      new Option("--fail-on <verdicts>", "which verdicts fail: flagged,review,unreadable, or never").default(
        "flagged,review,unreadable",
      ),
    )
    .option(
      "--parts <n>",
      "how many reports there are to be; parts of a watch with --shard tell by themselves when one is missing",
    )
    .option("--strict", "exit 3 for an incomplete run even when something is flagged", false)
    .addHelpText(
      "after",
      `${EXIT_CODES}\n\nExamples:\n  $ sixray merge shard-*/report.json --parts 5 -o report.json`,
    )
    .action(async (files, options) => {
      const { mergeCommand } = await import("../merge.ts");
      shell.exit(await mergeCommand(files, options, shell.terminal));
    });
}
