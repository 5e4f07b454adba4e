import type { ImageRef } from "../../../src/model/image.ts";
import type { ListQuery } from "../../contract.ts";
import { everyItem } from "../../pages.ts";
import type { Account } from "../arm/account.ts";
import type { Arm } from "../arm/arm.ts";
import { telling } from "../arm/faults.ts";
import { type RemoteGalleryTarget, targetText } from "../target.ts";
import { newestVersionFirst, noLatest } from "../versions.ts";
import { dayOf, type Facts, featureOf, planOf, refOf } from "./facts.ts";

// Source: Azure REST API, Community Galleries and Shared Galleries (images, image versions).

const LIST = "the list of the gallery";

export async function* remoteGalleryImages(
  arm: Arm,
  account: Account,
  target: RemoteGalleryTarget,
  query: ListQuery,
): AsyncGenerator<ImageRef> {
  const compute = await arm.compute(account.subscription);
  const { kind, location, gallery } = target;
  const label = targetText(target);
  const community = kind === "community";
  const images = community ? compute.communityGalleryImages : compute.sharedGalleryImages;
  const versions = community ? compute.communityGalleryImageVersions : compute.sharedGalleryImageVersions;
  const definitions = await telling(label, async () =>
    target.image === undefined
      ? everyItem(LIST, images.list(location, gallery))
      : [await images.get(location, gallery, target.image)],
  );
  for (const definition of definitions) {
    const image = definition.name ?? "";
    const all = await telling(label, async () =>
      target.version === undefined || target.version === "latest"
        ? everyItem(LIST, versions.list(location, gallery, image))
        : [await versions.get(location, gallery, image, target.version)],
    );
    const latest = target.version === "latest";
    let left = latest ? 1 : (query.latest ?? Number.POSITIVE_INFINITY);
    for (const one of all.toSorted((a, b) => newestVersionFirst(a.name ?? "", b.name ?? ""))) {
      if (left === 0) break;
      const facts: Facts = {
        os: definition.osType,
        architecture: definition.architecture,
        generation: definition.hyperVGeneration,
        security: featureOf(definition.features, "SecurityType"),
        plan: planOf(definition.purchasePlan),
        date: dayOf(one.publishedDate),
        sizeBytes: gibibytes(one.storageProfile?.osDiskImage?.diskSizeGB),
        deprecated: (one.endOfLifeDate ?? definition.endOfLifeDate ?? new Date(8.64e15)) < new Date(),
      };
      // A version that is named is meant.
      const past = facts.deprecated && !query.deprecated && (latest || target.version === undefined);
      if (past || (latest && one.excludeFromLatest)) continue;
      left--;
      const ref = { ...target, image, version: one.name ?? "" };
      yield refOf(ref, `${gallery}:${image}`, facts, {
        region: location,
        owner: gallery,
        account: account.subscription,
      });
    }
    if (latest && left > 0 && target.image !== undefined) throw noLatest(label, all.length);
  }
}

export function gibibytes(count: number | undefined): number | undefined {
  return count === undefined ? undefined : count * 2 ** 30;
}
