/** Not allowed in XML 1.0 in any form (section 2.2): one of it, and no reader takes the document. */
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** An element of XML. Text and attributes are escaped here, so that none of its users can forget it. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children: readonly string[] | string = [],
): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(String(value))}"`],
  );
  const start = `<${name}${given.join("")}`;
  if (typeof children === "string") return `${start}>${escapeXml(children)}</${name}>`;
  if (children.length === 0) return `${start}/>`;
  return `${start}>\n${children.join("\n")}\n</${name}>`;
}

/** Character data or the value of an attribute in double quotes. Takes text in which nothing is hidden any more. */
export function escapeXml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;")
    .replace(/\n/g, "&#10;")
    .replace(FORBIDDEN, "\ufffd");
}
