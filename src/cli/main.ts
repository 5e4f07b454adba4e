import { Command } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import type { ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";
import { COMMANDS } from "./commands/index.ts";
import { EXIT } from "./exit.ts";
import type { Shell } from "./shell.ts";
import type { Terminal } from "./terminal.ts";
import { VERSION } from "./version.ts";

/** Runs one command line; resolves to the exit code. Rejects for aborts and bugs. */
export async function main(
  argv: readonly string[],
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  let code: number = EXIT.pass;
  const program = new Command("sixray")
    .description("X-ray for cloud base images: will a machine booted from this image speak IPv6?")
    .version(VERSION, "-V, --version")
    .configureOutput({
      writeOut: (text) => void terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHasColors: () => terminal.color,
    })
    .option("--max-spool <size>", "most that a compressed image may unpack to (default: 64G)")
    .option("--download", "fetch remote images whole: for servers without ranges")
    .option("--digest <sha256>", "what the image should have: sha256:… or sha512:…")
    .option("--verify-digest", "fetch remote images whole and check their digest")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(--help shows what there is)")
    .exitOverride();
  const shell: Shell = {
    program,
    terminal,
    providers,
    source: () => program.opts(),
    exit: (value) => {
      code = value;
    },
  };
  try {
    for (const load of commandsOf(argv)) (await load()).define(shell);
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
    if (error instanceof ScanError) {
      const { escapeText } = await import("../report/escape.ts");
      terminal.err(`sixray: ${escapeText(error.line)}\n`);
      return error.code === "usage" ? EXIT.usage : EXIT.incomplete;
    }
    throw error;
  }
}

/** The command that is called, or all of them where help or a suggestion may be wanted. */
function commandsOf([first = ""]: readonly string[]): readonly (() => Promise<{
  define(shell: Shell): void;
}>)[] {
  const called = COMMANDS.get(first);
  return called ? [called] : [...COMMANDS.values()];
}
