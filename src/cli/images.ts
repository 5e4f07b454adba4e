import type { ProviderContext, ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import type { Opener } from "../scan/view.ts";

/** An image, and how to open it. */
export interface Chosen {
  readonly image: ImageRef;
  readonly open: Opener;
}

/** The images that the targets name, in the order of the targets, each once. */
export async function chooseImages(
  targets: readonly string[],
  providers: readonly ProviderEntry[],
  context: ProviderContext,
): Promise<readonly Chosen[]> {
  const chosen = new Map<string, Chosen>();
  for (const target of targets) {
    const entry = providers.find((one) => one.takes(target));
    if (!entry) throw new ScanError("usage", `no provider for ${target}`);
    const provider = await entry.load();
    for await (const image of provider.list(target, context)) {
      const key = `${image.provider} ${image.id}`;
      if (!chosen.has(key)) chosen.set(key, { image, open: (one) => provider.open(one, context) });
    }
  }
  return [...chosen.values()];
}

/** For commands that look at one image. */
export async function chooseOne(
  target: string,
  providers: readonly ProviderEntry[],
  context: ProviderContext,
): Promise<Chosen> {
  const [first, second] = await chooseImages([target], providers, context);
  if (!first || second)
    throw new ScanError("usage", `${target} names ${second ? "more than one image" : "no image"}`);
  return first;
}
