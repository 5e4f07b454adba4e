import type { DescribeImagesCommandInput, Image } from "@aws-sdk/client-ec2";
import type { ImageRef } from "../../src/model/image.ts";
import { Pages } from "../pages.ts";
import { type Account, CallFailed, type CallOptions } from "./api/account.ts";
import { familyOf } from "./family.ts";
import { idOf } from "./target.ts";

/** What matters of an AMI for reaching its disk. */
export interface Ami {
  readonly id: string;
  readonly state: string;
  readonly stateReason: string | undefined;
  readonly owner: string | undefined;
  /** As AWS names it: `x86_64`, `arm64`. */
  readonly architecture: string | undefined;
  readonly bootMode: string | undefined;
  readonly rootDevice: string | undefined;
  readonly instanceStore: boolean;
  /** Snapshot of the boot disk. */
  readonly snapshot: string | undefined;
  readonly volumeGib: number | undefined;
  readonly encrypted: boolean;
  readonly productCodes: readonly { readonly id: string; readonly marketplace: boolean }[];
  /** False when the account's Allowed AMIs criteria leave it out. */
  readonly allowed: boolean | undefined;
}

export interface FoundAmi {
  readonly ami: Ami;
  readonly ref: ImageRef;
  readonly created: string;
}

const PAGE_IMAGES = 1000;

/** AMIs by a query, page after page. Rejects with CallFailed. */
export async function* describeImages(
  account: Account,
  input: Omit<DescribeImagesCommandInput, "NextToken" | "MaxResults">,
  options: CallOptions,
): AsyncGenerator<FoundAmi> {
  const { client, sdk } = await account.ec2();
  // Ids and pages exclude each other.
  const paged = input.ImageIds ? {} : { MaxResults: PAGE_IMAGES };
  const pages = new Pages("DescribeImages");
  let token: string | undefined;
  do {
    const page = await account.call(
      "DescribeImages",
      "look",
      (abortSignal) =>
        client.send(
          new sdk.DescribeImagesCommand({
            ...input,
            ...paged,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          abortSignal ? { abortSignal } : {},
        ),
      options,
    );
    for (const image of page.Images ?? []) {
      const found = foundAmi(image, account);
      if (found) yield found;
    }
    token = pages.next(page.NextToken);
  } while (token !== undefined);
}

/** By id what was deprecated or disabled counts, too: its owner may still read it. */
export function byIds(ids: readonly string[]): DescribeImagesCommandInput {
  return { ImageIds: [...ids], IncludeDeprecated: true, IncludeDisabled: true };
}

/** One AMI by its id; undefined when there is none for the caller. */
export async function findAmi(
  account: Account,
  id: string,
  options: CallOptions,
): Promise<FoundAmi | undefined> {
  try {
    for await (const found of describeImages(account, byIds([id]), options))
      if (found.ami.id === id) return found;
  } catch (error) {
    if (!(error instanceof CallFailed) || !isNoSuchImage(error)) throw error;
  }
  return undefined;
}

export function isNoSuchImage({ answer }: CallFailed): boolean {
  const { trouble, code } = answer;
  return trouble === "absent" || code.startsWith("InvalidAMIID") || code === "AuthFailure";
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  arm64: "arm64",
  i386: "i386",
  x86_64_mac: "amd64",
  arm64_mac: "arm64",
};

/** AWS's word for an architecture as Debian names it. */
export function awsArchitecture(arch: string): string {
  return arch === "amd64" ? "x86_64" : arch;
}

/** Undefined for what is no machine image (kernels, RAM disks). */
function foundAmi(image: Image, account: Account): FoundAmi | undefined {
  const { ImageId: id, ImageType: type = "machine" } = image;
  if (id === undefined || type !== "machine") return undefined;
  const root = rootDisk(image);
  const architecture = image.Architecture;
  const ami: Ami = {
    id,
    state: image.State ?? "available",
    stateReason: image.StateReason?.Message,
    owner: image.OwnerId,
    architecture,
    bootMode: image.BootMode,
    rootDevice: image.RootDeviceName,
    instanceStore: image.RootDeviceType === "instance-store",
    snapshot: root?.SnapshotId,
    volumeGib: root?.VolumeSize,
    encrypted: root?.Encrypted ?? false,
    productCodes: (image.ProductCodes ?? []).map(({ ProductCodeId = "", ProductCodeType }) => ({
      id: ProductCodeId,
      marketplace: ProductCodeType !== "devpay",
    })),
    allowed: image.ImageAllowed,
  };
  const name = image.Name ?? image.ImageLocation ?? id;
  const created = image.CreationDate ?? "";
  const arch = ARCHITECTURES[architecture ?? ""] ?? architecture;
  const deprecated = image.DeprecationTime === undefined ? Number.NaN : Date.parse(image.DeprecationTime);
  const ref: ImageRef = {
    provider: "aws",
    id: idOf(account.place, id),
    name,
    family: familyOf(name),
    ...(/^\d{4}-\d{2}-\d{2}/.test(created) ? { date: created.slice(0, 10) } : {}),
    ...(arch === undefined ? {} : { arch }),
    ...(ami.volumeGib === undefined ? {} : { sizeBytes: ami.volumeGib * 2 ** 30 }),
    platform: /^windows/i.test(image.Platform ?? image.PlatformDetails ?? "") ? "windows" : "linux",
    ...(deprecated <= Date.now() ? { deprecated: true } : {}),
    region: account.place.region,
    ...(image.OwnerId === undefined ? {} : { owner: image.OwnerId }),
  };
  return { ami, ref, created };
}

/** The boot disk is the mapping of the root device: AMIs with data disks have more, in any order. */
function rootDisk({
  BlockDeviceMappings = [],
  RootDeviceName,
}: Image): NonNullable<NonNullable<Image["BlockDeviceMappings"]>[number]["Ebs"]> | undefined {
  const named = BlockDeviceMappings.find(
    ({ DeviceName, Ebs }) => Ebs && DeviceName !== undefined && DeviceName === RootDeviceName,
  );
  if (named) return named.Ebs;
  // An AMI that names no root device, or another than it maps: clear only where there is one disk.
  const disks = BlockDeviceMappings.filter(({ Ebs }) => Ebs?.SnapshotId !== undefined);
  const [only, second] = disks;
  return second ? undefined : only?.Ebs;
}
