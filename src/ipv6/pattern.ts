/**
 * Shell patterns as fnmatch(3) and glob(3) match one path component: `*`, `?`, `[...]`. Linear in the name for
 * each `*`; a pattern from an image cannot make it slow.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    const step = p < pattern.length ? matchOne(pattern, p, name[n] ?? "") : undefined;
    if (pattern[p] === "*") {
      star = ++p;
      resume = n;
    } else if (step !== undefined) {
      p = step;
      n++;
    } else if (star >= 0) {
      p = star;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

export function isPattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/** Alternatives that one pattern may have; with more it gives none, so that nothing from an image grows without bound. */
const BRACES_MAX = 16;

/** `{a,b}` as glob(3) with GLOB_BRACE takes it: every combination, `{}` and unclosed ones as they stand. */
export function expandBraces(pattern: string): readonly string[] {
  const done: string[] = [];
  const pending = [pattern];
  while (pending.length > 0) {
    if (done.length + pending.length > BRACES_MAX) return [];
    const next = pending.pop() ?? "";
    const alternatives = firstBraces(next);
    if (alternatives) pending.push(...alternatives);
    else done.push(next);
  }
  return done;
}

function firstBraces(pattern: string): readonly string[] | undefined {
  for (let open = 0; open < pattern.length; open++) {
    if (pattern[open] === "\\") open++;
    else if (pattern[open] === "[") {
      const close = endOfSet(pattern, open);
      if (close > 0) open = close;
    } else if (pattern[open] === "{" && pattern[open + 1] !== "}") {
      const found = alternativesAt(pattern, open);
      if (!found) return undefined;
      return found.words.map((word) => `${pattern.slice(0, open)}${word}${pattern.slice(found.end + 1)}`);
    }
  }
  return undefined;
}

function alternativesAt(
  pattern: string,
  open: number,
): { readonly words: readonly string[]; readonly end: number } | undefined {
  const words: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = start; at < pattern.length; at++) {
    const one = pattern[at];
    if (one === "{") depth++;
    else if (one === "," && depth === 0) {
      words.push(pattern.slice(start, at));
      start = at + 1;
    } else if (one === "}" && depth-- === 0) {
      words.push(pattern.slice(start, at));
      return { words, end: at };
    }
  }
  return undefined;
}

/** Where the pattern goes on when the element at `at` matches `character`. */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const element = pattern[at];
  if (element === "?") return at + 1;
  if (element === "\\" && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : undefined;
  if (element === "[") {
    const end = endOfSet(pattern, at);
    if (end > 0) return inSet(pattern.slice(at + 1, end), character) ? end + 1 : undefined;
  }
  return element === character ? at + 1 : undefined;
}

/** Where the set that starts at `open` ends, or -1: a `]` right after `[`, `[!` or in `[:class:]` does not end it. */
function endOfSet(pattern: string, open: number): number {
  let at = open + 1;
  if (pattern[at] === "!" || pattern[at] === "^") at++;
  for (let first = true; at < pattern.length; first = false) {
    if (pattern[at] === "]" && !first) return at;
    const close = pattern[at] === "[" && pattern[at + 1] === ":" ? pattern.indexOf(":]", at + 2) : -1;
    if (close > 0) at = close + 2;
    else at += pattern[at] === "\\" && at + 1 < pattern.length ? 2 : 1;
  }
  return -1;
}

const CLASSES: Readonly<Record<string, RegExp>> = {
  alpha: /[a-zA-Z]/,
  digit: /[0-9]/,
  alnum: /[a-zA-Z0-9]/,
  lower: /[a-z]/,
  upper: /[A-Z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\v\f\r]/,
  blank: /[ \t]/,
  xdigit: /[0-9a-fA-F]/,
  print: /[ -~]/,
  graph: /[!-~]/,
  cntrl: /\p{Cc}/u,
};

function inSet(set: string, character: string): boolean {
  const negated = set.startsWith("!") || set.startsWith("^");
  let at = negated ? 1 : 0;
  let found = false;
  const member = (): string => {
    if (set[at] === "\\" && at + 1 < set.length) at++;
    return set[at++] ?? "";
  };
  while (at < set.length) {
    const named = /^\[:([a-z]+):\]/.exec(set.slice(at));
    if (named) {
      at += named[0].length;
      if (CLASSES[named[1] ?? ""]?.test(character)) found = true;
      continue;
    }
    const from = member();
    let to = from;
    if (set[at] === "-" && at + 1 < set.length) {
      at++;
      to = member();
    }
    if (from <= character && character <= to) found = true;
  }
  return found !== negated;
}
