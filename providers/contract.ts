import type { Target } from "../src/disk/target.ts";
import type { Extract } from "../src/model/extract.ts";
import type { ImageRef } from "../src/model/image.ts";
import type { Access } from "../src/model/report.ts";
import type { ClimbOptions } from "./ladder.ts";
import type { LeaseBook } from "./lease/book.ts";
import type { Remover } from "./lease/remover.ts";
import type { Digest } from "./unpack/digest.ts";

export interface ProviderContext {
  readonly signal?: AbortSignal | undefined;
  /** Files the user named as companions of an image (backing files, extents). */
  readonly companions?: readonly string[];
  /** Most that compressed images may take when unpacked to temporary files, in bytes. */
  readonly spoolMaxBytes?: number;
  /** Fetch a remote image whole before it is read. */
  readonly download?: boolean;
  /** What the image's bytes have to add up to; `verifyDigest` has images read whole to check it. */
  readonly digest?: Digest;
  readonly verifyDigest?: boolean;
  /** Told now and then how much of an image was unpacked or fetched so far; undefined once that is over. */
  readonly onSpool?: (image: string, bytes: number | undefined) => void;
  /** How far ladders may be climbed; without it nothing is created. */
  readonly climb?: ClimbOptions;
  /** Where temporary resources are written down. Without it none may be made. */
  readonly leases?: LeaseBook;
  /** Told what is waited for and how far it is ("copying snap-0abc: 42 %"); undefined once that is over. */
  readonly onWait?: (image: string, what: string | undefined) => void;
  /** What the source is asked for, beyond the target: owners, name patterns, how many of each family. */
  readonly query?: ListQuery;
}

/** Options of `list` and of scans of whole sources; a provider refuses with `usage` what makes no sense for it. */
export interface ListQuery {
  readonly owners?: readonly string[];
  readonly names?: readonly string[];
  /** As Debian names it: `amd64`, `arm64`. */
  readonly arch?: string;
  /** At most this many of each family, the newest. */
  readonly latest?: number;
  readonly deprecated?: boolean;
  /** Profile, subscription or project to ask as. */
  readonly account?: string;
}

/** An evidence bundle in the place of an image. */
export interface EvidenceTarget {
  readonly kind: "evidence";
  readonly extract: Extract;
  readonly notes?: readonly string[];
}

/** An opened image; `close` releases what it holds and is called once, on every way out. */
export interface OpenImage {
  readonly target: Target | EvidenceTarget;
  /** How many requests it took so far, where images are reached by requests. */
  requests?(): number;
  /** True once the image turned out to have changed while it was read: what was seen is worth nothing. */
  stale?(): boolean;
  /** How the image was reached, where there is more than one way. */
  access?(): Access;
  /** True once the provider asked for fewer requests while this image was read. */
  throttled?(): boolean;
  close(): Promise<void>;
}

/** What `doctor` found out about one thing. */
export interface Check {
  readonly what: string;
  /** `unknown`: could not be told without doing it. */
  readonly outcome: "ok" | "missing" | "unknown";
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
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
  /**
   * What tells this content of an image from another under the same id, in few or no requests: size, times and both ends
   * of a file; an ETag, and the digest that is declared besides. Undefined where it cannot be told. Left out by providers whose ids are
   * immutable.
   */
  mark?(image: ImageRef, context: ProviderContext): Promise<string | undefined>;
  /**
   * What a listing shows of the image and `list` does not find out, as a scan has no use for it: its size. Rejects with
   * `access` where there is no such image.
   */
  describe?(image: ImageRef): Promise<ImageRef>;
  /** How what this provider makes is removed; only for providers that make something. */
  remover?(): Promise<Remover>;
  /** Looks at credentials, permissions and quotas; `where` are regions, subscriptions or projects. */
  doctor?(where: readonly string[], context: ProviderContext): AsyncIterable<Check>;
}

/** A provider as the composition root knows it: its code loads only when a target is for it. */
export interface ProviderEntry {
  readonly id: string;
  takes(target: string): boolean;
  load(): Promise<ImageProvider>;
}
