import type { Cost } from "../disk/bytes/counted.ts";
import type { Extract } from "../model/extract.ts";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";
import { type ExtractOptions, extract } from "./extract.ts";
import type { Opener } from "./view.ts";

export interface ScanOptions extends EvaluateOptions, Omit<ExtractOptions, "onProgress"> {
  /** Told as the scan goes; `cost` is live. */
  readonly onProgress?: ((image: ImageRef, phase: Phase, cost: Readonly<Cost>) => void) | undefined;
  /** Told what was taken from the image, before it is judged: for who keeps it. */
  readonly onExtract?: ((extract: Extract) => Promise<void>) | undefined;
}

export type Phase = "opening" | "reading" | "judging";

/**
 * Judges one image. Whatever the image holds, the answer is a result: what cannot be read or understood makes
 * it `unreadable`. Rejects only for an abort or a bug.
 */
export async function scan(image: ImageRef, open: Opener, options: ScanOptions = {}): Promise<ScanResult> {
  const taken = await extract(image, open, options);
  await options.onExtract?.(taken);
  options.onProgress?.(taken.image, "judging", taken.cost);
  return evaluate(taken, options);
}
