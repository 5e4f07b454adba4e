import type { Command } from "@commander-js/extra-typings";
import type { ProviderEntry } from "../../providers/contract.ts";
import type { SourceOptions } from "./provider-context.ts";
import type { Terminal } from "./terminal.ts";

/** What the definition of a command gets to hang itself into the program. */
export interface Shell {
  readonly program: Pick<Command, "command">;
  readonly terminal: Terminal;
  readonly providers: readonly ProviderEntry[];
  /** What the whole program's options say of how images are reached. */
  source(): SourceOptions & { readonly state?: string | undefined };
  /** The exit code of the run, unless the command throws. */
  exit(code: number): void;
}

export const EXIT_CODES = `
Exit codes:
  0  all pass          2  usage or configuration
  1  something flagged 3  incomplete: something could not be read or judged`;

export const FORMATS_HELP =
  "text, json, ndjson, sarif, junit, markdown, csv, xlsx, html, pdf, oscal, intoto; several with --output-dir: a,b";

export const TARGETS =
  "image file, archive, container image, quoted glob, URL, or folder that holds a root file system";
