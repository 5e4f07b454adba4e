import type { ListQuery, ProviderContext, ProviderEntry } from "../../providers/contract.ts";
import { isReadError, ScanError } from "../errors.ts";
import type { ImageRef } from "../model/image.ts";
import { matchesGlob } from "../policy/glob.ts";
import type { Listed } from "../scan/scan-all.ts";
import { shownTarget } from "./shown-target.ts";

/** Told of a target of whose images the query leaves none. */
type OnNothing = (error: ScanError) => void;

/**
 * The images that the targets name, a source for each target; an image that two name comes once. A target that comes to
 * nothing rejects with `access`; `onNothing` is told instead where images may well be left out by the query.
 */
export function imageSources(
  targets: readonly string[],
  providers: readonly ProviderEntry[],
  context: ProviderContext,
  onNothing?: OnNothing,
): readonly AsyncIterable<Listed>[] {
  const seen = new Set<string>();
  return targets.map((target) => {
    if (target.trim() === "") throw new ScanError("usage", "a target is empty: name an image");
    const entry = providers.find((one) => one.takes(target));
    if (!entry) throw new ScanError("usage", `no provider for ${target}`);
    const { query = {} } = context;
    const some = selected(imagesOf(target, entry, context), query);
    return once(something(some, target, query, onNothing), seen);
  });
}

export interface ScannableOptions {
  readonly onNothing?: OnNothing;
  /** Takes a part of the images. */
  readonly part?: (source: AsyncIterable<Listed>) => AsyncIterable<Listed>;
}

/**
 * The same for a scan: a source that cannot be listed, or not to its end, ends with an image of the target's name that
 * cannot be opened, so that the run goes on and its result says what is missing. A listing that failed is told with
 * every `part`, for what it lacks might have been in any.
 */
export function scannable(
  targets: readonly string[],
  providers: readonly ProviderEntry[],
  context: ProviderContext,
  { onNothing, part = (source) => source }: ScannableOptions = {},
): readonly AsyncIterable<Listed>[] {
  return imageSources(targets, providers, context, onNothing).map((source, at) => {
    const target = targets[at] ?? "";
    const provider = providers.find((one) => one.takes(target))?.id ?? "";
    const name = shownTarget(target);
    return withFailure(part(source), { provider, id: name, name, family: name });
  });
}

/** What to say of targets that name no image at all. */
export function noneLeft(targets: readonly string[]): ScanError {
  const named = targets.map(shownTarget).join(", ");
  return new ScanError("usage", `no image of ${named} is left by --name, --arch and the like`);
}

async function* withFailure(source: AsyncIterable<Listed>, image: ImageRef): AsyncGenerator<Listed> {
  try {
    yield* source;
  } catch (error) {
    if (!isReadError(error)) throw error;
    yield { image, open: () => Promise.reject(error) };
  }
}

/** All of them, in the order of the targets. */
export async function chooseImages(
  targets: readonly string[],
  providers: readonly ProviderEntry[],
  context: ProviderContext,
): Promise<readonly Listed[]> {
  const chosen: Listed[] = [];
  for (const source of imageSources(targets, providers, context))
    for await (const one of source) chosen.push(one);
  return chosen;
}

async function* imagesOf(
  target: string,
  entry: ProviderEntry,
  context: ProviderContext,
): AsyncGenerator<Listed> {
  const provider = await entry.load();
  const describe = provider.describe?.bind(provider);
  for await (const image of provider.list(target, context))
    yield {
      image,
      open: (one) => provider.open(one, context),
      ...(provider.mark ? { mark: async () => provider.mark?.(image, context) } : {}),
      ...(describe ? { describe: () => describe(image) } : {}),
    };
}

async function* something(
  source: AsyncIterable<Listed>,
  target: string,
  { names, arch }: ListQuery,
  onNothing: OnNothing | undefined,
): AsyncGenerator<Listed> {
  let any = false;
  for await (const one of source) {
    any = true;
    yield one;
  }
  if (any) return;
  const isNarrowed = names !== undefined || arch !== undefined;
  const what = isNarrowed ? "no image is left by --name or --arch" : "there is no image";
  const hint = "--owner looks at what others publish, --deprecated at what is deprecated, too";
  const error = new ScanError("access", `${what} (in a cloud ${hint})`, { at: [shownTarget(target)] });
  if (!isNarrowed || !onNothing) throw error;
  onNothing(error);
}

async function* once(source: AsyncIterable<Listed>, seen: Set<string>): AsyncGenerator<Listed> {
  for await (const one of source) {
    const key = `${one.image.provider} ${one.image.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield one;
  }
}

/**
 * What the query leaves. Providers that can ask for less do so; here the same holds for all of them. Only `latest` has
 * to know the whole list.
 */
async function* selected(
  source: AsyncIterable<Listed>,
  { names, arch, latest }: ListQuery,
): AsyncGenerator<Listed> {
  const fitting: Listed[] = [];
  for await (const one of source) {
    const { image } = one;
    const fits =
      (names?.some((pattern) => matchesGlob(pattern, image.name)) ?? true) &&
      (arch === undefined || image.arch === undefined || image.arch === arch);
    if (!fits) continue;
    if (latest === undefined) yield one;
    else fitting.push(one);
  }
  if (latest === undefined) return;
  const families = Map.groupBy(fitting, ({ image }) =>
    [image.provider, image.region, image.owner, image.family, image.arch].join(" "),
  );
  const kept = new Set([...families.values()].flatMap((family) => newest(family, latest)));
  yield* fitting.filter((one) => kept.has(one));
}

/** Those without a date count as oldest. */
function newest(family: readonly Listed[], count: number): readonly Listed[] {
  const date = ({ image }: Listed): string => image.date ?? "";
  return family.toSorted((a, b) => (date(a) < date(b) ? 1 : date(a) > date(b) ? -1 : 0)).slice(0, count);
}

/** For commands that look at one image. */
export async function chooseOne(
  target: string,
  providers: readonly ProviderEntry[],
  context: ProviderContext,
): Promise<Listed> {
  const [first, second] = await chooseImages([target], providers, context);
  if (!first || second)
    throw new ScanError("usage", `${target} names ${second ? "more than one image" : "no image"}`);
  return first;
}
