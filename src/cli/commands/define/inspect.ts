import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("inspect")
    .description("partitions, file systems, operating system, boot entry; what was not readable and why")
    .argument("<target>", TARGETS)
    .option("--json", "print JSON", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray inspect debian-13.qcow2
  $ sixray inspect --json debian-13.qcow2`,
    )
    .action(async (target, options) => {
      const { inspectCommand } = await import("../inspect.ts");
      shell.exit(
        await inspectCommand(target, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
