import { isReadError, ScanError } from "../../../src/errors.ts";
import type { ImageRef } from "../../../src/model/image.ts";
import type { OpenImage, ProviderContext } from "../../contract.ts";
import type { Refusal, Rung } from "../../ladder.ts";
import { freshName, Holdings } from "../../lease/holdings.ts";
import type { ComputeApi, Zone } from "../compute.ts";
import { failureOf, GcpFailure, isImageGone, NotBegun, scanErrorOf } from "../failure.ts";
import { labelsOf } from "../labels.ts";
import type { GcpRemover } from "../remover.ts";
import { type Settings, WORKER_FAMILY } from "../settings.ts";
import { startupScript, targetDisk, workerInstance } from "./instance.ts";
import { newToken, openWorkerDisk, type SessionOptions, type WorkerLine } from "./session.ts";

/** Serial port 2 is nobody else's: the console, with all its noise, is port 1. */
const PORT = 2;
const POLL_MS = 1500;
const BOOT_MS = 5 * 60_000;
const ANSWER_MS = 2 * 60_000;
/** A question takes seconds whatever it asks for: single blocks are asked for, and the next ones come along. */
const READING = { blockBytes: 4096, gapMaxBytes: 4096 };

export interface WorkerParts {
  readonly api: ComputeApi;
  readonly remover: GcpRemover;
  readonly settings: Settings;
  /** Where the temporary resources are made, and who pays. */
  readonly project: string;
  readonly context: ProviderContext;
}

/** Rung 2: a small machine reads the disk, and its serial port brings what it read. */
export function workerRung(parts: WorkerParts): Rung<ImageRef> {
  return {
    id: "worker-serial",
    title: "a worker reads a disk made from the image and reports on its serial port",
    needs: WORKER_PERMISSIONS,
    creates: ["a disk", "an instance"],
    bootsImage: false,
    costHint: "an e2-micro and two disks for about two minutes: less than 0.01 USD",
    climb: (image) => climbWorker(parts, image),
  };
}

export const WORKER_PERMISSIONS: readonly string[] = [
  "compute.disks.create",
  "compute.disks.delete",
  "compute.disks.setLabels",
  "compute.disks.useReadOnly",
  "compute.images.useReadOnly",
  "compute.instances.create",
  "compute.instances.delete",
  "compute.instances.get",
  "compute.instances.getSerialPortOutput",
  "compute.instances.setLabels",
  "compute.instances.setMetadata",
  "compute.subnetworks.use",
  "compute.zoneOperations.get",
];

/** A worker that runs. */
export interface Running {
  readonly where: Zone;
  readonly held: Holdings;
  readonly workerImage: string;
  readonly line: WorkerLine;
  readonly session: SessionOptions;
}

async function climbWorker(parts: WorkerParts, image: ImageRef): Promise<OpenImage | Refusal> {
  return inAnyZone(parts, image, async (where, held) => {
    const running = await startWorker(parts, where, image, held, {});
    const source = await openWorkerDisk(running.line, running.session);
    const created = held.created;
    return {
      target: { kind: "disk", source, reading: READING, notes: [noteOf(running)] },
      access: () => ({ rung: "worker-serial", booted: false, created }),
      close: async () => {
        parts.context.onWait?.(image.id, undefined);
        await held.release();
      },
    };
  });
}

export function noteOf({ where, workerImage }: Running): string {
  return `read by a worker in ${where.zone} booted from ${workerImage}; the image itself was not booted`;
}

