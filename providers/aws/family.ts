/** Product ids that Marketplace appends to names. */
const UUID = /[-_ ]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const DAY =
  /(?:^|(?<=[-_ ./v]))20\d{2}([-.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:T?\d{4,6}Z?)?(?!\d)/;
/** What words are divided by; `x86_64` is one. */
const DIVIDER = /(?:[- ]|(?<!x86)_|_(?!64))+/g;

/**
 * The line of images that a name belongs to: the name without dates, builds and full versions. What is left of a
 * version is its first number, `22.04`, `6.1` and the like stay: they tell one line from the next.
 */
export function familyOf(name: string): string {
  const words = name.replaceAll(UUID, "").replace(DAY, "\0");
  const separators = words.match(DIVIDER) ?? [];
  let dated = false;
  const kept: string[] = [];
  for (const [at, word] of words.split(DIVIDER).entries()) {
    const left = strip(word, dated);
    dated ||= word.includes("\0");
    if (left === "") continue;
    if (kept.length > 0) kept.push(separators[at - 1] ?? "-");
    kept.push(left);
  }
  return kept.join("").replaceAll(/\/+$/g, "") || name;
}

/** One word of a name; empty for one that only tells versions of a line apart. */
function strip(word: string, dated: boolean): string {
  // Rocky: 20240523.0.x86_64; what follows the date is kept when it is a word.
  if (word.includes("\0")) return /\0(?:\.\d+)*\.?([a-z]\w*)?$/i.exec(word)?.[1] ?? "";
  if (dated && /^\d{1,4}$/.test(word)) return "";
  if (/^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$/.test(word)) return "";
  const [, prefix = "", first = ""] = /^(.*?v?)(\d+)(?:\.\d+){2,}$/.exec(word) ?? [];
  if (first === "") return word;
  return Number(first) >= 1900 ? prefix.replace(/v$/, "") : `${prefix}${first}`;
}
