/** What a command may touch of the process, so that tests can stand in for it. */
export interface Terminal {
  /** Resolves once the bytes are handed over; slow readers slow the writer. */
  out(chunk: string | Uint8Array): Promise<void>;
  err(text: string): void;
  readonly outIsTty: boolean;
  readonly errIsTty: boolean;
  readonly color: boolean;
  readonly columns: number;
  readonly signal: AbortSignal;
}

/** The real one. Colour on a TTY unless NO_COLOR is set (no-color.org); FORCE_COLOR asks for it elsewhere. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  const outIsTty = stdout.isTTY === true;
  return {
    out: (chunk) =>
      new Promise((resolve, reject) => {
        stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    err: (text) => void stderr.write(text),
    outIsTty,
    errIsTty: stderr.isTTY === true,
    color: env.NO_COLOR ? false : env.FORCE_COLOR ? env.FORCE_COLOR !== "0" : outIsTty,
    columns: (outIsTty ? stdout.columns : Number(env.COLUMNS)) || 100,
    signal,
  };
}
