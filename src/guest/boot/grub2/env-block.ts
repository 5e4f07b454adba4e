/** GRUB's environment block, `grubenv`. Source: GRUB manual, "The GRUB environment block". */
import type { TextFile } from "../files.ts";

const SIGNATURE = "# GRUB Environment Block\n";
const VARIABLES_MAX = 1000;

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

/** The variables in order, or undefined when it is no environment block (GRUB then loads nothing). */
export function parseEnvBlock(file: TextFile): readonly EnvVariable[] | undefined {
  const { text } = file;
  if (!text.startsWith(SIGNATURE)) return undefined;
  const variables: EnvVariable[] = [];
  let line = 2;
  let at = SIGNATURE.length;
  while (at < text.length && variables.length < VARIABLES_MAX) {
    const begin = at;
    // A backslash takes the next character, even a line break, into the value.
    while (at < text.length && text[at] !== "\n") at += text[at] === "\\" ? 2 : 1;
    const record = text.slice(begin, at);
    const equals = record.indexOf("=");
    if (!record.startsWith("#") && equals > 0)
      variables.push({
        name: record.slice(0, equals),
        value: record.slice(equals + 1).replace(/\\([\s\S])/g, "$1"),
        line,
      });
    line += record.split("\n").length;
    at++;
  }
  return variables;
}
