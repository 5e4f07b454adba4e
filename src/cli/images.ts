import type { ListQuery, ProviderContext, ProviderEntry } from "../../providers/contract.ts";
import { ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import { matchesGlob } from "../policy/glob.ts";
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
  return selected([...chosen.values()], context.query ?? {});
}

/** What the query leaves. Providers that can ask for less do so; here the same holds for all of them. */
function selected(chosen: readonly Chosen[], { names, arch, latest }: ListQuery): readonly Chosen[] {
  const fitting = chosen.filter(
    ({ image }) =>
      (names?.some((pattern) => matchesGlob(pattern, image.name)) ?? true) &&
      (arch === undefined || image.arch === undefined || image.arch === arch),
  );
  if (latest === undefined) return fitting;
  const families = Map.groupBy(fitting, ({ image }) => [image.provider, image.family, image.arch].join(" "));
  const kept = new Set([...families.values()].flatMap((family) => newest(family, latest)));
  return fitting.filter((one) => kept.has(one));
}

/** Those without a date count as oldest. */
function newest(family: readonly Chosen[], count: number): readonly Chosen[] {
  const date = ({ image }: Chosen): string => image.date ?? "";
  return family.toSorted((a, b) => (date(a) < date(b) ? 1 : date(a) > date(b) ? -1 : 0)).slice(0, count);
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
