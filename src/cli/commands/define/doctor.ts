import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("doctor")
    .description("which credentials and permissions are there, and which ways to an image they open")
    .argument("[where...]", "a cloud, or places in it: aws, aws:us-east-1, azure, gcp:project (default: all)")
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      `
Nothing is created. Exit codes: 0 all there, 3 something is missing.

Examples:
  $ sixray doctor aws:eu-central-1
  $ sixray doctor gcp:my-project azure`,
    )
    .action(async (where, options) => {
      const { doctorCommand } = await import("../doctor.ts");
      const all = { ...shell.source(), ...options };
      shell.exit(await doctorCommand(where, all, shell.terminal, shell.providers));
    });
}
