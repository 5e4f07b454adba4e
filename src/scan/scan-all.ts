import { newCost } from "../disk/bytes/counted.ts";
import { errorLine, ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import type { ScanResult } from "../model/report.ts";
import { evaluate } from "./evaluate.ts";
import { type Job, type PipelineOptions, pipeline } from "./pipeline/pipeline.ts";
import { type ScanOptions, scan } from "./scan.ts";
import type { Opener } from "./view.ts";

/** An image as its source lists it, and how to open it. */
export interface Listed {
  readonly image: ImageRef;
  readonly open: Opener;
  /**
   * What tells this content from another under the same id, without a scan; undefined where it cannot be told. Absent:
   * the id is immutable.
   */
  readonly mark?: (() => Promise<string | undefined>) | undefined;
  /** The image with what a listing shows besides; rejects when it is not there. Absent: `image` says all there is. */
  readonly describe?: (() => Promise<ImageRef>) | undefined;
}

export interface ScanAllOptions extends ScanOptions, Pick<PipelineOptions, "jobs" | "jobsPerGroup"> {
  /** Told as soon as an image is listed. */
  readonly onListed?: (image: ImageRef) => void;
  /** Told as soon as an image is judged, in whatever order that happens; `image` is what was listed. */
  readonly onResult?: (result: ScanResult, image: ImageRef) => void;
  /**
   * Told of a bug of ours that an image brought to light: the image counts as unreadable, and the run goes on. Without
   * it the run rejects.
   */
  readonly onBug?: (error: unknown, image: ImageRef) => void;
}

/** A result, and where its image stood: the number of its source, and its place there. */
export interface Placed {
  readonly source: number;
  readonly position: number;
  readonly result: ScanResult;
}

/** Images listed ahead of those that are scanned, for each that may be scanned at once. */
const AHEAD = 4;

/** Judges the images of all sources side by side and yields the results as they come. */
export function scanAsTheyCome(
  sources: readonly AsyncIterable<Listed>[],
  options: ScanAllOptions,
): AsyncGenerator<Placed> {
  const { jobs, jobsPerGroup, signal } = options;
  return pipeline(
    sources.map((listed, source) => jobsOf(listed, source, options)),
    { jobs, ...(jobsPerGroup === undefined ? {} : { jobsPerGroup }), aheadMax: jobs * AHEAD, signal },
  );
}

/** The same, in the order of the sources and of their listings: a result waits for those before it. */
export async function* scanAll(
  sources: readonly AsyncIterable<Listed>[],
  options: ScanAllOptions,
): AsyncGenerator<ScanResult> {
  const waiting = sources.map(() => new Map<number, ScanResult>());
  const listed = sources.map(() => ({ count: 0, complete: false }));
  const counted = sources.map((source, at) => counting(source, listed[at] ?? { count: 0, complete: false }));
  let source = 0;
  let position = 0;
  const ready = function* (): Generator<ScanResult> {
    for (;;) {
      const results = waiting[source];
      const state = listed[source];
      if (!results || !state) return;
      const result = results.get(position);
      if (result) {
        results.delete(position++);
        yield result;
      } else if (state.complete && position >= state.count) {
        source++;
        position = 0;
      } else return;
    }
  };
  for await (const placed of scanAsTheyCome(counted, options)) {
    waiting[placed.source]?.set(placed.position, placed.result);
    yield* ready();
  }
  yield* ready();
}

/** Takes note of how many a source lists. */
async function* counting(
  source: AsyncIterable<Listed>,
  state: { count: number; complete: boolean },
): AsyncGenerator<Listed> {
  for await (const one of source) {
    state.count++;
    yield one;
  }
  state.complete = true;
}

async function* jobsOf(
  listed: AsyncIterable<Listed>,
  source: number,
  options: ScanAllOptions,
): AsyncGenerator<Job<Placed>> {
  let count = 0;
  for await (const { image, open } of listed) {
    const position = count++;
    options.onListed?.(image);
    yield {
      group: groupOf(image),
      family: image.family,
      run: async (throttled) => {
        // Copied: a quoted line is a slice, and would keep the whole file that it is of.
        const result = structuredClone(await scanned(image, open, { ...options, onThrottled: throttled }));
        options.onResult?.(result, image);
        return { source, position, result };
      },
    };
  }
}

async function scanned(image: ImageRef, open: Opener, options: ScanAllOptions): Promise<ScanResult> {
  try {
    return await scan(image, open, options);
  } catch (error) {
    const { signal, onBug } = options;
    if (!onBug || signal?.aborted || error instanceof ScanError) throw error;
    onBug(error, image);
    const reason = `bug: ${errorLine(error)}`;
    const unread = [{ what: "image", reason }];
    return evaluate({ state: "failed", image, reason, unread, cost: newCost() }, options);
  }
}

/** What a provider's limits are for. */
export function groupOf({ provider, account, region }: ImageRef): string {
  return [provider, account ?? "", region ?? ""].join(":");
}
