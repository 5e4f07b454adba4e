import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { errorLine, ScanError } from "../../errors.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { chooseLedger, ledgerFolder } from "../ledger.ts";
import type { Terminal } from "../terminal.ts";

export interface LedgerExportOptions {
  readonly state?: string | undefined;
  readonly output?: string | undefined;
  readonly salvage: boolean;
}

export async function ledgerExportCommand(options: LedgerExportOptions, terminal: Terminal): Promise<number> {
  const { output, state } = options;
  const file = output === undefined ? undefined : await writerTo(output);
  const write = file ? file.write : (line: string): Promise<void> => terminal.out(line);
  try {
    if (!options.salvage) {
      const ledger = await chooseLedger(state);
      try {
        for await (const line of ledger.export()) await write(line);
      } finally {
        await ledger.close();
      }
      return EXIT.pass;
    }
    const { salvage } = await import("../../ledger/salvage.ts");
    const { rows, unreadable, lost } = await salvage(ledgerFolder(state), write);
    const gone = lost.length > 0 ? `; tables that are gone: ${lost.join(", ")}` : "";
    terminal.err(`sixray: ${rows} rows were read, ${unreadable} could not be${gone}\n`);
    return unreadable > 0 || lost.length > 0 ? EXIT.incomplete : EXIT.pass;
  } finally {
    await file?.close();
  }
}

export async function ledgerImportCommand(
  files: readonly string[],
  options: { readonly state?: string | undefined },
  terminal: Terminal,
): Promise<number> {
  const ledger = await chooseLedger(options.state, { create: true });
  try {
    for (const file of files) {
      const told = await ledger.import(linesOf(file)).catch((error: unknown) => {
        throw error instanceof ScanError
          ? error.within(file)
          : new ScanError("usage", errorLine(error), { at: [file] });
      });
      const { added, there, orphans } = told;
      const left = orphans > 0 ? `, ${orphans} left out: what they belong to is in neither` : "";
      terminal.err(`sixray: ${escapeText(file)}: ${added} rows added, ${there} were there${left}\n`);
    }
    return EXIT.pass;
  } finally {
    await ledger.close();
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

async function writerTo(
  path: string,
): Promise<{ write(line: string): Promise<void>; close(): Promise<void> }> {
  const stream = createWriteStream(path);
  let failure: unknown;
  stream.on("error", (error) => {
    failure ??= error;
  });
  const done = async (event: "open" | "drain" | "finish"): Promise<void> => {
    try {
      if (failure === undefined) await once(stream, event);
    } catch (error) {
      failure ??= error;
    }
    if (failure !== undefined) throw new ScanError("usage", `cannot write ${path}: ${errorLine(failure)}`);
  };
  await done("open");
  return {
    async write(line) {
      if (!stream.write(line)) await done("drain");
    },
    async close() {
      stream.end();
      await done("finish");
    },
  };
}
