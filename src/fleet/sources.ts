import type { ImageRef } from "../model/image.ts";
import type { Listed } from "../scan/scan-all.ts";
import type { Plan } from "./jobs.ts";

/** How a worker reaches images: the composition root knows the providers. Rights are the worker's, never a job's. */
export interface Sources {
  /** What a target names. @throws usage, access, transient */
  list(target: string, query: Plan["query"], signal: AbortSignal): AsyncIterable<Listed>;
  /** An image that was listed elsewhere. @throws usage when no provider here has it */
  one(image: ImageRef, query: Plan["query"], signal: AbortSignal): Promise<Listed>;
}
