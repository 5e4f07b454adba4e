import { ScanError } from "../errors.ts";

const BYTES_MAX = 4 << 20;
const ROOTS_MAX = 16;

/**
 * Trusted roots as tools write them: one in JSON (`trusted_root.json`, `cosign trusted-root create`), or one a line
 * (`gh attestation trusted-root`). Throws `usage`.
 */
export function readRoots(bytes: Uint8Array, label: string): readonly unknown[] {
  if (bytes.length > BYTES_MAX) throw new ScanError("usage", `${label} is too large for a trusted root`);
  const text = new TextDecoder().decode(bytes);
  const whole = parse(text);
  const roots =
    whole === undefined
      ? text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [parse(line)]))
      : [whole];
  if (roots.length === 0 || roots.length > ROOTS_MAX || !roots.every(isRoot))
    throw new ScanError("usage", `${label} is no trusted root of Sigstore (trusted_root.json)`);
  return roots;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRoot(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return ["tlogs", "certificateAuthorities"].every((key) =>
    Array.isArray(Object.entries(value).find(([name]) => name === key)?.[1]),
  );
}
