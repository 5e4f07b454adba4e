import type { Shell } from "../../shell.ts";

export function define(shell: Shell): void {
  const ledger = shell.program
    .command("ledger")
    .description("what watch remembers: take it elsewhere, or save it");
  ledger
    .command("export")
    .description("write every row as one JSON object a line")
    .option("-o, --output <file>", "a file instead of standard output")
    .option("--salvage", "what can be read of a damaged folder, and how much could not", false)
    .action(async (options) => {
      const { ledgerExportCommand } = await import("../ledger.ts");
      shell.exit(await ledgerExportCommand({ ...shell.source(), ...options }, shell.terminal));
    });
  ledger
    .command("import")
    .description("add the rows of an export; what is there stays as it is")
    .argument("<file...>", "what sixray ledger export wrote")
    .action(async (files) => {
      const { ledgerImportCommand } = await import("../ledger.ts");
      shell.exit(await ledgerImportCommand(files, shell.source(), shell.terminal));
    });
}
