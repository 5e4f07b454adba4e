import type { ProviderContext, ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";
import type { Sources } from "../fleet/sources.ts";
import { imageSources } from "./images.ts";

/** Images as a worker reaches them: what may be made in a cloud on the way is for the worker's own options to say. */
export function fleetSources(providers: readonly ProviderEntry[], context: ProviderContext): Sources {
  return {
    async *list(target, query, signal) {
      const own = { ...context, query, signal };
      for (const source of imageSources([target], providers, own, () => undefined)) yield* source;
    },
    async one(image, query, signal) {
      const entry = providers.find(({ id }) => id === image.provider);
      if (!entry) throw new ScanError("usage", `no provider ${image.provider} here`);
      const provider = await entry.load();
      const own = { ...context, query, signal };
      return {
        image,
        open: (one) => provider.open(one, own),
        ...(provider.mark ? { mark: async () => provider.mark?.(image, own) } : {}),
      };
    },
  };
}
