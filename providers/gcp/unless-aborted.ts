/**
 * What comes of a request, or the abort, whichever is first: Google's libraries go on asking for a minute and cannot be
 * told to stop. Only for what makes nothing: nobody learns what came of it.
 */
export async function unlessAborted<T>(signal: AbortSignal | undefined, use: () => Promise<T>): Promise<T> {
  if (!signal) return use();
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([use(), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
