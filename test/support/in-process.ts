import type { ProviderEntry } from "../../providers/contract.ts";
import { PROVIDERS } from "../../providers/index.ts";
import { main } from "../../src/cli/main.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface InProcess {
  /** All of sixray's own, unless others are given. */
  readonly providers?: readonly ProviderEntry[];
  readonly signal?: AbortSignal;
  readonly columns?: number;
}

/** Runs `sixray` in this process, so that a server in it can answer, and its providers can be the test's. */
export async function sixrayHere(
  args: readonly string[],
  { providers = PROVIDERS, signal = new AbortController().signal, columns = 100 }: InProcess = {},
): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: async (chunk) => void out.push(Buffer.from(chunk).toString()),
    err: (text) => void err.push(text),
    outIsTty: false,
    errIsTty: false,
    color: false,
    columns,
    signal,
  };
  const code = await main(args, terminal, providers);
  return { code, out: out.join(""), err: err.join("") };
}
