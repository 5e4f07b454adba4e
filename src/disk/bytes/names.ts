const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const PATTERN = /[\udc80-\udcff]/;

/**
 * A file name as text. Names are bytes on Unix file systems: what is not UTF-8 keeps each bad byte as the
 * lone surrogate U+DC80..U+DCFF (the "surrogateescape" of Python's PEP 383), so two names never collide.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
    return text;
  }
}

/** The bytes of a name that {@link decodeName} gave. */
export function encodeName(name: string): Uint8Array {
  if (!PATTERN.test(name)) return new TextEncoder().encode(name);
  return Uint8Array.from(name, (c) => c.charCodeAt(0) & 0xff);
}

/** Orders names by their bytes, as strcmp does. */
export function compareNames(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(encodeName(a), encodeName(b));
}

/**
 * A name that an image holds, fit for an error message: quoted, cut at 200 characters, and with everything
 * that could steer a terminal or turn text around written as an escape.
 */
export function quoteName(name: string): string {
  const cut = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