/** Tries zone after zone as long as they have no machines left. What was made is removed when it does not work. */
export async function inAnyZone(
  { settings, context, remover, project }: WorkerParts,
  image: ImageRef,
  use: (where: Zone, held: Holdings) => Promise<OpenImage>,
): Promise<OpenImage | Refusal> {
  if (!context.leases) return { refused: "there is no journal to write down what is made" };
  const full: string[] = [];
  for (const zone of settings.zones) {
    context.signal?.throwIfAborted();
    const held = new Holdings(context.leases, remover);
    try {
      return await use({ project, zone }, held);
    } catch (error) {
      context.onWait?.(image.id, undefined);
      await held.release();
      const failure = failureOf(error);
      if (failure instanceof GcpFailure && failure.kind === "exhausted") {
        full.push(zone);
        continue;
      }
      const told = scanErrorOf(failure, image.id);
      if (!isReadError(told)) throw told;
      return { refused: told.message, final: failure instanceof GcpFailure && isImageGone(failure) };
    }
  }
  return { refused: `no machines left in ${full.join(", ")}; SIXRAY_GCP_ZONES names others` };
}

export async function startWorker(
  parts: WorkerParts,
  where: Zone,
  image: ImageRef,
  held: Holdings,
  extra: Readonly<Record<string, string>>,
): Promise<Running> {
  const { api, settings, context } = parts;
  const { signal, onWait } = context;
  const tell = (what: string): void => onWait?.(image.id, what);
  const workerImage = await workerImageOf(parts);
  const token = newToken();
  const attributes = { "startup-script": await startupScript(), "sixray-token": token, ...extra };
  const scope = { ...where };
  tell(`making a disk in ${where.zone}`);
  const disk = freshName();
  const isRefusal = (error: unknown): boolean => error instanceof NotBegun;
  const makeDisk = async (tags: Readonly<Record<string, string>>): Promise<string> => {
    await api.insertDisk(where, targetDisk(disk, sourceOf(image.id), labelsOf(tags)), signal);
    return disk;
  };
  await held.create({ provider: "gcp", kind: "disk", scope, name: disk }, makeDisk, isRefusal);
  tell(`starting a worker in ${where.zone}`);
  const name = freshName();
  const makeWorker = async (tags: Readonly<Record<string, string>>): Promise<string> => {
    const labels = labelsOf(tags);
    const instance = workerInstance({ ...where, name, disk, workerImage, settings, labels, attributes });
    await api.insertInstance(where, instance, signal);
    return name;
  };
  await held.create({ provider: "gcp", kind: "instance", scope, name }, makeWorker, isRefusal);
  const { pace } = settings;
  const times = { pollMs: POLL_MS * pace, bootMs: BOOT_MS * pace, answerMs: ANSWER_MS * pace };
  const session: SessionOptions = { label: image.id, token, signal, onWait: tell, ...times };
  return { where, held, workerImage, line: lineTo(api, where, name, signal), session };
}

function lineTo(api: ComputeApi, where: Zone, name: string, signal: AbortSignal | undefined): WorkerLine {
  const ours = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      return await use();
    } catch (error) {
      const failure = failureOf(error);
      if (failure instanceof GcpFailure && failure.kind === "not-found")
        throw new ScanError("access", "the worker is gone: somebody, or a policy, deleted it", {
          at: [name],
          cause: error,
        });
      throw scanErrorOf(failure, name);
    }
  };
  return {
    serial: (start) => ours(() => api.serial(where, name, PORT, start)),
    ask: (text) => ours(() => api.setAttribute(where, name, "sixray-ask", text, signal)),
  };
}

const workerImages = new WeakMap<ComputeApi["shared"], Promise<string>>();

/** The user's choice, or the newest Debian as of now, by its id: the same one for the whole run. */
function workerImageOf({ api, settings }: WorkerParts): Promise<string> {
  if (settings.workerImage !== undefined) return Promise.resolve(settings.workerImage);
  const known = workerImages.get(api.shared);
  if (known) return known;
  const { project, family } = WORKER_FAMILY;
  const found = api
    .newestOf(project, family)
    .then(({ id, name }) => `projects/${project}/global/images/${id ? String(id) : (name ?? "")}`);
  workerImages.set(api.shared, found);
  found.catch(() => workerImages.delete(api.shared));
  return found;
}

/** `gcp:P/I` as Compute Engine names it. */
export function sourceOf(id: string): string {
  const [, project, name] = /^gcp:(.*)\/([^/]*)$/.exec(id) ?? [];
  return `projects/${project}/global/images/${name}`;
}
