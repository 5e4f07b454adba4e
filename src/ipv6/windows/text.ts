/** What a script or an answer file says when it has to do with IPv6. */
const ABOUT_IPV6 = /disabledcomponents|tcpip6|ipv6|netadapterbinding|teredo|isatap|6to4|routerdiscovery/i;
const LINES_MAX = 5;
const BEFORE = 100;
const SHOWN_MAX = 500;
/** `powershell -EncodedCommand …` and its shorter forms: UTF-16 in Base64. */
const ENCODED = /[-/]e(?:c|nc?\w*)?\s+["']?([A-Za-z0-9+/=]{16,})/gi;

export interface Line {
  readonly line: number;
  readonly text: string;
}

/** The first lines about IPv6; of a long one, the part that matters. */
export function linesAbout(text: string): readonly Line[] {
  const found: Line[] = [];
  for (const [index, one] of text.split(/\r?\n/).entries()) {
    const shown = aboutIpv6(one);
    if (shown === undefined) continue;
    found.push({ line: index + 1, text: shown });
    if (found.length === LINES_MAX) break;
  }
  return found;
}

/** What of a command has to do with IPv6; undefined when nothing has. */
export function aboutIpv6(text: string): string | undefined {
  const at = text.search(ABOUT_IPV6);
  if (at >= 0) {
    const from = text.length > SHOWN_MAX ? Math.max(0, at - BEFORE) : 0;
    return text.slice(from, from + SHOWN_MAX);
  }
  for (const inner of encodedIn(text)) {
    const inside = aboutIpv6(inner);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

function encodedIn(text: string): readonly string[] {
  return [...text.matchAll(ENCODED)].map(([, code = ""]) => Buffer.from(code, "base64").toString("utf16le"));
}

/** Windows' own files are often UTF-16; a policy's settings stand in brackets without lines. Source: MS-GPREG 2.2.1. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (Buffer.from(bytes.subarray(0, 4)).toString("latin1") === "PReg")
    return new TextDecoder("utf-16le")
      .decode(bytes.subarray(8))
      .replaceAll("\0", "")
      .replaceAll("][", "]\n[");
  // With its mark or without: of ASCII every other byte is zero.
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0))
    return new TextDecoder("utf-16le").decode(bytes);
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0))
    return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}
