import { readFile } from "node:fs/promises";
import { z } from "zod";
import { errorLine, ScanError } from "../errors.ts";
import type { Review } from "../policy/review.ts";

const FILE_BYTES_MAX = 1 << 20;
const day = z.iso.date();

const REVIEW = z.strictObject({
  version: z.literal(1),
  image: z.strictObject({ provider: z.string().min(1), id: z.string().min(1) }),
  evidence: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  by: z.string().trim().min(1).max(200),
  at: day,
  expires: day,
  result: z.enum(["accepted", "rejected"]),
  note: z.string().trim().min(1).max(2000),
});

/** Reads review files; a malformed one is a usage error: a review never applies by accident. */
export function readReviews(paths: readonly string[]): Promise<readonly Review[]> {
  return Promise.all(paths.map(readReview));
}

async function readReview(path: string): Promise<Review> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ScanError("usage", `cannot read ${path}: ${errorLine(error)}`);
  }
  if (bytes.length > FILE_BYTES_MAX) throw new ScanError("usage", `${path} is too large for a review`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch (error) {
    throw new ScanError("usage", `${path} is no review: ${errorLine(error)}`);
  }
  const found = REVIEW.safeParse(json);
  if (!found.success) {
    const [issue] = found.error.issues;
    throw new ScanError(
      "usage",
      `${path} is no review: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
    );
  }
  return found.data;
}

/** Checks what a person gave for a new one. */
export function printReview(review: Review): string {
  const found = REVIEW.safeParse({ version: 1, ...review });
  if (found.success) return `${JSON.stringify(found.data, null, 2)}\n`;
  const [issue] = found.error.issues;
  throw new ScanError("usage", `--${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}
