import type { PGliteOptions } from "@electric-sql/pglite";

/**
 * Postgres itself, for PGlite. Usually nothing: it finds its files beside it. The one-file bundle of the GitHub Action
 * has them inside: `scripts/action.ts` puts another module in this one's place.
 */
export function pgliteAssets(): Promise<
  Pick<PGliteOptions, "pgliteWasmModule" | "initdbWasmModule" | "fsBundle">
> {
  return Promise.resolve({});
}
