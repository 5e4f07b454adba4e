import { Option } from "@commander-js/extra-typings";
import { FAILABLE } from "../../exit.ts";
import { EXIT_CODES, type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("scan")
    .description("judge images: will they come up speaking IPv6?")
    .argument("[target...]", TARGETS)
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "json", "ndjson"] as const)
        .default("text" as const),
    )
    .option("-o, --output <file>", "write the report to a file instead of standard output")
    .option(
      "--policy <name|file>",
      "judge by this policy: a name (sixray policy list) or a file (default: the one that fits the operating system)",
    )
    .option("--config <file>", "a file that names targets and a policy: sixray.yaml")
    .option("--review <file...>", "what people decided about images for review (sixray review sign)")
    .option(
      "--with <file...>",
      "files an image consists of or stands on, never opened by its word alone: VMDK extents, a backing file, a parent disk",
    )
    .addOption(
      new Option(
        "--fail-on <verdicts>",
        `which verdicts fail the run: ${FAILABLE.join(",")}, or never`,
      ).default(FAILABLE.join(",")),
    )
    .option("--strict", "exit 3 for an incomplete run even when something is flagged", false)
    .option("-j, --jobs <n>", "images at a time (default: 4, and 16 for each region of a cloud)")
    .option("-q, --quiet", "no progress on standard error", false)
    .addHelpText(
      "after",
      `${EXIT_CODES}

Examples:
  $ sixray scan debian-13.qcow2
  $ sixray scan https://example.org/debian-13.qcow2
  $ sixray scan 'images/*.qcow2' rootfs/ --format json -o report.json
  $ sixray scan machine.vmdk --with machine-s00?.vmdk
  $ sixray scan snapshot.vhdx --with base.vhdx`,
    )
    .action(async (targets, options) => {
      const { scanCommand } = await import("../scan.ts");
      shell.exit(
        await scanCommand(targets, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
