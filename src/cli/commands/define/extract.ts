import { type Shell, TARGETS } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("extract")
    .description("write an evidence bundle: what judging an image needs, and no more")
    .argument("<target>", TARGETS)
    .option(
      "-o, --output <file>",
      "where to write it (default: <family>.sixray.tar.gz, never over another image's)",
    )
    .option(
      "--thorough",
      "read what is trusted otherwise, too: vendors' units and rules in /usr; of Windows, what a person's review wants to see",
      false,
    )
    .option("--with <file...>", "companion files the image needs")
    .option("-q, --quiet", "no progress on standard error", false)
    .addHelpText(
      "after",
      `
A bundle is judged by \`sixray evaluate\`, anywhere and any time, without the image and with the same answer.
Exit codes: 0 written, 3 written, but nothing could be read of the image.

Examples:
  $ sixray extract debian-13.qcow2 -o debian-13.sixray.tar.gz
  $ sixray evaluate debian-13.sixray.tar.gz`,
    )
    .action(async (target, options) => {
      const { extractCommand } = await import("../extract.ts");
      const all = { ...shell.source(), ...options };
      shell.exit(await extractCommand(target, all, shell.terminal, shell.providers));
    });
}
