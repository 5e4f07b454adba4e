import { Option } from "@commander-js/extra-typings";
import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("diff")
    .description("what changed between two images, bundles or stored runs, by fact and by verdict")
    .argument("<before>", `${TARGETS}; evidence bundle; a stored report (.json, .ndjson); or the id of a run`)
    .argument("<after>", "the same")
    .addOption(
      new Option("-f, --format <format>", "what to print")
        .choices(["text", "markdown", "json"] as const)
        .default("text" as const),
    )
    .option("-o, --output <file>", "write to a file instead of standard output")
    .option("--policy <name|file>", "judge both by this policy")
    .addHelpText(
      "after",
      `
Exit codes:
  0  the same    1  something differs    2  usage or configuration

Examples:
  $ sixray diff debian-12.qcow2 debian-13.qcow2
  $ sixray diff last-week.json today.json --format markdown
  $ sixray diff 20261117T060000Z-4f2a9c latest`,
    )
    .action(async (before, after, options) => {
      const { diffCommand } = await import("../diff.ts");
      shell.exit(
        await diffCommand(
          [before, after],
          { ...shell.source(), ...options },
          shell.terminal,
          shell.providers,
        ),
      );
    });
}
