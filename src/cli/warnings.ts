import { escapeText } from "../report/escape.ts";
import type { Terminal } from "./terminal.ts";

/** Google's library warns that it asked for Google's machines and got an odd answer; sixray says what follows from it. */
const TOLD_BY_US = new Set(["MetadataLookupWarning"]);

/** Warnings of libraries: one line each, in place of Node.js's two, whose hint is not for who runs sixray. */
export function tellWarnings(process: NodeJS.EventEmitter, terminal: Pick<Terminal, "err">): void {
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }: Error) => {
    if (!TOLD_BY_US.has(name)) terminal.err(`sixray: ${escapeText(`${name}: ${message}`)}\n`);
  });
}
