import type { ByteSource } from "../bytes/byte-source.ts";
import { cached } from "../bytes/cached.ts";
import { firstRecognised, type Recognised, type Signature } from "../bytes/signature.ts";
import { FAR, NEAR, OUTER } from "./signatures.ts";

const NEAR_BYTES = 8 << 10;
const EMPTY_BYTES = 64 << 10;

const EMPTY: Signature = {
  name: "empty",
  reason: "nothing but zeros in its first 64 KiB",
  holdsFiles: false,
  async probe(source) {
    if (!(await isZero(source, 0, NEAR_BYTES))) return false;
    return isZero(source, NEAR_BYTES, EMPTY_BYTES);
  },
};

async function isZero(source: ByteSource, start: number, end: number): Promise<boolean> {
  const from = Math.min(start, source.size);
  const bytes = await source.read(from, Math.min(end, source.size) - from);
  return bytes.every((byte) => byte === 0);
}

/** Everything that is recognised and not read, in the order of precedence. */
export const REFUSED: readonly Signature[] = [...NEAR, ...FAR, EMPTY];

/** What outranks a file system that seems to lie in the same volume. */
export function recogniseOuter(source: ByteSource): Promise<Recognised | undefined> {
  return firstRecognised(OUTER, source);
}

/**
 * What lies in a volume that no reader claims. It takes up to three rounds: the first 8 KiB, which a reader's
 * probe has usually fetched already; about a dozen blocks up to 2 MiB and at the end; 64 KiB when all was zero.
 */
export async function recogniseRefused(source: ByteSource): Promise<Recognised | undefined> {
  const blocks = cached(source, { blockBytes: 4096 });
  return (
    (await firstRecognised(NEAR, blocks)) ??
    (await firstRecognised(FAR, blocks)) ??
    (await firstRecognised([EMPTY], blocks))
  );
}
