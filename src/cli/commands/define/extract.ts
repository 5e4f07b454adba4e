import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("extract")
    .description("write an evidence bundle: what a scan judges, to be judged elsewhere and again")
    .argument("<target>", TARGETS)
    .option("-o, --output <file>", "the bundle (default: the image's name with .sixray.tar.gz)")
    .option("--thorough", "also what a person's review of Windows wants to see", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray extract debian-13.qcow2 -o debian-13.sixray.tar.gz
  $ sixray evaluate debian-13.sixray.tar.gz`,
    )
    .action(async (target, options) => {
      const { extractCommand } = await import("../extract.ts");
      shell.exit(
        await extractCommand(target, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
