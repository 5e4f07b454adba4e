import { Command } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import type { ProviderEntry } from "../../providers/contract.ts";
import type { LeaseBook } from "../../providers/lease/book.ts";
import { ScanError } from "../errors.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT } from "./exit.ts";
import type { Shell } from "./shell.ts";
import { addSourceOptions } from "./source-options.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Runs one command line; resolves to the exit code. Rejects for aborts and bugs. */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  let code: number = EXIT.pass;
  const help: Promise<void>[] = [];
  const program = new Command("sixray")
    .description("X-ray for cloud base images: will a machine booted from this image speak IPv6?")
    .version(VERSION, "-V, --version")
    .configureOutput({
      writeOut: (text) => void help.push(terminal.out(text)),
      writeErr: (text) => terminal.err(text),
      getOutHasColors: () => terminal.color,
    })
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  const source = addSourceOptions(program);
  let leases: LeaseBook | undefined;
  program.hook("preAction", async () => {
    const { allowCreate, state } = source();
    if (allowCreate) leases = (await import("./leases.ts")).openBook(state);
  });
  const shell: Shell = {
    program,
    terminal,
    providers,
    source: () => ({ ...source(), leases }),
    exit: (value) => {
      code = value;
    },
  };
  try {
    for (const load of commandsOf(argv)) (await load()).define(shell);
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    const [unwritten] = await Promise.allSettled(help);
    code = await codeOf(unwritten?.status === "rejected" ? unwritten.reason : error, terminal);
  } finally {
    if (leases && !(await (await import("./leases.ts")).closeBook(leases, terminal)))
      code = Math.max(code, EXIT.incomplete);
  }
  return code;
}

/** Tells of an error that is the user's or the input's. Others are thrown on. */
async function codeOf(error: unknown, terminal: Terminal): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  if (!(error instanceof ScanError)) throw error;
  const { escapeText } = await import("../report/escape.ts");
  terminal.err(`sixray: ${escapeText(error.line)}\n`);
  return error.code === "usage" ? EXIT.usage : EXIT.incomplete;
}

/** The command that is called, none for the version, or all of them where help or a suggestion may be wanted. */
function commandsOf([first = ""]: readonly string[]): readonly (() => Promise<{
  define(shell: Shell): void;
}>)[] {
  if (first === "--version" || first === "-V") return [];
  const called = COMMANDS.get(first);
  return called ? [called] : [...COMMANDS.values()];
}
