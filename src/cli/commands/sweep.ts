import type { ProviderEntry } from "../../../providers/contract.ts";
import { nameOf } from "../../../providers/lease/record.ts";
import { type Swept, sweep } from "../../../providers/lease/sweep.ts";
import { ScanError } from "../../errors.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { loadProvider, parsePlaces } from "../places.ts";
import type { SourceOptions } from "../provider-context.ts";
import { isAlive, leasesFolder, stateFolder } from "../state.ts";
import type { Terminal } from "../terminal.ts";

export interface SweepCommandOptions extends SourceOptions {
  readonly state?: string | undefined;
  readonly dryRun: boolean;
  readonly olderThan: string;
  readonly json: boolean;
}

export async function sweepCommand(
  words: readonly string[],
  options: SweepCommandOptions,
  terminal: Terminal,
  providers: readonly ProviderEntry[],
): Promise<number> {
  const { account, dryRun, json, olderThan, state } = options;
  const swept = sweep({
    folder: leasesFolder(stateFolder(state)),
    removerOf: async (id) => (await loadProvider(id, providers)).remover?.(),
    isAlive,
    tagged: parsePlaces(words),
    account,
    olderThanMs: parseAge(olderThan),
    now: new Date(),
    dryRun,
    signal: terminal.signal,
  });
  let left = 0;
  let seen = 0;
  for await (const one of swept) {
    seen++;
    if (one.outcome === "failed") left++;
    await terminal.out(json ? `${JSON.stringify(plain(one))}\n` : shown(one));
  }
  if (seen === 0 && !json) await terminal.out("nothing to sweep\n");
  return left > 0 ? EXIT.incomplete : EXIT.pass;
}

function shown({ record, outcome, reason }: Swept): string {
  const what = `${record.provider} ${nameOf(record)}`;
  return `${outcome}: ${escapeText(what)}${reason === undefined ? "" : ` (${escapeText(reason)})`}\n`;
}

function plain({ record, outcome, reason }: Swept): object {
  return { ...record, outcome, reason };
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseAge(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(ms))
    throw new ScanError("usage", "--older-than takes a time such as 90m, 24h, 7d");
  return ms;
}
