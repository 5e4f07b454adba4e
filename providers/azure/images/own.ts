import type { ComputeManagementClient, Disk, Snapshot } from "@azure/arm-compute";
import { isReadError, type ScanError } from "../../../src/errors.ts";
import type { ImageRef } from "../../../src/model/image.ts";
import type { ListQuery } from "../../contract.ts";
import { TAG } from "../../lease/record.ts";
import { everyItem } from "../../pages.ts";
import { throwTogether } from "../../together.ts";
import type { Arm } from "../arm/arm.ts";
import { telling } from "../arm/faults.ts";
import { type OwnTarget, type OwnType, parseTarget, targetText } from "../target.ts";
import { newestVersionFirst, noLatest } from "../versions.ts";
import { dayOf, type Facts, featureOf, planOf, refOf } from "./facts.ts";
import { gibibytes } from "./remote-gallery.ts";

const LIST = "the list that Azure sends";

/** Disks, snapshots, managed images and gallery image versions of a subscription, in the order Azure gives. */
export async function* ownImages(arm: Arm, target: OwnTarget, query: ListQuery): AsyncGenerator<ImageRef> {
  const compute = await arm.compute(target.subscription);
  const label = targetText(target);
  const types: readonly OwnType[] = target.type
    ? [target.type]
    : ["images", "galleries", "snapshots", "disks"];
  const missing: ScanError[] = [];
  for (const type of types) {
    try {
      if (type === "galleries") yield* galleryImages(compute, target, query, label);
      else yield* await telling(label, () => things(compute, { ...target, type }));
    } catch (error) {
      // What may not be listed does not keep the rest.
      if (!isReadError(error)) throw error;
      missing.push(types.length > 1 ? error.within(type) : error);
    }
  }
  throwTogether(missing);
}

async function things(compute: ComputeManagementClient, target: OwnTarget): Promise<readonly ImageRef[]> {
  const { group, name, type } = target;
  if (type === "images") {
    const all =
      group && name
        ? [await compute.images.get(group, name)]
        : await everyItem(LIST, group ? compute.images.listByResourceGroup(group) : compute.images.list());
    return all.map((one) => {
      const os = one.storageProfile?.osDisk;
      const facts = {
        os: os?.osType,
        generation: one.hyperVGeneration,
        sizeBytes: gibibytes(os?.diskSizeGB),
      };
      return shown(one, facts, target);
    });
  }
  const kind = type === "snapshots" ? compute.snapshots : compute.disks;
  const all: readonly (Disk | Snapshot)[] =
    group && name
      ? [await kind.get(group, name)]
      : await everyItem<Disk | Snapshot>(LIST, group ? kind.listByResourceGroup(group) : kind.list());
  // Data disks boot nothing, and what we make ourselves is nobody's image; one that is named is meant.
  return all
    .filter((one) => name !== undefined || (one.osType !== undefined && one.tags?.[TAG.run] === undefined))
    .map((one) => shown(one, diskFacts(one), target));
}

export function diskFacts(one: Disk | Snapshot): Facts {
  return {
    os: one.osType,
    generation: one.hyperVGeneration,
    architecture: one.supportedCapabilities?.architecture,
    security: one.securityProfile?.securityType,
    plan: planOf(one.purchasePlan),
    date: dayOf(one.timeCreated),
    sizeBytes: one.diskSizeBytes ?? gibibytes(one.diskSizeGB),
  };
}

function shown(
  one: { readonly id?: string | undefined; readonly name?: string | undefined; readonly location: string },
  facts: Facts,
  { subscription }: OwnTarget,
): ImageRef {
  return refOf(parseTarget(one.id ?? ""), one.name ?? "", facts, {
    region: regionOf(one.location),
    account: subscription,
  });
}

/** `West US` and `westus` are one. */
export function regionOf(location: string): string {
  return location.replaceAll(" ", "").toLowerCase();
}

async function* galleryImages(
  compute: ComputeManagementClient,
  target: OwnTarget,
  query: ListQuery,
  label: string,
): AsyncGenerator<ImageRef> {
  const { group, name, image, version, subscription } = target;
  const galleries = await telling(label, async () =>
    group && name
      ? [{ id: targetText({ kind: "own", subscription, group, type: "galleries", name }) }]
      : everyItem(LIST, group ? compute.galleries.listByResourceGroup(group) : compute.galleries.list()),
  );
  for (const { id = "" } of galleries) {
    const gallery = parseTarget(id);
    if (gallery.kind !== "own" || !gallery.group || !gallery.name) continue;
    const [where, called] = [gallery.group, gallery.name];
    const definitions = await telling(label, async () =>
      image
        ? [await compute.galleryImages.get(where, called, image)]
        : everyItem(LIST, compute.galleryImages.listByGallery(where, called)),
    );
    for (const definition of definitions) {
      const of = definition.name ?? "";
      const named = version !== undefined && version !== "latest";
      const all = await telling(label, async () =>
        named
          ? [await compute.galleryImageVersions.get(where, called, of, version)]
          : everyItem(LIST, compute.galleryImageVersions.listByGalleryImage(where, called, of)),
      );
      let left = version === "latest" ? 1 : (query.latest ?? Number.POSITIVE_INFINITY);
      for (const one of all.toSorted((a, b) => newestVersionFirst(a.name ?? "", b.name ?? ""))) {
        const end = one.publishingProfile?.endOfLifeDate ?? definition.endOfLifeDate;
        const deprecated = end !== undefined && end < new Date();
        const skipped = version === "latest" && one.publishingProfile?.excludeFromLatest;
        if (left === 0) break;
        // A version that is named is meant.
        if ((deprecated && !query.deprecated && !named) || skipped) continue;
        left--;
        const facts: Facts = {
          os: definition.osType,
          architecture: definition.architecture,
          generation: definition.hyperVGeneration,
          security: featureOf(definition.features, "SecurityType"),
          plan: planOf(definition.purchasePlan),
          date: dayOf(one.publishingProfile?.publishedDate),
          sizeBytes: gibibytes(one.storageProfile?.osDiskImage?.sizeInGB),
          deprecated,
        };
        const ref = { ...gallery, image: of, version: one.name ?? "" };
        yield refOf(ref, `${called}:${of}`, facts, {
          region: regionOf(one.location),
          owner: called,
          account: subscription,
        });
      }
      if (version === "latest" && left > 0 && image !== undefined) throw noLatest(label, all.length);
    }
  }
}
