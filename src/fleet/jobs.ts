import { createHash } from "node:crypto";
import { z } from "zod";
import type { ImageRef } from "../model/image.ts";
import type { EvaluateOptions } from "../scan/evaluate.ts";

/** What the two queues hold. A job says what to do and for which run; what a run is judged by stands in its plan. */

export interface Plan {
  /** How sources are asked for images, as the provider context takes it. */
  readonly query: {
    readonly owners?: readonly string[];
    readonly names?: readonly string[];
    readonly arch?: string;
    readonly latest?: number;
    readonly deprecated?: boolean;
    readonly account?: string;
  };
  /** Checked against the run's digest before it is used. */
  readonly policy?: NonNullable<EvaluateOptions["policy"]>;
  readonly reviews?: NonNullable<EvaluateOptions["reviews"]>;
  readonly failOn: string;
  readonly strict: boolean;
  readonly rescan: boolean;
}

interface Job {
  readonly run: string;
  /** `sixray 0.1.0+4f2a9c31`: results are kept under it, so no other may do the work. */
  readonly engine: string;
}

/** List what a target names. */
export interface EnumerateJob extends Job {
  readonly target: string;
  readonly provider: string;
  readonly plan: Plan;
}

/** Judge one image. */
export interface ScanJob extends Job {
  /** Id of the job of `enumerate` that listed it: the plan is there. */
  readonly source: string;
  readonly image: ImageRef;
}

/** Stands in a run for the images of a target that could not be listed. */
export function imageOfTarget({ target, provider }: Pick<EnumerateJob, "target" | "provider">): ImageRef {
  return { provider, id: target, name: target, family: target };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const plan: z.ZodType<Plan> = z.object({
  query: z.object({
    owners: z.array(z.string()).exactOptional(),
    names: z.array(z.string()).exactOptional(),
    arch: z.string().exactOptional(),
    latest: z.number().int().exactOptional(),
    deprecated: z.boolean().exactOptional(),
    account: z.string().exactOptional(),
  }),
  policy: z.custom<NonNullable<EvaluateOptions["policy"]>>(isObject).exactOptional(),
  reviews: z.custom<NonNullable<EvaluateOptions["reviews"]>>((value) => Array.isArray(value)).exactOptional(),
  failOn: z.string(),
  strict: z.boolean(),
  rescan: z.boolean(),
});

const job = { run: z.string(), engine: z.string() };
const enumerateJob: z.ZodType<EnumerateJob> = z.object({
  ...job,
  target: z.string(),
  provider: z.string(),
  plan,
});
const imageRef: z.ZodType<ImageRef> = z.custom<ImageRef>(
  (value) => isObject(value) && ["provider", "id", "name", "family"].every((key) => key in value),
);
const scanJob: z.ZodType<Sent<ScanJob>> = z.object({ ...job, source: z.string(), image: z.string() });

/**
 * An image as a job holds it: as text. Names come from outside, and the `jsonb` of a job keeps neither NUL nor lone
 * surrogates, which JSON in JSON does.
 */
export type Sent<T extends { readonly image: ImageRef }> = Omit<T, "image"> & { readonly image: string };

export function sent<T extends { readonly image: ImageRef }>(one: T): Sent<T> {
  return { ...one, image: JSON.stringify(one.image) };
}

/** Undefined for what no sixray wrote. */
export function imageIn(text: unknown): ImageRef | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return imageRef.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Throw for what no sixray wrote. */
export const parseEnumerateJob = (data: unknown): EnumerateJob => enumerateJob.parse(data);
export function parseScanJob(data: unknown): ScanJob {
  const found = scanJob.parse(data);
  return { ...found, image: imageRef.parse(JSON.parse(found.image)) };
}

/** A job that is sent twice is there once: its id follows from what it is for. (RFC 9562, section 5.8: version 8) */
export function jobId(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
