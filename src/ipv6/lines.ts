import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";

export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

const NEWLINE = /\n/;

/** A file's text as lines. A byte order mark stays: programs that do not expect one trip over it. */
export function linesOf(bytes: Uint8Array, ending: RegExp = NEWLINE): readonly Line[] {
  const known = split.get(bytes);
  if (known?.ending === ending.source) return known.lines;
  const text = UTF8.decode(bytes);
  const lines = text
    .split(ending === NEWLINE ? "\n" : ending)
    .map((line, index) => ({ number: index + 1, text: line }));
  split.set(bytes, { ending: ending.source, lines });
  return lines;
}

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Every layer looks at the same files again and again. */
const split = new WeakMap<Uint8Array, { readonly ending: string; readonly lines: readonly Line[] }>();

export function lineEvidence(locator: string, line: Line): Evidence {
  return { locator, line: line.number, text: line.text };
}

/** A line of a file, or for one that was generated at boot, what it came from. */
export function evidenceIn(
  file: { readonly locator: string; readonly origin?: Evidence },
  line?: Line,
): Evidence {
  return file.origin ?? (line ? lineEvidence(file.locator, line) : { locator: file.locator });
}

export type TextFile =
  | {
      readonly state: "found";
      readonly locator: string;
      readonly lines: readonly Line[];
      readonly truncated: boolean;
      /** As in `ObservedFile`. */
      readonly origin?: Evidence;
    }
  | { readonly state: "absent"; readonly locator: string }
  | { readonly state: "unreadable"; readonly locator: string; readonly reason: string };

/** The file at `path` as lines. */
export function textFile(observations: Observations, path: string, ending?: RegExp): TextFile {
  const file = observations.file(path);
  if (file.state !== "found") return file;
  const { bytes, truncated, origin } = file.value;
  const lines = linesOf(bytes, ending);
  return { state: "found", locator: file.locator, lines, truncated, ...(origin ? { origin } : {}) };
}

/** Cuts the white space that C programs know: `trim` would also take a byte order mark and exotic spaces. */
export function trimAscii(text: string): string {
  let from = 0;
  let to = text.length;
  // A regular expression would try every run of blanks for the last one.
  while (from < to && BLANKS.includes(text.charAt(from))) from++;
  while (from < to && BLANKS.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

const BLANKS = " \t\n\r";
