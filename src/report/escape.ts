/**
 * Everything that does not print, reorders text or hides in it: controls (ESC among them), format characters
 * (bidi overrides, zero-width), lone surrogates, private and unassigned code points, separators other than
 * the plain space, and what is ignored by default (Unicode 16, UAX #44 general categories and DerivedCoreProperties).
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/**
 * Text from an image, safe on a terminal: what is hidden becomes `\x1b`, `\u202e` or `\u{e0041}`. A byte that is
 * not UTF-8 (kept by the readers as U+DC80..U+DCFF) becomes `\xe9`.
 */
export function escapeText(text: string): string {
  return text.replace(HIDDEN, (found) => {
    const code = found.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${hex(code, 2)}`;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code & 0xff, 2)}`;
    return code > 0xffff ? `\\u{${hex(code, 4)}}` : `\\u${hex(code, 4)}`;
  });
}

/** What JSON allows in the raw and a terminal may obey: DEL, C1 controls, format characters, line separators. */
const UNSAFE_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Serialised JSON with the same meaning and nothing in it that a terminal obeys. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${hex(found.charCodeAt(i), 4)}`).join(""),
  );
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
