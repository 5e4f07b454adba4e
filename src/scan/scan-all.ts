import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { type ScanOptions, scan } from "./scan.ts";
import type { Opener } from "./view.ts";

export interface ScanAllOptions extends ScanOptions {
  /** Images at a time. */
  readonly jobs: number;
  /** Told as soon as an image is judged, in whatever order that happens. */
  readonly onResult?: (result: ScanResult) => void;
}

/** Judges images side by side and yields the results in the order of the images. */
export async function* scanAll(
  images: readonly { readonly image: ImageRef; readonly open: Opener }[],
  options: ScanAllOptions,
): AsyncGenerator<ScanResult> {
  const running: Promise<ScanResult>[] = [];
  let next = 0;
  const start = (): void => {
    const one = images[next++];
    if (!one) return;
    const result = scan(one.image, one.open, options).then((judged) => {
      options.onResult?.(judged);
      return judged;
    });
    // A rejection is for whoever awaits it below, even if an earlier one rejects first.
    result.catch(() => undefined);
    running.push(result);
  };
  for (let i = 0; i < options.jobs; i++) start();
  for (let result = running.shift(); result; result = running.shift()) {
    const judged = await result;
    start();
    yield judged;
  }
}
