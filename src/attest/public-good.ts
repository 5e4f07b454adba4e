import { createRequire } from "node:module";
import { z } from "zod";
import { ScanError } from "../errors.ts";
import { optional } from "./optional.ts";
import { readRoots } from "./roots.ts";

const REPOSITORY = "https://tuf-repo-cdn.sigstore.dev";
const seeds = z.object({
  [REPOSITORY]: z.object({ targets: z.object({ "trusted_root.json": z.base64() }) }),
});

/**
 * The trusted root of Sigstore's public instance, as the installed @sigstore/tuf brings it: nothing is asked for. An old
 * package does not know new authorities and logs, and what they signed does not hold.
 */
export async function publicGoodRoots(): Promise<readonly unknown[]> {
  const name = "@sigstore/tuf";
  const found = seeds.safeParse(
    await optional(name, () => {
      const load: (path: string) => unknown = createRequire(import.meta.url);
      return Promise.resolve(load(`${name}/seeds.json`));
    }),
  );
  if (!found.success)
    throw new ScanError(
      "usage",
      `${name} brings no trusted root that is known here: give one with --trusted-root`,
    );
  const text = found.data[REPOSITORY].targets["trusted_root.json"];
  return readRoots(new Uint8Array(Buffer.from(text, "base64")), name);
}
