import type { ImageRef } from "../../../src/model/image.ts";
import type { OpenImage, ProviderContext } from "../../contract.ts";
import type { Refusal, Rung } from "../../ladder.ts";
import { freshName } from "../../lease/holdings.ts";
import { labelsOf } from "../labels.ts";
import { openObject, type StorageApi } from "../storage.ts";
import { inAnyZone, noteOf, startWorker, WORKER_PERMISSIONS, type WorkerParts } from "./rung.ts";
import { awaitUpload } from "./session.ts";

export const BUCKET_PERMISSIONS: readonly string[] = [
  "storage.objects.create",
  "storage.objects.delete",
  "storage.objects.get",
];

/** The disk is read twice and sent once: on a small machine that takes its time. */
const UPLOAD_MS = 25 * 60_000;

/** Rung 3: the worker writes the disk to the user's bucket as a qcow2, of which ranges are read. */
export function bucketRung(parts: WorkerParts, storage: () => Promise<StorageApi>): Rung<ImageRef> {
  return {
    id: "worker-bucket",
    title: "a worker writes the disk as a qcow2 to the bucket SIXRAY_GCP_BUCKET, of which ranges are read",
    needs: [...WORKER_PERMISSIONS, ...BUCKET_PERMISSIONS],
    creates: ["a disk", "an instance", "an object"],
    bootsImage: false,
    costHint: "an e2-micro and two disks for about 20 minutes, an object for as long: about 0.02 USD",
    climb: (image) => climbBucket(parts, storage, image),
  };
}

async function climbBucket(
  parts: WorkerParts,
  storage: () => Promise<StorageApi>,
  image: ImageRef,
): Promise<OpenImage | Refusal> {
  const { settings, context } = parts;
  const { bucket, pace } = settings;
  if (image.platform === "windows")
    return { refused: "Windows may not leave Google Cloud: its licence there does not allow exports" };
  if (bucket === undefined) return { refused: "no bucket: SIXRAY_GCP_BUCKET names one" };
  return inAnyZone(parts, image, async (where, held) => {
    const api = await storage();
    const object = `${freshName()}.qcow2`;
    let url = "";
    await held.create({ provider: "gcp", kind: "object", scope: { bucket }, name: object }, async (tags) => {
      url = await api.uploadUrl(bucket, object, labelsOf(tags));
      return object;
    });
    const running = await startWorker(parts, where, image, held, { "sixray-upload": url });
    await awaitUpload(running.line, { ...running.session, bootMs: UPLOAD_MS * pace });
    context.onWait?.(image.id, undefined);
    const created = held.created;
    const plain: ProviderContext = context.signal ? { signal: context.signal } : {};
    const opened = await openObject(api, bucket, object, plain);
    return {
      ...opened,
      target: { ...opened.target, notes: [noteOf(running), ...(opened.target.notes ?? [])] },
      access: () => ({ rung: "worker-bucket", booted: false, created }),
      close: async () => {
        await opened.close();
        await held.release();
      },
    };
  });
}
