import type { Disk } from "@azure/arm-compute";
import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { Access } from "../../src/model/report.ts";
import type { OpenImage, ProviderContext } from "../contract.ts";
import type { Refusal, Rung } from "../ladder.ts";
import { freshName, Holdings } from "../lease/holdings.ts";
import { type Account, groupHint } from "./arm/account.ts";
import type { Arm } from "./arm/arm.ts";
import { faultOf, isRefused, needsTerms, reasonOf, told } from "./arm/faults.ts";
import {
  type Exportable,
  grantAccess,
  revokeAccess,
  type SignedAddress,
  TakenByOther,
} from "./read/access.ts";
import { openExport } from "./read/export.ts";
import { newRemover } from "./remover.ts";
import type { AzureTarget } from "./target.ts";
import { termsMissing } from "./terms.ts";

/** One image, as the rungs need it. */
export interface Wanted {
  readonly arm: Arm;
  readonly account: Account;
  readonly target: AzureTarget;
  readonly image: ImageRef;
  readonly context: ProviderContext;
}

/** Long enough for a scan; renewed when it is not. */
const SECONDS = 3600;
/** Where nothing is written down, an export that a killed run left ends by itself soon. */
const SECONDS_UNWRITTEN = 900;

export const RUNGS: readonly Rung<Wanted>[] = [
  {
    id: "export",
    title: "a disk or snapshot of one's own, exported",
    needs: [
      "Microsoft.Compute/disks/read",
      "Microsoft.Compute/disks/beginGetAccess/action",
      "Microsoft.Compute/disks/endGetAccess/action",
      "Microsoft.Compute/snapshots/read",
      "Microsoft.Compute/snapshots/beginGetAccess/action",
      "Microsoft.Compute/snapshots/endGetAccess/action",
    ],
    creates: [],
    bootsImage: false,
    costHint: "egress of the bytes that are read, less than 0.01 USD",
    climb: climbExport,
  },
  {
    id: "disk",
    title: "a temporary disk made from the image, exported",
    needs: [
      "Microsoft.Compute/disks/read",
      "Microsoft.Compute/disks/write",
      "Microsoft.Compute/disks/delete",
      "Microsoft.Compute/disks/beginGetAccess/action",
      "Microsoft.Compute/disks/endGetAccess/action",
    ],
    creates: ["disk"],
    bootsImage: false,
    costHint: "a Standard SSD for some minutes, about 0.01 USD",
    climb: climbDisk,
  },
];

async function climbExport(wanted: Wanted): Promise<OpenImage | Refusal> {
  const { arm, target, context, image } = wanted;
  const disk = exportableOf(target);
  if (!disk) return { refused: "only disks and snapshots can be exported as they are" };
  const release = { run: async (): Promise<void> => undefined };
  try {
    const compute = await arm.compute(disk.subscription);
    const found = await compute[disk.type].get(disk.group, disk.name);
    const refusal = refusalOf(found);
    if (refusal) return refusal;
    const seconds = context.leases ? SECONDS : SECONDS_UNWRITTEN;
    const granted = await grantHeld(wanted, disk, seconds, release);
    const asksWho = found.dataAccessAuthMode === "AzureActiveDirectory";
    const opened = await openExport(arm, disk, granted, { label: image.id, seconds, asksWho, context });
    return finished(opened, release.run, "export", []);
  } catch (error) {
    await release.run();
    return refusedBy(error, wanted);
  }
}

/** No export of ours came of it: one that there may be is somebody else's, and not for us to end. */
function notOurs(error: unknown): boolean {
  return error instanceof TakenByOther || isRefused(error);
}

/** Grants access to what is the user's, so that it is taken back in any case. */
async function grantHeld(
  { arm, context, image }: Wanted,
  disk: Exportable,
  seconds: number,
  release: { run: () => Promise<void> },
): Promise<SignedAddress> {
  const last = arm.unstoppable();
  let granted: SignedAddress | undefined;
  if (context.leases) {
    const held = new Holdings(context.leases, newRemover(last));
    release.run = () => held.release();
    const { subscription, group, type, name } = disk;
    await held.create(
      { provider: "azure", kind: "access", scope: { subscription, group, type }, name },
      async () => {
        granted = await grantAccess(arm, disk, seconds);
        return name;
      },
      notOurs,
    );
  } else {
    release.run = () =>
      revokeAccess(last, disk).catch((error: unknown) => {
        const fault = faultOf(error);
        const why = fault ? reasonOf(fault) : String(error);
        context.onWait?.(image.id, `could not end the export of ${disk.name}, which ends by itself: ${why}`);
      });
    granted = await grantAccess(arm, disk, seconds).catch((error: unknown) => {
      if (notOurs(error)) release.run = async () => undefined;
      throw error;
    });
  }
  if (!granted) throw new Error("no address was granted");
  return granted;
}

