import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";

export interface Line {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
}

/** A file's text as lines. A byte order mark stays: programs that do not expect one trip over it. */
export function linesOf(bytes: Uint8Array, ending: RegExp = /\n/): readonly Line[] {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return text.split(ending).map((line, index) => ({ number: index + 1, text: line }));
}

export function lineEvidence(locator: string, line: Line): Evidence {
  return { locator, line: line.number, text: line.text };
}

export type TextFile =
  | {
      readonly state: "found";
      readonly locator: string;
      readonly lines: readonly Line[];
      readonly truncated: boolean;
    }
  | { readonly state: "absent"; readonly locator: string }
  | { readonly state: "unreadable"; readonly locator: string; readonly reason: string };

/** The file at `path` as lines. */
export function textFile(observations: Observations, path: string, ending?: RegExp): TextFile {
  const file = observations.file(path);
  if (file.state !== "found") return file;
  const { bytes, truncated } = file.value;
  return { state: "found", locator: file.locator, lines: linesOf(bytes, ending), truncated };
}
