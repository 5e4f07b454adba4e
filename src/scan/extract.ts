import { type Cost, newCost } from "../disk/bytes/counted.ts";
import { isReadError } from "../errors.ts";
import type { Examined } from "../guest/machine.ts";
import type { Extract, ReadExtract } from "../model/extract.ts";
import type { ImageRef } from "../model/image.ts";
import { ASKS, THOROUGH_ASKS } from "./asks.ts";
import { examineView, noOperatingSystem, type Opener, unreadVolumes, type View, withView } from "./view.ts";

export interface ExtractOptions {
  /** Also fetch what a person's review of Windows wants to see and the verdict does not need. */
  readonly review?: boolean | undefined;
  /** The same, and of Linux what its packages put into /usr, which is trusted otherwise. */
  readonly thorough?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told when the provider asked for fewer requests meanwhile. */
  readonly onThrottled?: (() => void) | undefined;
  /** Told as it goes; `cost` is live. */
  readonly onProgress?:
    | ((image: ImageRef, phase: "opening" | "reading", cost: Readonly<Cost>) => void)
    | undefined;
}

/**
 * Takes from an image what judging it needs. Whatever the image holds, the answer is an extract: what cannot be
 * read or understood makes it `failed`. Rejects only for an abort or a bug.
 */
export async function extract(image: ImageRef, open: Opener, options: ExtractOptions = {}): Promise<Extract> {
  const cost = newCost();
  const { signal, onProgress, onThrottled } = options;
  onProgress?.(image, "opening", cost);
  try {
    return await withView(image, open, { signal, cost, repeatable: true, onThrottled }, async (view) => {
      onProgress?.(image, "reading", cost);
      const read = view.extract ?? (await readMachine(view, options));
      const access = view.access?.();
      return { ...read, ...(access === undefined ? {} : { access }) };
    });
  } catch (error) {
    if (!isReadError(error)) throw error;
    const reason = error.line;
    const unread = { what: "image", reason, ...(error.again ? { again: true as const } : {}) };
    return { state: "failed", image, reason, unread: [unread], cost: { ...cost } };
  }
}

const THOROUGH = "vendors' units and rules in /usr were read, too";

async function readMachine(
  view: View,
  { thorough = false, review = thorough }: ExtractOptions,
): Promise<ReadExtract> {
  const { disk, image, cost } = view;
  const linux = await examineView(view, thorough ? THOROUGH_ASKS : ASKS);
  const examined = linux ?? (await examineWindowsView(view, review));
  if (!examined) throw noOperatingSystem(view);
  const details =
    disk?.container.details.filter((detail) => /dirty|corrupt|replayed|missing/.test(detail)) ?? [];
  return {
    state: "read",
    image,
    snapshot: examined.snapshot,
    notes: [
      ...view.notes,
      ...(linux && thorough ? [THOROUGH] : []),
      ...details,
      ...(disk?.table?.notes ?? []),
      ...examined.notes,
    ],
    unread: disk ? unreadVolumes(disk, image.id) : [],
    doubts: [
      ...(examined.doubts ?? []),
      ...examined.tree.mounts.flatMap(({ fs, locator }) =>
        "stale" in fs && fs.stale !== undefined ? [{ locator, why: fs.stale }] : [],
      ),
    ],
    cost: { ...cost },
  };
}

/** What a disk without Linux may hold. Loaded only then. */
async function examineWindowsView(view: View, review: boolean): Promise<Examined | undefined> {
  const { examineAsWindows } = await import("./windows.ts");
  return examineAsWindows(view, review);
}
