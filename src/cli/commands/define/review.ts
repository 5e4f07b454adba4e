import { Option } from "@commander-js/extra-typings";
import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  const review = shell.program
    .command("review")
    .description("what a person decided about an image that is for review");
  review
    .command("sign")
    .description("look at an image once more and record the decision, bound to the evidence it was made on")
    .requiredOption("--image <target>", TARGETS)
    .requiredOption("--by <name>", "who decided")
    .addOption(
      new Option("--result <result>", "the decision")
        .choices(["accepted", "rejected"] as const)
        .makeOptionMandatory(),
    )
    .requiredOption("--note <text>", "why")
    .option("--expires <day>", "the last day it holds, in UTC: 2027-03-31 (default: in a year)")
    .option("-o, --output <file>", "where to write it (default: <family>.review.json)")
    .option("--force", "write over a file that is there", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray review sign --image win2022.vhdx --by 'Ada L.' --result accepted --note 'IPv4 is preferred'
  $ sixray scan win2022.vhdx --review win2022.review.json`,
    )
    .action(async (options) => {
      const { reviewSignCommand } = await import("../review.ts");
      shell.exit(await reviewSignCommand({ ...shell.source(), ...options }, shell.terminal, shell.providers));
    });
}