async function climbDisk(wanted: Wanted): Promise<OpenImage | Refusal> {
  const { arm, account, target, image, context } = wanted;
  const { traits = {} } = image;
  if (exportableOf(target)) return { refused: "for images: a disk or snapshot is exported as it is" };
  if (traits.security === "ConfidentialVM")
    return { refused: "a confidential image: its disk is encrypted and cannot be exported", final: true };
  if (!account.group) return { refused: `needs a resource group for the temporary disk: ${groupHint}` };
  if (!context.leases) return { refused: "there is no place to write temporary resources down" };
  const held = new Holdings(context.leases, newRemover(arm.unstoppable()));
  const disk: Exportable = {
    type: "disks",
    subscription: account.subscription,
    group: account.group,
    name: freshName(),
  };
  const waiting = (what: string | undefined): void => context.onWait?.(image.id, what);
  try {
    const terms = await termsMissing(arm, account, traits.plan);
    if (terms !== undefined) return { refused: terms, final: true };
    const { subscription, group, name } = disk;
    const compute = await arm.compute(subscription);
    waiting(`making the temporary disk ${name}`);
    await held.create(
      { provider: "azure", kind: "disk", scope: { subscription, group }, name },
      async (tags) => {
        const options = {
          updateIntervalInMs: arm.pace.pollMs,
          ...(arm.signal ? { abortSignal: arm.signal } : {}),
        };
        const made = await compute.disks
          .createOrUpdate(group, name, diskOf(wanted, tags), options)
          .pollUntilDone(options);
        return made.name ?? name;
      },
      isRefused,
    );
    waiting("waiting for the disk's signed address");
    const granted = await grantAccess(arm, disk, SECONDS);
    const label = image.id;
    const opened = await openExport(arm, disk, granted, { label, seconds: SECONDS, asksWho: false, context });
    return finished(opened, () => held.release(), "disk", held.created);
  } catch (error) {
    await held.release();
    return refusedBy(error, wanted);
  } finally {
    waiting(undefined);
  }
}

function diskOf({ target, image, account }: Wanted, tags: Readonly<Record<string, string>>): Disk {
  const { traits = {}, platform } = image;
  const generation = traits.generation;
  return {
    location: image.region ?? (target.kind === "own" ? "" : target.location),
    tags: { ...tags },
    sku: { name: "StandardSSD_LRS" },
    creationData: { createOption: "FromImage", ...imageReference(target, account) },
    networkAccessPolicy: "AllowAll",
    publicNetworkAccess: "Enabled",
    ...(platform === undefined ? {} : { osType: platform === "windows" ? "Windows" : "Linux" }),
    ...(generation === undefined ? {} : { hyperVGeneration: generation }),
    // An image that is for trusted launch only makes no other disk.
    ...(traits.security === "TrustedLaunch" ? { securityProfile: { securityType: "TrustedLaunch" } } : {}),
  };
}

/** Source: Azure REST API, Disks - Create Or Update, its examples for each kind of image. */
function imageReference(
  target: AzureTarget,
  { subscription }: Account,
): Pick<Disk["creationData"] & object, "imageReference" | "galleryImageReference"> {
  if (target.kind === "own") {
    const base = `/subscriptions/${target.subscription}/resourceGroups/${target.group}/providers/Microsoft.Compute`;
    if (target.type === "images") return { imageReference: { id: `${base}/images/${target.name}` } };
    const id = `${base}/galleries/${target.name}/images/${target.image}/versions/${target.version}`;
    return { galleryImageReference: { id } };
  }
  if (target.kind === "marketplace") {
    const { location, publisher, offer, sku, version } = target;
    const id =
      `/Subscriptions/${subscription}/Providers/Microsoft.Compute/Locations/${location}` +
      `/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${version}`;
    return { imageReference: { id } };
  }
  const { gallery, image, version } = target;
  const path = `${gallery}/Images/${image}/Versions/${version}`;
  return target.kind === "community"
    ? { galleryImageReference: { communityGalleryImageId: `/CommunityGalleries/${path}` } }
    : { galleryImageReference: { sharedGalleryImageId: `/SharedGalleries/${path}` } };
}

function exportableOf(target: AzureTarget): Exportable | undefined {
  if (target.kind !== "own" || target.group === undefined || target.name === undefined) return undefined;
  const { type, subscription, group, name } = target;
  return type === "disks" || type === "snapshots" ? { type, subscription, group, name } : undefined;
}

/** What a disk says itself of why it cannot be exported. */
function refusalOf(disk: {
  readonly diskState?: string | undefined;
  readonly networkAccessPolicy?: string | undefined;
  readonly publicNetworkAccess?: string | undefined;
  readonly securityProfile?: { readonly securityType?: string | undefined } | undefined;
}): Refusal | undefined {
  const security = disk.securityProfile?.securityType ?? "";
  if (security.startsWith("ConfidentialVM_DiskEncrypted"))
    return { refused: `confidential: the disk is encrypted (${security})`, final: true };
  if (disk.networkAccessPolicy === "DenyAll" || disk.publicNetworkAccess === "Disabled")
    return { refused: "the disk's network access policy denies public access" };
  if (disk.diskState?.startsWith("ActiveSAS"))
    return {
      refused:
        "it is being exported already, and ending our export would end that one: wait, or `sixray sweep`",
    };
  if (disk.diskState === "Attached")
    return { refused: "a running machine uses it: take a snapshot, and scan that" };
  return undefined;
}

function finished(
  opened: Awaited<ReturnType<typeof openExport>>,
  release: () => Promise<void>,
  rung: string,
  created: readonly string[],
): OpenImage {
  return {
    ...opened,
    access: (): Access => ({
      rung,
      booted: false,
      created,
      checksums: opened.verified() ? "verified" : "none",
    }),
    close: async () => {
      await opened.close();
      await release();
    },
  };
}

/** Another rung may do where Azure says no; content that makes no sense and aborts are for the caller. */
function refusedBy(error: unknown, { image }: Wanted): Refusal {
  if (error instanceof ScanError && error.code === "access") return { refused: error.message };
  const fault = faultOf(error instanceof TakenByOther ? error.cause : error);
  if (fault) return { refused: reasonOf(fault), final: needsTerms(fault) };
  throw told(error, image.id);
}
