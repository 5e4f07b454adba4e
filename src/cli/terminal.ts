import { fstatSync, statSync, writeSync } from "node:fs";
import { devNull } from "node:os";
import { isatty } from "node:tty";
import { ScanError } from "../errors.ts";
import { EXIT } from "./exit.ts";

/** What a command may touch of the process, so that tests can stand in for it. */
export interface Terminal {
  /** Resolves once the bytes are handed over; slow readers slow the writer. Rejects with `usage` where they do not fit. */
  out(chunk: string | Uint8Array): Promise<void>;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly color: boolean;
  readonly columns: number;
  readonly signal: AbortSignal;
}

/**
 * The real one. Colour on a TTY unless NO_COLOR is set (no-color.org); FORCE_COLOR asks for it elsewhere. Files and
 * pipes are written to without `process.stdout`, which loads all of Node's network code for a pipe.
 */
export function processTerminal(signal: AbortSignal): Terminal {
  const { env } = process;
  const outIsTty = isTty(1);
  return {
    out: (chunk) => (outIsTty ? toStream(chunk) : toDescriptor(chunk)),
    err: toStandardError,
    outIsTty,
    errIsTty: isTty(2),
    color: env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : outIsTty,
    columns: (outIsTty ? process.stdout.columns : Number(env.COLUMNS)) || 100,
    signal,
  };
}

function isTty(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    // isatty comes with all of Node's streams: not to be asked of what is known to be none.
    return stats.isCharacterDevice() && stats.rdev !== nullDevice() && isatty(descriptor);
  } catch {
    return false; // closed
  }
}

function nullDevice(): number | undefined {
  return statSync(devNull, { throwIfNoEntry: false })?.rdev;
}

let errorsTaken = false;

/** Whoever read this may be gone (a closed terminal, `2>&1 | head`): no reason to leave things in a cloud. */
function toStandardError(text: string): void {
  if (!errorsTaken) process.stderr.on("error", () => undefined);
  errorsTaken = true;
  process.stderr.write(text);
}

function toStream(chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // Also told as an event, which nobody else would take.
    process.stdout.once("error", (error) => reject(cannotWrite(error)));
    process.stdout.write(chunk, (error) => {
      if (error) return;
      process.stdout.removeAllListeners("error");
      resolve();
    });
  });
}

async function toDescriptor(chunk: string | Uint8Array): Promise<void> {
  const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      // A pipe that is full and does not block: the stream waits for it.
      if (codeOf(error) === "EAGAIN") return toStream(bytes.subarray(done));
      throw cannotWrite(error);
    }
  }
}

/** `sixray ls ... | head` closes the pipe early: nobody is left to tell, and nothing is judged to the end. */
function cannotWrite(error: unknown): ScanError {
  if (codeOf(error) === "EPIPE") process.exit(EXIT.brokenPipe);
  const why = error instanceof Error ? error.message : String(error);
  return new ScanError("usage", `cannot write to standard output: ${why}`, { cause: error });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
