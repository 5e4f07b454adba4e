import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("rules")
    .description("the rules there are, or one in full: what it asks, why, its options and controls")
    .argument("[id]", "id of a rule")
    .action(async (id) => {
      const { rulesCommand } = await import("../rules.ts");
      shell.exit(await rulesCommand(id, shell.terminal));
    });
}
