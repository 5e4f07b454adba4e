/** Takes what may be a secret out of a text that is going to be printed. */
export type Scrub = (text: string) => string;

const NAMES = /(?:SECRET|TOKEN|PASSWORD|PASSWD|PGPASS|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|HEADERS)/i;
const GONE = "[secret]";
/** Shorter ones would take words out of every sentence. */
const LENGTH_MIN = 6;

/**
 * Knows the values of the environment's secrets (by their names, and what stands before the @ of its URLs), and takes
 * passwords and queries out of any URL: a signature stands there. Nothing of the worker logs these on purpose; this is
 * for messages of libraries and servers that quote what they were given.
 */
export function scrubberOf(env: Readonly<Record<string, string | undefined>>): Scrub {
  const values = new Set<string>();
  for (const [name, value = ""] of Object.entries(env)) {
    if (NAMES.test(name)) for (const part of [value, ...value.split(/[,;=\s]/)]) values.add(part);
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? URL.parse(value) : null;
    if (url) for (const part of [url.password, decoded(url.password)]) values.add(part);
  }
  const known = [...values]
    .filter((value) => value.length >= LENGTH_MIN)
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const value of known) clean = clean.replaceAll(value, GONE);
    return clean
      .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@?#]+@/gi, `$1${GONE}@`)
      .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]+)\?[^\s"'<>]+/gi, `$1?${GONE}`);
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
