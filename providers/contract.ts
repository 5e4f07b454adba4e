import type { Target } from "../src/disk/target.ts";
import type { ImageRef } from "../src/model/image.ts";
import type { Digest } from "./unpack/digest.ts";

export interface ProviderContext {
  readonly signal?: AbortSignal | undefined;
  /** Files the user named as companions of an image (backing files, extents). */
  readonly companions?: readonly string[];
  /** Most that compressed images may take when unpacked to temporary files, in bytes. */
  readonly spoolMaxBytes?: number;
  /** Fetch a remote image whole before it is read. */
  readonly download?: boolean;
  /** What the image's bytes have to add up to; `verifyDigest` has remote images fetched whole to check it. */
  readonly digest?: Digest;
  readonly verifyDigest?: boolean;
  /** Told now and then how much of an image was unpacked or fetched so far; undefined once that is over. */
  readonly onSpool?: (image: string, bytes: number | undefined) => void;
}

/** An opened image; `close` releases what it holds and is called once, on every way out. */
export interface OpenImage {
  readonly target: Target;
  /** How many requests it took so far, where images are reached by requests. */
  requests?(): number;
  /** True once the image turned out to have changed while it was read: what was seen is worth nothing. */
  stale?(): boolean;
  close(): Promise<void>;
}

/** Where images come from. */
export interface ImageProvider {
  readonly id: string;
  /**
   * The images that `target` (the user's words, with this provider's prefix) names, in a stable order.
   * Rejects with `usage` when the words make no sense, with `access` when the provider does not answer.
   */
  list(target: string, context: ProviderContext): AsyncIterable<ImageRef>;
  /** Rejects with `access` when the image cannot be reached. */
  open(image: ImageRef, context: ProviderContext): Promise<OpenImage>;
}

/** A provider as the composition root knows it: its code loads only when a target is for it. */
export interface ProviderEntry {
  readonly id: string;
  takes(target: string): boolean;
  load(): Promise<ImageProvider>;
}
