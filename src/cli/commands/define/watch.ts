import { Option } from "@commander-js/extra-typings";
import { EXIT_CODES, type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("watch")
    .description("scan what is new since the last run, and say what changed from one version to the next")
    .argument("[target...]", `instead of the file's: ${TARGETS}`)
    .option("--config <file>", "names targets and a policy", "sixray.yaml")
    .option("--policy <name|file>", "judge by this policy")
    .option("--review <file...>", "what people decided about images for review (sixray review sign)")
    .addOption(
      new Option(
        "--fail-on <verdicts>",
        "which verdicts fail the run: flagged,review,unreadable; drift; or never",
      ).default("flagged,review,unreadable"),
    )
    .option("--strict", "exit 3 for an incomplete run even when something is flagged", false)
    .option("--rescan", "scan what is known, too", false)
    .option("--shard <i/n>", "only the i-th of n parts of the images: for several machines")
    .option("--json", "print JSON", false)
    .option("--webhook <url>", "post the JSON there; SIXRAY_WEBHOOK_SECRET signs it (HMAC-SHA256)")
    .option("-j, --jobs <n>", "images at a time (default: 4, and 16 for each region of a cloud)")
    .option("-q, --quiet", "no progress on standard error", false)
    .addHelpText(
      "after",
      `${EXIT_CODES}

What was scanned is kept in the folder "ledger" of the state folder, or in the Postgres of DATABASE_URL.

Examples:
  $ sixray watch --config sixray.yaml
  $ sixray watch 'images/*.qcow2' --fail-on drift
  $ DATABASE_URL=postgres://sixray@db/fleet sixray watch --json
  $ sixray history debian-13-generic-amd64`,
    )
    .action(async (targets, options) => {
      const { watchCommand } = await import("../watch.ts");
      shell.exit(
        await watchCommand(targets, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
