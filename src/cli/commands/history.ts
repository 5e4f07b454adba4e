import { ScanError } from "../../errors.ts";
import type { Version } from "../../ledger/ledger.ts";
import { escapeText } from "../../report/escape.ts";
import { EXIT } from "../exit.ts";
import { chooseLedger } from "../ledger.ts";
import type { Terminal } from "../terminal.ts";

export interface LedgerReadOptions {
  readonly state?: string | undefined;
  readonly limit: string;
  readonly json: boolean;
}

const LIMIT_MAX = 100_000;

export async function historyCommand(
  family: string | undefined,
  options: LedgerReadOptions,
  terminal: Terminal,
): Promise<number> {
  const limit = parseLimit(options.limit);
  const ledger = await chooseLedger(options.state);
  try {
    if (family === undefined) {
      const families = await ledger.families();
      const line = (one: (typeof families)[number]): string =>
        options.json ? JSON.stringify(one) : `${one.versions}\t${one.provider}\t${escapeText(one.family)}`;
      await terminal.out(families.map((one) => `${line(one)}\n`).join(""));
      return EXIT.pass;
    }
    const versions = await ledger.history(family, limit);
    if (versions.length === 0)
      throw new ScanError(
        "usage",
        `no version of ${family} in ${ledger.where}: "sixray history" lists the families`,
      );
    await terminal.out(versions.map((one) => `${options.json ? asJson(one) : asLine(one)}\n`).join(""));
    return EXIT.pass;
  } finally {
    await ledger.close();
  }
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new ScanError("usage", `--limit takes a whole number from 1 to ${LIMIT_MAX}`);
  return limit;
}

function asLine({ image, firstSeen, scan }: Version): string {
  const day = image.date ?? firstSeen.toISOString().slice(0, 10);
  const told = scan ? `${scan.verdict.padEnd(10)} IPv6 ${(scan.state || "?").padEnd(8)}` : "not scanned";
  return `${day}  ${told} ${escapeText(image.id)}${scan ? `: ${escapeText(scan.reason)}` : ""}`;
}

function asJson({ image, firstSeen, scan }: Version): string {
  return JSON.stringify({ ...image, firstSeen, scan });
}
