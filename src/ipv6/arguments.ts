/** One word of a kernel command line. */
export interface Argument {
  readonly name: string;
  /** Undefined when there is no `=`. */
  readonly value: string | undefined;
}

/**
 * Splits a command line as the kernel does: white space separates, double quotes hold together and vanish at
 * the ends of a value or of a whole word. Everything from a bare `--` on is for init. Source: lib/cmdline.c,
 * next_arg; kernel/params.c, parse_args.
 */
export function kernelArguments(cmdline: string): readonly Argument[] {
  if (last?.cmdline === cmdline) return last.words;
  const all = splitArguments(cmdline);
  const end = all.findIndex(({ name, value }) => name === "--" && value === undefined);
  const words = end < 0 ? all : all.slice(0, end);
  last = { cmdline, words };
  return words;
}

/** A machine has one command line, and everybody asks for its words. */
let last: { readonly cmdline: string; readonly words: readonly Argument[] } | undefined;

/** The same without the stop at `--`: kmod reads /proc/cmdline to its end. */
export function splitArguments(cmdline: string): readonly Argument[] {
  const found: Argument[] = [];
  let at = 0;
  const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);
  while (at < cmdline.length) {
    while (isSpace(cmdline[at])) at++;
    if (at >= cmdline.length) break;
    const quoted = cmdline[at] === '"';
    if (quoted) at++;
    let inQuote = quoted;
    const start = at;
    while (at < cmdline.length && (inQuote || !isSpace(cmdline[at]))) {
      if (cmdline[at] === '"') inQuote = !inQuote;
      at++;
    }
    found.push(toArgument(cmdline.slice(start, at), quoted));
  }
  return found;
}

function toArgument(word: string, quoted: boolean): Argument {
  const equals = word.indexOf("=");
  if (equals <= 0) return { name: quoted ? word.replace(/"$/, "") : word, value: undefined };
  let value = word.slice(equals + 1);
  if (value.startsWith('"')) value = value.slice(1).replace(/"$/, "");
  if (quoted) value = value.replace(/"$/, "");
  return { name: word.slice(0, equals), value };
}

/** `-` and `_` are the same in parameter names. Source: kernel/params.c, parameq. */
export function isParameter({ name }: Argument, wanted: string): boolean {
  return name.replaceAll("-", "_") === wanted.replaceAll("-", "_");
}
