import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { protos } from "@google-cloud/compute";
import { ScanError } from "../../src/errors.ts";
import { bounded, Pages } from "../pages.ts";
import { failureOf, GcpFailure, notBegun, operationFailure } from "./failure.ts";
import {
  type CallOptions,
  type ClientOptions,
  type Compute,
  clientOptions,
  computeSdk,
  endpointOverride,
  numberOf,
} from "./sdk.ts";
import { unlessAborted } from "./unless-aborted.ts";
import type { SerialOutput } from "./worker/session.ts";

export type GcpImage = protos.google.cloud.compute.v1.IImage;
export type GcpDisk = protos.google.cloud.compute.v1.IDisk;
export type GcpInstance = protos.google.cloud.compute.v1.IInstance;
type Operation = protos.google.cloud.compute.v1.IOperation;

/** Nothing says which project to ask as. */
export class NoProject extends ScanError {}

/** Sends the request that begins an operation. */
type Start = () => Promise<readonly [Begun, ...unknown[]]>;
interface Begun {
  readonly latestResponse?: unknown;
  readonly name?: string | null | undefined;
}

/** Where something is. */
export interface Zone {
  readonly project: string;
  readonly zone: string;
}

/** Of what only reads: again for a minute, not for ten as Google's library has it. */
const READS: CallOptions = {
  retry: {
    // UNAVAILABLE and DEADLINE_EXCEEDED, which also stand for what never works: a certificate that is not trusted.
    retryCodes: [14, 4],
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 1.6,
      maxRetryDelayMillis: 10_000,
      initialRpcTimeoutMillis: 60_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 60_000,
      totalTimeoutMillis: 60_000,
    },
  },
};
/** As asked for page by page; without it Google's library warns on standard error. */
const ONE_BY_ONE: CallOptions = { ...READS, autoPaginate: false };

/** Between two looks at an operation, in milliseconds. */
const OPERATION_POLL_MS = 1000;
/** A request that starts an operation is sent again after this, longer each time, when it failed in passing. */
const AGAIN_MS = 1000;
const STARTS_MAX = 4;
/** Operations take seconds, in bad hours minutes. */
const OPERATION_MAX_MS = 10 * 60_000;

/** Google's clients, which hold connections and credentials. */
class Clients {
  readonly #sdk: Compute;
  readonly #options: ClientOptions;

  constructor(sdk: Compute, options: ClientOptions) {
    this.#sdk = sdk;
    this.#options = options;
  }

  // Made when they are first used: each loads the API's description.
  #imagesClient: InstanceType<Compute["ImagesClient"]> | undefined;
  #disksClient: InstanceType<Compute["DisksClient"]> | undefined;
  #instancesClient: InstanceType<Compute["InstancesClient"]> | undefined;
  #operationsClient: InstanceType<Compute["ZoneOperationsClient"]> | undefined;

  get images(): InstanceType<Compute["ImagesClient"]> {
    this.#imagesClient ??= new this.#sdk.ImagesClient(this.#options);
    return this.#imagesClient;
  }

  get disks(): InstanceType<Compute["DisksClient"]> {
    this.#disksClient ??= new this.#sdk.DisksClient(this.#options);
    return this.#disksClient;
  }

  get instances(): InstanceType<Compute["InstancesClient"]> {
    this.#instancesClient ??= new this.#sdk.InstancesClient(this.#options);
    return this.#instancesClient;
  }

  get operations(): InstanceType<Compute["ZoneOperationsClient"]> {
    this.#operationsClient ??= new this.#sdk.ZoneOperationsClient(this.#options);
    return this.#operationsClient;
  }
}

/**
 * Compute Engine, as far as we use it, with its operations waited for. Calls are counted apart from polling: looking at
 * an operation, an instance or a serial port again and again.
 */
export class ComputeApi {
  /** One for each project that is asked as. */
  readonly shared: Clients;
  readonly #pace: number;
  calls = 0;
  polls = 0;

  /** Ends the waiting for what is only looked at. */
  readonly #signal: AbortSignal | undefined;

  private constructor(shared: Clients, pace: number, signal?: AbortSignal) {
    this.shared = shared;
    this.#pace = pace;
    this.#signal = signal;
  }

