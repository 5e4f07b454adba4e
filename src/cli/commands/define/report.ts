import { FORMATS_HELP, type Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("report")
    .description("render a stored run again, in any format")
    .argument(
      "<run>",
      "a report that was stored as JSON or NDJSON, or the id of a run (sixray runs; or latest)",
    )
    .option(
      "-f, --format <formats>",
      `${FORMATS_HELP}; for gatekeepers: aws-allowed-images, azure-policy, terraform, cloud-custodian`,
      "text",
    )
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("--output-dir <folder>", "write a file for each format into this folder")
    .option("--exit-code", "exit as the scan would have: 1 flagged, 3 incomplete", false)
    .addHelpText(
      "after",
      `
Examples:
  $ sixray report report.json --format sarif,oscal,xlsx --output-dir out
  $ sixray report report.json --format terraform -o images.tf.json
  $ sixray report latest --format html -o watched.html`,
    )
    .action(async (run, options) => {
      const { reportCommand } = await import("../report.ts");
      shell.exit(await reportCommand(run, { ...options, state: shell.source().state }, shell.terminal));
    });
}
