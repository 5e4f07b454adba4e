import { EXIT_CODES, FORMATS_HELP, type Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("evaluate")
    .description("judge evidence bundles: offline, and to the same byte each time")
    .argument("<bundle...>", "bundles that sixray extract wrote, or quoted globs")
    .option("-f, --format <formats>", FORMATS_HELP, "text")
    .option("-o, --output <file>", "write the report to a file instead of standard output")
    .option("--output-dir <folder>", "write a file for each format into this folder")
    .option("--policy <name|file>", "judge by this policy")
    .option("--review <file...>", "what people decided about images for review (sixray review sign)")
    .option("--day <day>", "hold waivers and reviews against this day, in UTC (default: today)")
    .addHelpText(
      "after",
      `${EXIT_CODES}

Examples:
  $ sixray evaluate debian-13.sixray.tar.gz
  $ sixray evaluate 'bundles/*.sixray.tar.gz' --day 2026-11-24 --format json -o report.json`,
    )
    .action(async (bundles, options) => {
      const { evaluateCommand } = await import("../evaluate.ts");
      shell.exit(await evaluateCommand(bundles, options, shell.terminal));
    });
}
