import { createHash } from "node:crypto";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { corrupt, type ScanError } from "../../src/errors.ts";
import { pieces } from "./decompress.ts";

/** What the bytes of a file have to add up to. */
export interface Digest {
  readonly algorithm: "sha256" | "sha512";
  /** Lower case. */
  readonly hex: string;
}

/** Reads all of a file and compares. @throws corrupt */
export async function checkDigest(
  source: ByteSource,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash(digest.algorithm);
  for await (const piece of pieces(source, signal)) hash.update(piece);
  if (hash.digest("hex") !== digest.hex) throw wrongDigest(source.label, digest);
}

export function wrongDigest(label: string, { algorithm, hex }: Digest): ScanError {
  return corrupt(label, `its ${algorithm} is not ${hex}: it was damaged or replaced, and is not looked at`);
}

/** `sha256:` or `sha512:` and the digits; without a prefix their number says which. Undefined when it is neither. */
export function parseDigest(text: string): Digest | undefined {
  const [, named, digits = ""] = /^(?:(sha256|sha512)[:=-])?([0-9a-f]+)$/i.exec(text) ?? [];
  const algorithm = digits.length === 64 ? "sha256" : digits.length === 128 ? "sha512" : undefined;
  if (!algorithm || (named !== undefined && named.toLowerCase() !== algorithm)) return undefined;
  return { algorithm, hex: digits.toLowerCase() };
}
