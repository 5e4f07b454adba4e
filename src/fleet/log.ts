import { load } from "../ledger/connect.ts";
import type { Scrub } from "./secrets.ts";

/** One JSON object a line, for machines: always an `event`, and `run` and `image` where it is about one. */
export interface Log {
  info(line: Line): void;
  warn(line: Line): void;
  error(line: Line): void;
}

type Line = { readonly event: string } & Readonly<Record<string, string | number | boolean | undefined>>;

/** Of pino, for the standard error of a worker. Every text goes through `scrub`. */
export async function pinoLog(scrub: Scrub, write: (text: string) => void, level: string): Promise<Log> {
  const { pino } = await load("pino", import("pino"), "a worker");
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "event",
    },
    { write },
  );
  const clean = (line: Line): object =>
    Object.fromEntries(
      Object.entries({ ...line, event: undefined }).map(([key, value]) => [
        key,
        typeof value === "string" ? scrub(value) : value,
      ]),
    );
  return {
    info: (line) => logger.info(clean(line), line.event),
    warn: (line) => logger.warn(clean(line), line.event),
    error: (line) => logger.error(clean(line), line.event),
  };
}

export const noLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
