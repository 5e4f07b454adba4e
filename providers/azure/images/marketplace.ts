import * as z from "zod";
import { globMatcher, isPattern } from "../../../src/disk/filesystems/path.ts";
import { isReadError, ScanError } from "../../../src/errors.ts";
import type { ImageRef } from "../../../src/model/image.ts";
import type { ListQuery } from "../../contract.ts";
import { throwTogether } from "../../together.ts";
import type { Account } from "../arm/account.ts";
import type { Arm } from "../arm/arm.ts";
import { telling } from "../arm/faults.ts";
import { type MarketplaceTarget, targetText } from "../target.ts";
import { dayOfVersion, newestVersionFirst, noLatest } from "../versions.ts";
import { type Facts, featureOf, planOf, refOf } from "./facts.ts";

// Source: Azure REST API, Virtual Machine Images (list publishers, offers, skus, versions; get).

const text = z.string().optional().catch(undefined);
const version = z.object({
  name: z.string(),
  properties: z
    .object({
      hyperVGeneration: text,
      architecture: text,
      goLiveDate: text,
      plan: z.object({ publisher: text, product: text, name: text }).optional().catch(undefined),
      osDiskImage: z
        .object({ operatingSystem: text, sizeInGb: z.number().optional().catch(undefined) })
        .optional()
        .catch(undefined),
      features: z
        .array(z.object({ name: text, value: text }))
        .optional()
        .catch(undefined),
      imageDeprecationStatus: z.object({ imageState: text }).optional().catch(undefined),
    })
    .optional(),
});
type Version = z.infer<typeof version>;
/** The reference says an array; its example for `$expand` has it under `value`. */
const versions = z.union([
  z.array(version),
  z.object({ value: z.array(version) }).transform(({ value }) => value),
]);

/** Every SKU that fits, its versions the newest first. */
export async function* marketplaceImages(
  arm: Arm,
  account: Account,
  target: MarketplaceTarget,
  query: ListQuery,
): AsyncGenerator<ImageRef> {
  const missing: ScanError[] = [];
  const isOne = [target.publisher, target.offer, target.sku].every(isOneName);
  for await (const [publisher, offer, sku] of skus(arm, account, target)) {
    const named = { ...target, publisher, offer, sku };
    try {
      yield* ofSku(arm, account, named, query, isOne);
    } catch (error) {
      // One of several that cannot be listed does not keep the others.
      if (!isReadError(error)) throw error;
      missing.push(error);
    }
  }
  throwTogether(missing);
}

type Sku = MarketplaceTarget & { readonly publisher: string; readonly offer: string; readonly sku: string };

async function* ofSku(
  arm: Arm,
  account: Account,
  named: Sku,
  query: ListQuery,
  isOne: boolean,
): AsyncGenerator<ImageRef> {
  const of = (one: string): MarketplaceTarget => ({ ...named, version: one });
  const { version: wanted } = named;
  if (wanted !== undefined && wanted !== "latest" && !isPattern(wanted)) {
    yield shown(of(wanted), await factsOf(arm, account, of(wanted)), account);
    return;
  }
  const all = await versionsOf(arm, account, named);
  const found = wanted && isPattern(wanted) ? all.filter(fitting(wanted)) : all;
  let left = wanted === "latest" ? 1 : (query.latest ?? Number.POSITIVE_INFINITY);
  for (const one of found) {
    if (left === 0) break;
    const facts = one.properties ? plainFacts(one) : await factsOf(arm, account, of(one.name));
    if (facts.deprecated && !query.deprecated) continue;
    left--;
    yield shown(of(one.name), facts, account);
  }
  if (isOne && wanted === "latest" && left > 0) throw noLatest(targetText(named), found.length);
}

