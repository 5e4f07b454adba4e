import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("explain")
    .description("the whole decision, layer by layer, with file and line; or what a rule asks and why")
    .argument("<target|rule>", `${TARGETS}; or the id of a rule`)
    .option("--policy <name|file>", "judge by this policy")
    .option("--thorough", "read vendors' units and rules in /usr, too, which are trusted otherwise", false)
    .option("--with <file...>", "companion files the image needs")
    .addHelpText(
      "after",
      `
Examples:
  $ sixray explain debian-13.qcow2
  $ sixray explain disable-ipv6-interfaces`,
    )
    .action(async (target, options) => {
      const { explainCommand } = await import("../explain.ts");
      shell.exit(
        await explainCommand(target, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
