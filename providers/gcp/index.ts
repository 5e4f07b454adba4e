import type { ImageRef } from "../../src/model/image.ts";
import type { ImageProvider, ProviderContext } from "../contract.ts";
import { climb, READ_ONLY, type Rung } from "../ladder.ts";
import { ComputeApi } from "./compute.ts";
import { listImages, numberOfImage } from "./enumerate.ts";
import { exportRung } from "./export-rung.ts";
import { withScanErrors } from "./failure.ts";
import { projectOf } from "./project.ts";
import { GcpRemover } from "./remover.ts";
import { type Settings, settingsFrom } from "./settings.ts";
import { openObject, StorageApi } from "./storage.ts";
import { parseProject, parseTarget } from "./target.ts";
import { bucketRung } from "./worker/bucket-rung.ts";
import { workerRung } from "./worker/rung.ts";

/** Clients hold connections and credentials: one set for each project that is asked as. */
const connections = new Map<string, Promise<ComputeApi>>();

function connect(account: string | undefined, { pace }: Settings): Promise<ComputeApi> {
  const key = account ?? "";
  const known = connections.get(key);
  if (known) return known;
  const made = withScanErrors("gcp", () => ComputeApi.connect(account, pace));
  connections.set(key, made);
  made.catch(() => connections.delete(key));
  return made;
}

/** Images of Google Cloud, and disks in its buckets. */
export const gcp: ImageProvider = {
  id: "gcp",

  async *list(text, context) {
    const target = parseTarget(text);
    if (target.kind === "object") {
      const name = target.object.slice(target.object.lastIndexOf("/") + 1);
      yield {
        provider: "gcp",
        id: text,
        name,
        family: name.replace(/(?<=.)\.[a-z0-9.]+$/i, ""),
        owner: target.bucket,
      };
      return;
    }
    const settings = settingsFrom();
    const query = context.query ?? {};
    const api = (await connect(query.account, settings)).counting(context.signal);
    yield* listImages(api, target, query, settings);
  },

  async mark(image) {
    return numberOfImage(image);
  },

  async open(image, context) {
    const target = parseTarget(image.id);
    const account = context.query?.account;
    if (target.kind === "object")
      return openObject(
        await StorageApi.connect(account, context.signal),
        target.bucket,
        target.object,
        context,
      );
    const settings = settingsFrom();
    const api = (await connect(account, settings)).counting(context.signal);
    const opened = await climb(await ladder(api, settings, context), image, {
      ...(context.climb ?? READ_ONLY),
      label: image.id,
      signal: context.signal,
    });
    return { requests: () => api.calls + api.polls, ...opened };
  },

  async remover() {
    const settings = settingsFrom();
    return removerOf(await connect(undefined, settings), settings, undefined);
  },

  async *doctor(where, context) {
    const settings = settingsFrom();
    const { doctorOf, unasked } = await import("./doctor.ts");
    const account = context.query?.account;
    try {
      const api = (await connect(account, settings)).counting(context.signal);
      const projects = where.length > 0 ? where.map(parseProject) : [await projectOf(api, account)];
      for (const project of projects) yield* doctorOf(api, project, settings);
    } catch (error) {
      const check = unasked(error);
      if (!check) throw error;
      yield check;
    }
  },
};

/** The ways to an image, in the order in which they are tried. */
export async function ladder(
  api: ComputeApi,
  settings: Settings,
  context: ProviderContext,
): Promise<readonly Rung<ImageRef>[]> {
  const account = context.query?.account;
  const storage = (): Promise<StorageApi> => StorageApi.connect(account, context.signal);
  const remover = removerOf(api.counting(), settings, account);
  // Asked for only where something may be made: reading public lists takes no project.
  const project = context.climb?.allowCreate ? await projectOf(api, account) : "";
  const parts = { api, remover, settings, project, context };
  return [exportRung(storage, settings, context), workerRung(parts), bucketRung(parts, storage)];
}

function removerOf(api: ComputeApi, settings: Settings, account: string | undefined): GcpRemover {
  const removeObject = async (bucket: string, object: string): Promise<void> =>
    (await StorageApi.connect(account)).remove(bucket, object);
  return new GcpRemover(api, removeObject, settings.pace);
}
