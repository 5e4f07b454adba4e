/** Laying out text in terminal columns. Everything here takes text that is already escaped and has no colours. */

/** Two columns wide: East Asian Wide and Fullwidth (UAX #11), and what is shown as an emoji. */
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const COMBINING = /[\p{Mn}\p{Me}]/u;
const ASCII = /^[\x20-\x7e]*$/;

export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const point of text) width += pointWidth(point);
  return width;
}

function pointWidth(point: string): number {
  if (WIDE.test(point)) return 2;
  return COMBINING.test(point) ? 0 : 1;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** The longest head of `text` that fits. */
function head(text: string, width: number): string {
  let used = 0;
  let end = 0;
  for (const point of text) {
    used += pointWidth(point);
    if (used > width) break;
    end += point.length;
  }
  return text.slice(0, end);
}

/** The longest tail of `text` that fits. */
function tail(text: string, width: number): string {
  const points = Array.from(text);
  let used = 0;
  let start = points.length;
  while (start > 0) {
    used += pointWidth(points[start - 1] ?? "");
    if (used > width) break;
    start--;
  }
  return points.slice(start).join("");
}

export function truncateEnd(text: string, width: number): string {
  return displayWidth(text) <= width ? text : `${head(text, width - 1)}…`;
}

/** Keeps both ends, the end a little longer: paths and image names differ there. */
export function truncateMiddle(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const front = Math.floor((width - 1) * 0.4);
  return `${head(text, front)}…${tail(text, width - 1 - front)}`;
}

/** Keeps `width` columns around the first match of `focus`, or the head when nothing matches. */
export function truncateAround(text: string, width: number, focus: RegExp): string {
  if (displayWidth(text) <= width) return text;
  const at = text.search(focus);
  if (at < 0) return truncateEnd(text, width);
  const lead = tail(text.slice(0, at), Math.floor(width / 4));
  const rest = text.slice(at - lead.length);
  if (at - lead.length === 0) return truncateEnd(text, width);
  if (displayWidth(rest) < width) return `…${tail(text, width - 1)}`;
  return `…${truncateEnd(rest, width - 1)}`;
}

/** Breaks at spaces so that each line fits; a word that is too long is cut. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of text.split(" ").filter((part) => part !== "")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    for (;;) {
      const piece = head(word, width);
      if (piece === "" || piece.length === word.length) break;
      lines.push(piece);
      word = word.slice(piece.length);
    }
    line = word;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}
