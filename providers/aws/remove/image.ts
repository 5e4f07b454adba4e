import { setTimeout as sleep } from "node:timers/promises";
import type { Image } from "@aws-sdk/client-ec2";
import { type LeaseRecord, TAG } from "../../lease/record.ts";
import { type Account, CallFailed } from "../api/account.ts";
import { ofLease } from "../api/tags.ts";
import { deleteSnapshot, snapshotsOf } from "./snapshot.ts";
import { findTwice, removeThing } from "./tries.ts";

/** An image that carries our tags. */
export interface OurImage {
  readonly image: string;
  readonly state: string;
  readonly snapshots: readonly string[];
  readonly tags: Image["Tags"];
}

/**
 * The image and what it holds on to. A copy that has not got its snapshot yet is waited for: deregistered before, the
 * snapshot would come up later, and nobody would know it.
 */
export async function removeImage(account: Account, record: LeaseRecord): Promise<void> {
  const { resource } = record;
  const find = (): Promise<readonly OurImage[]> => findOurImages(account, ofLease(record));
  const byId = async (): Promise<readonly OurImage[]> =>
    resource === undefined || resource === "" ? [] : findImage(account, resource);
  const known = await byId();
  const images =
    known.length > 0 ? known : await (resource === undefined ? findTwice(account, find) : find());
  const snapshots = new Set<string>();
  for (const image of images) {
    for (const id of await settledSnapshots(account, image)) snapshots.add(id);
    await deregister(account, image.image);
  }
  for (const id of await snapshotsOf(account, record)) snapshots.add(id);
  for (const id of snapshots) await deleteSnapshot(account, id);
}

async function settledSnapshots(account: Account, found: OurImage): Promise<readonly string[]> {
  const { pollMs, removalMs } = account.settings;
  const started = performance.now();
  let image: OurImage | undefined = found;
  while (image?.state === "pending" && image.snapshots.length === 0) {
    if (performance.now() - started > removalMs)
      throw new Error(`${image.image} is still pending: its snapshot could not be removed with it`);
    await sleep(pollMs);
    [image] = await findImage(account, image.image);
  }
  return image?.snapshots ?? [];
}

export async function deregister(account: Account, image: string): Promise<void> {
  const { client, sdk } = await account.ec2();
  await removeThing(account, "DeregisterImage", () =>
    client.send(new sdk.DeregisterImageCommand({ ImageId: image })),
  );
}

/** One's own images that carry our tags, by filters. */
export function findOurImages(
  account: Account,
  filters: readonly { readonly Name: string; readonly Values: string[] }[],
): Promise<readonly OurImage[]> {
  return find(account, { Owners: ["self"], Filters: [...filters], IncludeDeprecated: true });
}

async function findImage(account: Account, id: string): Promise<readonly OurImage[]> {
  try {
    return await find(account, { ImageIds: [id] });
  } catch (error) {
    if (error instanceof CallFailed && error.answer.code.startsWith("InvalidAMIID")) return [];
    throw error;
  }
}

async function find(
  account: Account,
  input: {
    ImageIds?: string[];
    Owners?: string[];
    Filters?: { Name: string; Values: string[] }[];
    IncludeDeprecated?: boolean;
  },
): Promise<readonly OurImage[]> {
  const { client, sdk } = await account.ec2();
  const { Images = [] } = await account.call("DescribeImages", "look", () =>
    client.send(new sdk.DescribeImagesCommand(input)),
  );
  return Images.filter(({ Tags }) => Tags?.some(({ Key }) => Key === TAG.run)).map((image) => ({
    image: image.ImageId ?? "",
    state: image.State ?? "available",
    snapshots: (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []),
    tags: image.Tags,
  }));
}
