import type { ImageRef } from "../../src/model/image.ts";
import type { OpenImage, ProviderContext } from "../contract.ts";
import type { Refusal, Rung } from "../ladder.ts";
import { failureOf, GcpFailure } from "./failure.ts";
import type { Settings } from "./settings.ts";
import { openObject, type StorageApi } from "./storage.ts";

export const EXPORT_PERMISSIONS: readonly string[] = ["storage.objects.get", "storage.objects.list"];

const FORMATS = ["tar.gz", "qcow2", "vmdk", "vhd", "raw"];

/** Rung 1: an export of the image that the user has made. */
export function exportRung(
  storage: () => Promise<StorageApi>,
  settings: Settings,
  context: ProviderContext,
): Rung<ImageRef> {
  return {
    id: "export",
    title:
      "the user's own export in Cloud Storage: IMAGE.tar.gz, .qcow2, .vmdk, .vhd or .raw below SIXRAY_GCP_EXPORTS",
    needs: EXPORT_PERMISSIONS,
    creates: [],
    bootsImage: false,
    costHint: "reads of a bucket, and egress when it lies elsewhere",
    climb: (image) => openExport(image, storage, settings.exports, context),
  };
}

async function openExport(
  image: ImageRef,
  storage: () => Promise<StorageApi>,
  place: string | undefined,
  context: ProviderContext,
): Promise<OpenImage | Refusal> {
  if (place === undefined) return { refused: "no exports: SIXRAY_GCP_EXPORTS names the folder they are in" };
  const [, bucket, folder] = /^gs:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(place) ?? [];
  if (bucket === undefined) return { refused: `SIXRAY_GCP_EXPORTS is no gs://bucket/folder: ${place}` };
  const base = folder ? `${folder}/${image.name}.` : `${image.name}.`;
  try {
    const api = await storage();
    const names = await api.list(bucket, base);
    const object = FORMATS.map((format) => base + format).find((name) => names.includes(name));
    if (object === undefined) return { refused: `no export of it in ${place}` };
    const opened = await openObject(api, bucket, object, context);
    const notes = [...(opened.target.notes ?? []), `read from the export gs://${bucket}/${object}`];
    return { ...opened, target: { ...opened.target, notes } };
  } catch (error) {
    const failure = failureOf(error);
    if (failure instanceof GcpFailure) return { refused: failure.message };
    if (error instanceof Error && error.name === "ScanError") return { refused: error.message };
    throw failure;
  }
}
