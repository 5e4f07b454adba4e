import {
  failOnOption,
  formatOption,
  outputDirOption,
  outputOption,
  policyOption,
  reviewOption,
  strictOption,
} from "../../options.ts";
import { EXIT_CODES, type Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("evaluate")
    .description("judge evidence bundles, without the images they were taken from")
    .argument("<bundle...>", "files that `sixray extract` wrote")
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(outputDirOption())
    .addOption(policyOption())
    .addOption(reviewOption())
    .option(
      "--day <day>",
      "hold waivers against this day, or today (default: the last day a bundle was taken)",
    )
    .addOption(failOnOption())
    .addOption(strictOption())
    .addHelpText(
      "after",
      `${EXIT_CODES}

Examples:
  $ sixray evaluate debian-13.sixray.tar.gz
  $ sixray evaluate evidence/*.sixray.tar.gz --policy strict --day today --format json -o report.json`,
    )
    .action(async (bundles, options) => {
      const { evaluateCommand } = await import("../evaluate.ts");
      shell.exit(await evaluateCommand(bundles, options, shell.terminal));
    });
}
