/**
 * Where something lies, outermost first: `image > qcow2 > gpt#1 > ext4 > /etc/sysctl.conf`. A line number,
 * where there is one, is kept beside it.
 */
export interface Evidence {
  readonly locator: string;
  /** 1-based line in the file, absent when the whole file or its absence is the evidence. */
  readonly line?: number;
  /** The line's text, untouched (escaped only on output). */
  readonly text?: string;
}
