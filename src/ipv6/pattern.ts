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

/** Where the pattern goes on when the element at `at` matches `character`. */
function matchOne(pattern: string, at: number, character: string): number | undefined {
  const element = pattern[at];
  if (element === "?") return at + 1;
  if (element === "\\" && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : undefined;
  if (element === "[") {
    const end = pattern.indexOf("]", pattern[at + 1] === "!" || pattern[at + 1] === "^" ? at + 3 : at + 2);
    if (end > 0) return inSet(pattern.slice(at + 1, end), character) ? end + 1 : undefined;
  }
  return element === character ? at + 1 : undefined;
}

function inSet(set: string, character: string): boolean {
  const negated = set.startsWith("!") || set.startsWith("^");
  const members = negated ? set.slice(1) : set;
  let found = false;
  for (let at = 0; at < members.length; at++) {
    const from = members[at] ?? "";
    const to = members[at + 1] === "-" && at + 2 < members.length ? (members[at + 2] ?? "") : from;
    if (to !== from) at += 2;
    if (from <= character && character <= to) found = true;
  }
  return found !== negated;
}