/** @throws access when a pattern fits nothing */
async function* skus(
  arm: Arm,
  account: Account,
  target: MarketplaceTarget,
): AsyncGenerator<readonly [string, string, string]> {
  const { location, publisher, offer, sku } = target;
  const { virtualMachineImages: images } = await arm.compute(account.subscription);
  const options = arm.signal ? { abortSignal: arm.signal } : {};
  let nothing: string | undefined;
  /** The name itself, or those of a list that fit: behind one of several not all of them have it. */
  const names = async (
    part: string | undefined,
    above: readonly (string | undefined)[],
    where: string,
    list: () => Promise<readonly { readonly name: string }[]>,
  ): Promise<readonly string[]> => {
    if (part !== undefined && [...above, part].every(isOneName)) return [part];
    const all = await telling(`azure:${where}`, list);
    const some = part === undefined ? all : all.filter(fitting(part));
    if (some.length === 0 && part !== undefined)
      nothing ??= `azure:${where} has nothing that fits ${part}${exampleOf(all)}`;
    return some.map(({ name }) => name);
  };
  let found = false;
  for (const one of await names(publisher, [], location, () => images.listPublishers(location, options))) {
    const at = `${location}/${one}`;
    for (const two of await names(offer, [publisher], at, () => images.listOffers(location, one, options)))
      for (const three of await names(sku, [publisher, offer], `${at}:${two}`, () =>
        images.listSkus(location, one, two, options),
      )) {
        found = true;
        yield [one, two, three];
      }
  }
  if (!found && nothing !== undefined) throw new ScanError("access", nothing);
}

function isOneName(part: string | undefined): boolean {
  return part !== undefined && !isPattern(part);
}

/** Azure compares names without regard to case. */
function fitting(pattern: string): (one: { readonly name: string }) => boolean {
  const fits = globMatcher(pattern, false);
  return ({ name }) => fits(name);
}

const EXAMPLES_MAX = 8;

function exampleOf(all: readonly { readonly name: string }[]): string {
  if (all.length === 0) return "";
  const some = all.slice(0, EXAMPLES_MAX).map(({ name }) => name);
  return `; there is ${some.join(", ")}${all.length > some.length ? ` and ${all.length - some.length} more` : ""}`;
}

/** In one call, with what each says of itself: the SDK's own `listWithProperties` 25.1 asks for a broken address. */
async function versionsOf(arm: Arm, account: Account, target: Sku): Promise<readonly Version[]> {
  const path =
    `/subscriptions/${account.subscription}/providers/Microsoft.Compute/locations/${target.location}` +
    `/publishers/${encodeURIComponent(target.publisher)}/artifacttypes/vmimage/offers/${encodeURIComponent(target.offer)}` +
    `/skus/${encodeURIComponent(target.sku)}/versions`;
  const all = await telling(targetText(target), async () =>
    versions.parse(await arm.get(path, "2024-11-01", { $expand: "properties", $orderby: "name desc" })),
  );
  return all.toSorted((a, b) => newestVersionFirst(a.name, b.name));
}

export async function factsOf(arm: Arm, account: Account, target: MarketplaceTarget): Promise<Facts> {
  const { location, publisher = "", offer = "", sku = "", version: name = "" } = target;
  const path =
    `/subscriptions/${account.subscription}/providers/Microsoft.Compute/locations/${location}` +
    `/publishers/${encodeURIComponent(publisher)}/artifacttypes/vmimage/offers/${encodeURIComponent(offer)}` +
    `/skus/${encodeURIComponent(sku)}/versions/${encodeURIComponent(name)}`;
  return telling(targetText(target), async () =>
    plainFacts(version.parse(await arm.get(path, "2024-11-01"))),
  );
}

function plainFacts({ name, properties }: Version): Facts {
  const { osDiskImage, goLiveDate, plan, features, imageDeprecationStatus } = properties ?? {};
  const day = goLiveDate === undefined ? undefined : /^\d{4}-\d{2}-\d{2}/.exec(goLiveDate)?.[0];
  return {
    os: osDiskImage?.operatingSystem,
    sizeBytes: osDiskImage?.sizeInGb === undefined ? undefined : osDiskImage.sizeInGb * 2 ** 30,
    architecture: properties?.architecture,
    generation: properties?.hyperVGeneration,
    security: featureOf(features, "SecurityType"),
    plan: planOf(plan),
    date: dayOfVersion(name) ?? day,
    // ScheduledForDeprecation is still to be had.
    deprecated: imageDeprecationStatus?.imageState === "Deprecated",
  };
}

function shown(target: MarketplaceTarget, facts: Facts, { subscription }: Account): ImageRef {
  const { publisher, offer, sku, location } = target;
  const more = { region: location, owner: publisher, account: subscription };
  return refOf(target, `${publisher}:${offer}:${sku}`, facts, more);
}
