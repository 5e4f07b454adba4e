/**
 * The one error class of the house. `code` decides what happens next:
 * - `usage`: the caller asked for something impossible (exit 2)
 * - `access`, `transient`: the image could not be reached; `transient` may be retried
 * - `unsupported`, `corrupt`, `limit`: what was read could not be understood; the observation is
 *   `unreadable` and the verdict can then never be a pass
 */
export type ScanErrorCode = "usage" | "access" | "transient" | "unsupported" | "corrupt" | "limit";

export interface ScanErrorOptions {
  /** Where, outermost first: `["./x.qcow2", "qcow2", "gpt#1", "ext4", "inode 12", "offset 4096"]`. */
  readonly at?: readonly string[];
  readonly cause?: unknown;
  /** An option, or another machine, may well make it readable: nothing that holds of the image itself. */
  readonly again?: true;
}

export class ScanError extends Error {
  override readonly name = "ScanError";
  readonly code: ScanErrorCode;
  readonly at: readonly string[];
  readonly again: boolean;

  constructor(code: ScanErrorCode, message: string, options: ScanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.at = options.at ?? [];
    this.again = options.again ?? false;
  }

  /** One line for people: `corrupt: bad magic (x.qcow2 > gpt#1 > ext4 > offset 1080)`. */
  get line(): string {
    return this.at.length === 0
      ? `${this.code}: ${this.message}`
      : `${this.code}: ${this.message} (${this.at.join(" > ")})`;
  }

  /** The same error seen from one layer further out. */
  within(...outer: readonly string[]): ScanError {
    return new ScanError(this.code, this.message, {
      at: [...outer, ...this.at],
      cause: this,
      ...(this.again ? { again: true } : {}),
    });
  }
}

/** What was read contradicts its specification, at `offset` bytes of the layer named by `label`. */
export function corrupt(label: string, message: string, offset?: number): ScanError {
  return new ScanError("corrupt", message, { at: place(label, offset) });
}

/** What was read is valid, but this reader does not handle it. */
export function unsupported(label: string, message: string, offset?: number): ScanError {
  return new ScanError("unsupported", message, { at: place(label, offset) });
}

/** A bound that keeps hostile input from costing time or memory was reached. */
export function limitReached(label: string, message: string, offset?: number): ScanError {
  return new ScanError("limit", message, { at: place(label, offset) });
}

/** What to do about bytes that are not what was published. */
export const COMPARE = "was the image downloaded whole? Compare its checksum with the publisher's";

function place(label: string, offset: number | undefined): string[] {
  return offset === undefined ? [label] : [label, `offset ${offset}`];
}

/** True for errors that mean "this thing could not be read", as opposed to a bug or an abort. */
export function isReadError(error: unknown): error is ScanError {
  return error instanceof ScanError && error.code !== "usage";
}

/** The one-line form of any thrown value. */
export function errorLine(error: unknown): string {
  if (error instanceof ScanError) return error.line;
  return error instanceof Error ? error.message : String(error);
}

/**
 * The error to throw when an optional package could not be loaded: what to install, when that is what is wrong.
 * `needs`: "AWS targets need the AWS SDK".
 */
export function notInstalled(error: unknown, needs: string, packages: readonly string[]): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return error;
  const hint = "with Node.js 22 or later; under older ones npm leaves it out";
  const message = `${needs}, which is not installed: npm install ${packages.join(" ")} (${hint})`;
  return new ScanError("usage", message, { cause: error });
}