  /** `pace` shortens all waiting, for tests. */
  static async connect(project: string | undefined, pace = 1): Promise<ComputeApi> {
    return new ComputeApi(new Clients(await computeSdk(), await clientOptions(project)), pace);
  }

  /**
   * What images are read with at the same time shares everything but the count of its requests. Without a signal an
   * abort does not stop it: for cleaning up.
   */
  counting(signal?: AbortSignal): ComputeApi {
    return new ComputeApi(this.shared, this.#pace, signal);
  }

  get #images(): InstanceType<Compute["ImagesClient"]> {
    return this.shared.images;
  }

  get #disks(): InstanceType<Compute["DisksClient"]> {
    return this.shared.disks;
  }

  get #instances(): InstanceType<Compute["InstancesClient"]> {
    return this.shared.instances;
  }

  get #operations(): InstanceType<Compute["ZoneOperationsClient"]> {
    return this.shared.operations;
  }

  /** The project of the default credentials. @throws NoProject when they name none */
  async projectId(): Promise<string> {
    // The stand-in's credentials are none.
    const found = endpointOverride()?.protocol === "http:" ? "" : await this.#projectOfCredentials();
    if (found !== "") return found;
    throw new NoProject("usage", "no project: name one with --account, or set GOOGLE_CLOUD_PROJECT");
  }

  async #projectOfCredentials(): Promise<string> {
    try {
      return await this.#asked(() => unlessAborted(this.#signal, () => this.#images.getProjectId()));
    } catch (error) {
      if (error instanceof Error && /detect a project id/i.test(error.message)) return "";
      throw error;
    }
  }

  /** A request to another of Google's APIs, with the same credentials. */
  async request(url: string, method: "GET" | "POST", data?: unknown): Promise<unknown> {
    return this.#look(async () => {
      const { data: answer } = await this.#images.auth.request<unknown>({
        url,
        method,
        ...(data === undefined ? {} : { data }),
      });
      return answer;
    });
  }

  async *images(project: string): AsyncGenerator<GcpImage> {
    // Not by the library's iterator, which takes ten empty pages for the end.
    const pages = new Pages(`the list of images of ${project}`);
    for (let token: string | undefined = ""; token !== undefined; ) {
      const request = { project, maxResults: 500, ...(token === "" ? {} : { pageToken: token }) };
      const [images, next] = await this.#look(() => this.#images.list(request, ONE_BY_ONE));
      yield* images;
      token = pages.next(next?.pageToken ?? undefined);
    }
  }

  async image(project: string, image: string): Promise<GcpImage> {
    return this.#look(async () => (await this.#images.get({ project, image }, READS))[0]);
  }

  async newestOf(project: string, family: string): Promise<GcpImage> {
    return this.#look(async () => (await this.#images.getFromFamily({ project, family }, READS))[0]);
  }

  async insertDisk({ project, zone }: Zone, diskResource: GcpDisk, signal?: AbortSignal): Promise<void> {
    const requestId = randomUUID();
    await this.#operate(
      { project, zone },
      () => this.#disks.insert({ project, zone, diskResource, requestId }),
      signal,
    );
  }

  async insertInstance(
    { project, zone }: Zone,
    instanceResource: GcpInstance,
    signal?: AbortSignal,
  ): Promise<void> {
    const requestId = randomUUID();
    await this.#operate(
      { project, zone },
      () => this.#instances.insert({ project, zone, instanceResource, requestId }),
      signal,
    );
  }

  async deleteDisk({ project, zone }: Zone, disk: string): Promise<void> {
    await this.#operate({ project, zone }, () => this.#disks.delete({ project, zone, disk }));
  }

  async deleteInstance({ project, zone }: Zone, instance: string): Promise<void> {
    await this.#operate({ project, zone }, () => this.#instances.delete({ project, zone, instance }));
  }

  /** Sets one attribute of a running instance; waits until the instance can see it. */
  async setAttribute(
    { project, zone }: Zone,
    instance: string,
    key: string,
    value: string,
    signal?: AbortSignal,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { metadata } = await this.#poll(
        async () => (await this.#instances.get({ project, zone, instance }, READS))[0],
      );
      const items = (metadata?.items ?? []).filter((item) => item.key !== key);
      const metadataResource = {
        fingerprint: metadata?.fingerprint ?? "",
        items: [...items, { key, value }],
      };
      try {
        await this.#operate(
          { project, zone },
          () => this.#instances.setMetadata({ project, zone, instance, metadataResource }),
          signal,
        );
        return;
      } catch (error) {
        // Somebody else's change came between (a policy agent's label): look again.
        const isStale = error instanceof GcpFailure && /fingerprint/i.test(error.message);
        if (!isStale || attempt >= 3) throw error;
      }
    }
  }

  async serial(
    { project, zone }: Zone,
    instance: string,
    port: number,
    start: number,
  ): Promise<SerialOutput> {
    const [output] = await this.#poll(() =>
      this.#instances.getSerialPortOutput({ project, zone, instance, port, start }, READS),
    );
    const contents = output.contents ?? "";
    const from = numberOf(output.start) ?? start;
    return { contents, start: from, next: numberOf(output.next) ?? from + contents.length };
  }

  /** Everything in a project that has a label of this name. */
  async *labelled(
    project: string,
    label: string,
  ): AsyncGenerator<{
    readonly kind: "instance" | "disk";
    readonly zone: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
  }> {
    const filter = `labels.${label}:*`;
    try {
      this.calls++;
      const machines = this.#instances.aggregatedListAsync({ project, filter }, ONE_BY_ONE);
      for await (const [where, { instances }] of bounded(project, machines))
        for (const { name, labels } of instances ?? [])
          yield { kind: "instance", zone: lastPart(where), name: name ?? "", labels: labels ?? {} };
      this.calls++;
      const storage = this.#disks.aggregatedListAsync({ project, filter }, ONE_BY_ONE);
      for await (const [where, { disks }] of bounded(project, storage))
        for (const { name, labels } of disks ?? [])
          yield { kind: "disk", zone: lastPart(where), name: name ?? "", labels: labels ?? {} };
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Sends what begins an operation, again when it failed in passing: by its id the service knows it is the same. */
  async #begin(start: Start, signal: AbortSignal | undefined): Promise<Operation> {
    for (let attempt = 1; ; attempt++) {
      try {
        const [begun] = await this.#call(start);
        return operationIn(begun);
      } catch (error) {
        const passes = error instanceof GcpFailure && error.kind === "transient";
        if (!passes || attempt >= STARTS_MAX) throw attempt === 1 ? notBegun(error) : error;
        await sleep(AGAIN_MS * 2 ** (attempt - 1) * this.#pace, undefined, signal ? { signal } : {});
      }
    }
  }

  /** Starts an operation and waits until it is done. */
  async #operate({ project, zone }: Zone, start: Start, signal?: AbortSignal): Promise<void> {
    let operation = await this.#begin(start, signal);
    const name = operation.name ?? "";
    const until = performance.now() + OPERATION_MAX_MS * this.#pace;
    while (operation.status !== "DONE") {
      if (performance.now() > until)
        throw new GcpFailure(
          "transient",
          `the operation ${name} takes more than ${OPERATION_MAX_MS / 60_000} minutes`,
        );
      await sleep(OPERATION_POLL_MS * this.#pace, undefined, signal ? { signal } : {});
      operation = await this.#poll(
        async () => (await this.#operations.get({ project, zone, operation: name }, READS))[0],
      );
    }
    const errors = operation.error?.errors ?? [];
    if (errors.length > 0) throw operationFailure(errors);
    if (operation.httpErrorMessage) throw operationFailure([{ message: operation.httpErrorMessage }]);
  }

  #call<T>(use: () => Promise<T>): Promise<T> {
    this.calls++;
    return this.#asked(use);
  }

  #look<T>(use: () => Promise<T>): Promise<T> {
    return this.#call(() => unlessAborted(this.#signal, use));
  }

  #poll<T>(use: () => Promise<T>): Promise<T> {
    this.polls++;
    return this.#asked(() => unlessAborted(this.#signal, use));
  }

  async #asked<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      throw failureOf(error);
    }
  }
}

function operationIn(begun: Begun): Operation {
  const { latestResponse } = begun;
  return typeof latestResponse === "object" && latestResponse !== null
    ? latestResponse
    : { name: begun.name ?? "" };
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
