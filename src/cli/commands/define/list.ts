import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  shell.program
    .command("list")
    .description("what a source offers, newest first, without reading it")
    .argument("<source>", "list of checksums (SHA256SUMS), simplestreams index, folder URL, quoted glob")
    .option("--json", "one JSON object a line", false)
    .addHelpText(
      "after",
      `
Examples:
  $ sixray list https://cloud.debian.org/images/cloud/trixie/latest/
  $ sixray list https://cloud-images.ubuntu.com/releases/streams/v1/index.json --json`,
    )
    .action(async (source, options) => {
      const { listCommand } = await import("../list.ts");
      shell.exit(
        await listCommand(source, { ...shell.source(), ...options }, shell.terminal, shell.providers),
      );
    });
}
