import { ScanError } from "../src/errors.ts";
import type { Access } from "../src/model/report.ts";
import type { OpenImage } from "./contract.ts";

/** How far the user lets a ladder be climbed. The default reads, creates nothing and boots nothing. */
export interface ClimbOptions {
  readonly allowCreate: boolean;
  readonly allowBoot: boolean;
  /** Id of the last rung to try. */
  readonly maxRung?: string | undefined;
}

export const READ_ONLY: ClimbOptions = { allowCreate: false, allowBoot: false };

/** Why a rung cannot be used for this image. */
export interface Refusal {
  readonly refused: string;
  /** No other rung would do better: the image's content, not the way to it, is what cannot be had. */
  readonly final?: boolean;
}

/** One way to an image's bytes, as data: `doctor` and the documentation show the same. */
export interface Rung<Image> {
  readonly id: string;
  readonly title: string;
  /** Permissions, by the provider's names. */
  readonly needs: readonly string[];
  /** Kinds of temporary resources; empty when nothing is created. */
  readonly creates: readonly string[];
  readonly bootsImage: boolean;
  /** What it costs, for people: "0.003 USD per 1,000 blocks". */
  readonly costHint: string;
  /** Why this is no way to the image, whatever the user allows. Asks nobody. */
  readonly unfit?: (image: Image) => string | undefined;
  /**
   * Opens the image, or says why not. Whatever it made is gone when it refuses or rejects. Rejects for aborts, and
   * with a ScanError when the run cannot go on with this image by any rung.
   */
  climb(image: Image): Promise<OpenImage | Refusal>;
}

/**
 * Tries the rungs in order and opens the image by the first that works.
 * Rejects with `access`, naming each rung and why it did not, when none does.
 */
export async function climb<Image>(
  rungs: readonly Rung<Image>[],
  image: Image,
  options: ClimbOptions & { readonly label: string; readonly signal?: AbortSignal | undefined },
): Promise<OpenImage> {
  const last = lastRung(rungs, options.maxRung);
  const reasons: string[] = [];
  for (const rung of rungs.slice(0, last + 1)) {
    options.signal?.throwIfAborted();
    const held = unfitFor(rung, image) ?? heldBack(rung, options);
    const tried = held ?? (await rung.climb(image));
    if (!("refused" in tried)) return { ...tried, access: tried.access ?? (() => accessBy(rung)) };
    reasons.push(`${rung.id}: ${tried.refused}`);
    if (tried.final) break;
  }
  throw new ScanError("access", reasons.join("; "), { at: [options.label] });
}

/** What a result says of a rung that has nothing to add. */
export function accessBy<Image>(rung: Rung<Image>, created: readonly string[] = []): Access {
  return { rung: rung.id, booted: rung.bootsImage, created };
}

function unfitFor<Image>(rung: Rung<Image>, image: Image): Refusal | undefined {
  const refused = rung.unfit?.(image);
  return refused === undefined ? undefined : { refused };
}

function heldBack<Image>(rung: Rung<Image>, options: ClimbOptions): Refusal | undefined {
  if (rung.creates.length > 0 && !options.allowCreate)
    return { refused: `would create ${rung.creates.join(", ")}; --allow-create lets it` };
  if (rung.bootsImage && !options.allowBoot) return { refused: "would boot the image; --allow-boot lets it" };
  return undefined;
}

function lastRung<Image>(rungs: readonly Rung<Image>[], id: string | undefined): number {
  if (id === undefined) return rungs.length - 1;
  const at = rungs.findIndex((rung) => rung.id === id);
  if (at === -1)
    throw new ScanError("usage", `no rung ${id}; there are ${rungs.map((rung) => rung.id).join(", ")}`);
  return at;
}
