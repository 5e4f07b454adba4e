import * as z from "zod";
import type { ImageRef } from "../../../src/model/image.ts";
import type { ListQuery } from "../../contract.ts";
import type { Account } from "../arm/account.ts";
import type { Arm } from "../arm/arm.ts";
import { telling } from "../arm/faults.ts";
import { type MarketplaceTarget, targetText } from "../target.ts";
import { dayOfVersion, newestVersionFirst } from "../versions.ts";
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
  for await (const [publisher, offer, sku] of skus(arm, account, target)) {
    const named = { ...target, publisher, offer, sku };
    const of = (one: string): MarketplaceTarget => ({ ...named, version: one });
    if (target.version !== undefined && target.version !== "latest") {
      yield shown(of(target.version), await factsOf(arm, account, of(target.version)), account);
      continue;
    }
    const found = await versionsOf(arm, account, named);
    let left = target.version === "latest" ? 1 : (query.latest ?? Number.POSITIVE_INFINITY);
    for (const one of found) {
      if (left === 0) break;
      const facts = one.properties ? plainFacts(one) : await factsOf(arm, account, of(one.name));
      if (facts.deprecated && !query.deprecated) continue;
      left--;
      yield shown(of(one.name), facts, account);
    }
  }
}

async function* skus(
  arm: Arm,
  account: Account,
  { location, publisher, offer, sku }: MarketplaceTarget,
): AsyncGenerator<readonly [string, string, string]> {
  const { virtualMachineImages: images } = await arm.compute(account.subscription);
  const options = arm.signal ? { abortSignal: arm.signal } : {};
  const names = async (label: string, list: () => Promise<readonly { readonly name: string }[]>) =>
    (await telling(`azure:${label}`, list)).map(({ name }) => name);
  const publishers = publisher
    ? [publisher]
    : await names(location, () => images.listPublishers(location, options));
  for (const one of publishers) {
    const offers = offer
      ? [offer]
      : await names(`${location}/${one}`, () => images.listOffers(location, one, options));
    for (const two of offers) {
      const label = `${location}/${one}:${two}`;
      const all = sku ? [sku] : await names(label, () => images.listSkus(location, one, two, options));
      for (const three of all) yield [one, two, three];
    }
  }
}

/** In one call, with what each says of itself: the SDK's own `listWithProperties` 25.1 asks for a broken address. */
async function versionsOf(
  arm: Arm,
  account: Account,
  target: MarketplaceTarget & { readonly publisher: string; readonly offer: string; readonly sku: string },
): Promise<readonly Version[]> {
  const path =
    `/subscriptions/${account.subscription}/providers/Microsoft.Compute/locations/${target.location}` +
    `/publishers/${encodeURIComponent(target.publisher)}/artifacttypes/vmimage/offers/${encodeURIComponent(target.offer)}` +
    `/skus/${encodeURIComponent(target.sku)}/versions`;
  const body = await telling(`azure:${targetText(target)}`, () =>
    arm.get(path, "2024-11-01", { $expand: "properties", $orderby: "name desc" }),
  );
  return versions.parse(body).toSorted((a, b) => newestVersionFirst(a.name, b.name));
}

export async function factsOf(arm: Arm, account: Account, target: MarketplaceTarget): Promise<Facts> {
  const { location, publisher = "", offer = "", sku = "", version: name = "" } = target;
  const path =
    `/subscriptions/${account.subscription}/providers/Microsoft.Compute/locations/${location}` +
    `/publishers/${encodeURIComponent(publisher)}/artifacttypes/vmimage/offers/${encodeURIComponent(offer)}` +
    `/skus/${encodeURIComponent(sku)}/versions/${encodeURIComponent(name)}`;
  const body = await telling(`azure:${targetText(target)}`, () => arm.get(path, "2024-11-01"));
  return plainFacts(version.parse(body));
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
