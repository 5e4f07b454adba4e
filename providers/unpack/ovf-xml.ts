/** The text without comments and CDATA: what is in them is no element. One without an end takes the rest with it. */
export function elementsOnly(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const opening = /<!--|<!\[CDATA\[/g; ; ) {
    opening.lastIndex = at;
    const start = opening.exec(text);
    parts.push(text.slice(at, start?.index));
    if (!start) return parts.join("");
    const closing = start[0] === "<!--" ? "-->" : "]]>";
    const end = text.indexOf(closing, opening.lastIndex);
    if (end < 0) return parts.join("");
    at = end + closing.length;
  }
}

/** What stands in each start tag of this name, whatever its namespace is called. */
export function tags(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<(?:[\\w-]+:)?${name}(?=[\\s/>])([^<>]*)>`, "g"))].map(
    (match) => match[1] ?? "",
  );
}

/** What lies in each element of this name; they do not nest. */
export function elements(text: string, name: string): readonly string[] {
  const end = new RegExp(`</(?:[\\w-]+:)?${name}\\s*>`);
  return text
    .split(new RegExp(`<(?:[\\w-]+:)?${name}(?=[\\s>])[^<>]*>`))
    .slice(1)
    .map((piece) => piece.slice(0, end.exec(piece)?.index));
}

/** The text of the first element of this name; empty when there is none. */
export function textOf(text: string, name: string): string {
  const [found = ""] = elements(text, name);
  return unescapeXml(found.slice(0, found.includes("<") ? found.indexOf("<") : undefined)).trim();
}

export function attribute(tag: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)(?:[\\w-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return unescapeXml(value?.[1] ?? value?.[2] ?? "");
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
