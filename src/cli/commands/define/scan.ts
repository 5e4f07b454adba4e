import {
  failOnOption,
  formatOption,
  outputDirOption,
  outputOption,
  policyOption,
  reviewOption,
  strictOption,
} from "../../options.ts";
import { EXIT_CODES, type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("scan")
    .description("judge images: will they come up speaking IPv6?")
    .argument("[target...]", TARGETS)
    .addOption(formatOption())
    .addOption(outputOption())
    .addOption(outputDirOption())
    .addOption(policyOption())
    .option("--config <file>", "a file that names targets and a policy: sixray.yaml")
    .addOption(reviewOption())
    .option(
      "--with <file...>",
      "files an image consists of or stands on, never opened by its word alone: VMDK extents, a backing file, a parent disk",
    )
    .addOption(failOnOption())
    .addOption(strictOption())
    .option(
      "--thorough",
      "read what is trusted otherwise, too: vendors' units and rules in /usr; of Windows, what a person's review wants to see",
      false,
    )
    .option("-j, --jobs <n>", "images at a time (default: 4, and 16 for each region of a cloud)")
    .option("-q, --quiet", "no progress on standard error", false)
    .addHelpText(
      "after",
      `${EXIT_CODES}

Examples:
  $ sixray scan debian-13.qcow2
  $ sixray scan https://example.org/debian-13.qcow2
  $ sixray scan 'images/*.qcow2' rootfs/ --format json -o report.json
  $ sixray scan debian-13.qcow2 --format json,sarif,xlsx --output-dir reports/
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
