/** The components of a path; empty ones and `.` mean nothing. `..` is the walker's business. */
export function splitPath(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** `/` is its own parent. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

export function isPattern(component: string): boolean {
  return /[*?]/.test(component);
}

/**
 * Matches one component against `*` and `?`. A leading dot is only matched by a dot, as in a shell. Runs in
 * time proportional to name times pattern: no regular expression that a crafted name could slow down.
 */
export function globMatcher(pattern: string, caseSensitive: boolean): (name: string) => boolean {
  const fold = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  const wanted = fold(pattern);
  return (name) => (!name.startsWith(".") || pattern.startsWith(".")) && matches(wanted, fold(name));
}

function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
