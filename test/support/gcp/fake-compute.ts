import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { GcpDisk, GcpImage, GcpInstance } from "../../../providers/gcp/compute.ts";
import { FakeStorage, json } from "./fake-storage.ts";
import { type LocalWorker, localWorker } from "./local-worker.ts";
import { addressOf } from "./metadata.ts";
import { misfits, type Route, routeOf } from "./protos.ts";
import { quickWorker } from "./quick-worker.ts";

/** What Compute Engine says no with. */
export interface Refused {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** What a test can have the cloud do; change it between requests. */
export interface CloudBehaviour {
  /** How many looks an operation takes until it is done. */
  operationPolls: number;
  /** Refuses a request, by method (`Instances.Insert`) and parameters. */
  refuse?: (method: string, parameters: Readonly<Record<string, string>>) => Refused | undefined;
  /** Lets an operation fail: its error's code and message. */
  fail?: (
    method: string,
    parameters: Readonly<Record<string, string>>,
  ) => { code: string; message: string } | undefined;
  /** The worker never boots. */
  dead: boolean;
  /** A worker that answers at once takes the place of the one that runs the real script. */
  quick: boolean;
  /** What the serial port makes of what the worker printed. */
  distort?: (printed: string) => string;
  /** Size of the serial buffer; what is older is gone. */
  bufferBytes: number;
  /** Told of every request before it is answered: the count so far, from 1. */
  onRequest?: (count: number, method: string) => void;
  permissions?: readonly string[];
  enforced?: readonly string[];
}

export type FakeWorker = Pick<LocalWorker, "printed" | "ask" | "close">;

interface Running {
  readonly resource: GcpInstance;
  readonly worker: Promise<FakeWorker> | undefined;
}

/** A Compute Engine of one project on this machine. Its instances run the real startup script of the worker. */
export class FakeCloud {
  readonly behaviour: CloudBehaviour = { operationPolls: 1, dead: false, quick: false, bufferBytes: 1 << 20 };
  readonly storage: FakeStorage = new FakeStorage();
  /** By `project/name`. `file` holds what the disk made from it has. */
  readonly images: Map<string, { readonly resource: GcpImage; readonly file: string }> = new Map();
  readonly disks: Map<string, GcpDisk> = new Map();
  readonly instances: Map<string, Running> = new Map();
  /** `Instances.Insert`, in the order of arrival. */
  readonly log: string[] = [];
  /** Those that inserts came with, in the order of arrival. */
  readonly requestIds: string[] = [];
  /** What was not as the API has it. */
  readonly misfits: string[] = [];
  readonly #operations = new Map<
    string,
    { left: number; error?: { code: string; message: string } | undefined }
  >();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) =>
      json(response, 500, { error: { code: 500, message: String(error) } }),
    );
  });
  origin = "";

  static async start(): Promise<FakeCloud> {
    const cloud = new FakeCloud();
    await new Promise<void>((resolve) => cloud.#server.listen(0, "127.0.0.1", resolve));
    cloud.origin = `http://127.0.0.1:${addressOf(cloud.#server).port}`;
    return cloud;
  }

  async stop(): Promise<void> {
    for (const { worker } of this.instances.values()) (await worker)?.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  addImage(project: string, image: GcpImage, file = ""): void {
    const defaults: GcpImage = {
      kind: "compute#image",
      id: String(1000 + this.images.size),
      status: "READY",
      diskSizeGb: "10",
      architecture: "X86_64",
      creationTimestamp: "2026-11-10T03:04:05.678-08:00",
    };
    this.images.set(`${project}/${image.name}`, { resource: { ...defaults, ...image }, file });
  }

  /** Environment for the provider: this endpoint, and waiting cut short. */
  get env(): Readonly<Record<string, string>> {
    return {
      SIXRAY_GCP_ENDPOINT: this.origin,
      SIXRAY_GCP_PACE: "0.02",
      SIXRAY_GCP_ZONES: "us-central1-a,us-central1-b",
      GOOGLE_CLOUD_PROJECT: "my-project",
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.origin);
    const verb = request.method ?? "GET";
    const body = (): Promise<Uint8Array> => bytesOf(request);
    if (await this.storage.answer(request, response, url, body)) return;
    const text = Buffer.from(await body()).toString();
    const sent: unknown = text === "" ? undefined : JSON.parse(text);
    if (this.#side(url, sent, response)) return;
    const route = routeOf(verb, url.pathname);
    if (!route) {
      this.misfits.push(`${verb} ${url.pathname}: the API has no such method`);
      json(response, 404, { error: { code: 404, message: "no such method" } });
      return;
    }
    if (route.bodyType && sent !== undefined) this.misfits.push(...misfits(route.bodyType, sent));
    this.log.push(route.method);
    const requestId = url.searchParams.get("requestId");
    if (requestId !== null) this.requestIds.push(requestId);
    this.behaviour.onRequest?.(this.log.length, route.method);
    const refused = this.behaviour.refuse?.(route.method, route.parameters);
    if (refused) return refuse(response, refused);
    const answer = await this.#method(route, url, sent);
    if (isRefused(answer)) return refuse(response, answer);
    this.misfits.push(...misfits(route.responseType, answer));
    json(response, 200, answer);
  }

  async #method(route: Route, url: URL, body: unknown): Promise<object> {
    const {
      project = "",
      zone = "",
      image = "",
      family = "",
      instance = "",
      disk = "",
      operation = "",
    } = route.parameters;
    const label = url.searchParams.get("filter")?.replace(/^labels\.|:\*$/g, "") ?? "";
    const found = this.instances.get(`${project}/${zone}/${instance}`);
    switch (route.method) {
      case "Images.List":
        return this.#page(
          url,
          [...this.images].filter(([key]) => key.startsWith(`${project}/`)).map(([, one]) => one.resource),
        );
      case "Images.Get":
        return (
          this.images.get(`${project}/${image}`)?.resource ??
          notFound(`projects/${project}/global/images/${image}`)
        );
      case "Images.GetFromFamily": {
        const line = [...this.images].filter(
          ([key, { resource }]) =>
            key.startsWith(`${project}/`) && resource.family === family && !resource.deprecated,
        );
        const newest = line
          .map(([, one]) => one.resource)
          .toSorted((a, b) => String(b.creationTimestamp).localeCompare(String(a.creationTimestamp)));
        return newest[0] ?? notFound(`projects/${project}/global/images/family/${family}`);
      }
      case "Disks.Insert": {
        const made = checked<GcpDisk>(body);
        const source = String(made.sourceImage).replace(/^projects\/|global\/images\//g, "");
        if (!this.images.has(source)) return notFound(String(made.sourceImage));
        return this.#operate(route, () => this.disks.set(`${project}/${zone}/${made.name}`, made));
      }
      case "Disks.Delete": {
        const key = `${project}/${zone}/${disk}`;
        if (!this.disks.has(key)) return notFound(`disks/${disk}`);
        const user = [...this.instances.values()].find(({ resource }) =>
          resource.disks?.some(({ source }) => source?.endsWith(`/${disk}`)),
        );
        if (user)
          return {
            status: 400,
            reason: "resourceInUseByAnotherResource",
            message: `The disk resource '${disk}' is already being used by '${user.resource.name}'`,
          };
        return this.#operate(route, () => this.disks.delete(key));
      }
      case "Disks.AggregatedList":
        return {
          kind: "compute#diskAggregatedList",
          items: grouped(this.disks, (one) => one, { project, label }, "disks"),
        };
      case "Instances.AggregatedList":
        return {
          kind: "compute#instanceAggregatedList",
          items: grouped(this.instances, (one) => one.resource, { project, label }, "instances"),
        };
      case "Instances.Insert": {
        const made = checked<GcpInstance>(body);
        return this.#operate(route, () => this.#boot(`${project}/${zone}`, made));
      }
      case "Instances.Get":
        return found?.resource ?? notFound(`instances/${instance}`);
      case "Instances.SetMetadata": {
        if (!found) return notFound(`instances/${instance}`);
        const { fingerprint, items } = checked<NonNullable<GcpInstance["metadata"]>>(body);
        if (fingerprint !== found.resource.metadata?.fingerprint)
          return {
            status: 412,
            reason: "conditionNotMet",
            message: "Supplied fingerprint does not match current metadata fingerprint.",
          };
        const metadata = { items: items ?? [], fingerprint: fingerprintOf(items) };
        this.instances.set(`${project}/${zone}/${instance}`, {
          ...found,
          resource: { ...found.resource, metadata },
        });
        const ask = items?.find(({ key }) => key === "sixray-ask")?.value;
        return this.#operate(route, async () => (await found.worker)?.ask(ask ?? ""));
      }
      case "Instances.GetSerialPortOutput":
        return found
          ? this.#serial(found, Number(url.searchParams.get("start") ?? 0))
          : notFound(`instances/${instance}`);
      case "Instances.Delete":
        if (!found) return notFound(`instances/${instance}`);
        return this.#operate(route, async () => {
          (await found.worker)?.close();
          this.instances.delete(`${project}/${zone}/${instance}`);
          for (const { autoDelete, source, boot } of found.resource.disks ?? [])
            if (autoDelete && !boot)
              this.disks.delete(`${project}/${zone}/${source?.slice(source.lastIndexOf("/") + 1)}`);
        });
      case "ZoneOperations.Get": {
        const running = this.#operations.get(operation);
        if (!running) return notFound(`operations/${operation}`);
        running.left--;
        const { error } = running;
        const base = {
          kind: "compute#operation",
          name: operation,
          status: running.left > 0 ? "RUNNING" : "DONE",
        };
        return running.left > 0 || !error ? base : { ...base, error: { errors: [error] } };
      }
      default:
        return { status: 501, reason: "notImplemented", message: `the fake has no ${route.method}` };
    }
  }

  #operate(route: Route, effect: () => unknown): object {
    const error = this.behaviour.fail?.(route.method, route.parameters);
    if (!error) void effect();
    const name = `operation-${this.log.length}`;
    this.#operations.set(name, { left: this.behaviour.operationPolls, error });
    return { kind: "compute#operation", name, status: "RUNNING", operationType: route.method };
  }

  #boot(where: string, made: GcpInstance): void {
    const attribute = (key: string): string =>
      made.metadata?.items?.find((item) => item.key === key)?.value ?? "";
    const source = made.disks?.find(({ boot }) => !boot)?.source ?? "";
    const disk = this.disks.get(`${where}/${source.slice(source.lastIndexOf("/") + 1)}`);
    const { file = "" } =
      this.images.get(String(disk?.sourceImage).replace(/^projects\/|global\/images\//g, "")) ?? {};
    const url = attribute("sixray-upload");
    const worker = this.behaviour.dead
      ? undefined
      : this.behaviour.quick
        ? quickWorker(file, attribute("sixray-token"))
        : localWorker(file, attribute("sixray-token"), { script: attribute("startup-script"), upload: url });
    const metadata = { items: made.metadata?.items ?? [], fingerprint: fingerprintOf(made.metadata?.items) };
    this.instances.set(`${where}/${made.name}`, {
      resource: { ...made, status: "RUNNING", metadata },
      worker,
    });
  }

  async #serial({ worker }: Running, start: number): Promise<object> {
    const printed = (await worker)?.printed() ?? "";
    const all = this.behaviour.distort?.(printed) ?? printed;
    const first = Math.max(start, all.length - this.behaviour.bufferBytes, 0);
    return {
      kind: "compute#serialPortOutput",
      contents: all.slice(first),
      start: String(first),
      next: String(all.length),
    };
  }

  #page(url: URL, all: readonly GcpImage[]): object {
    const size = 3;
    const from = Number(url.searchParams.get("pageToken") ?? 0);
    const next = from + size < all.length ? { nextPageToken: String(from + size) } : {};
    return { kind: "compute#imageList", items: all.slice(from, from + size), ...next };
  }

  /** Other APIs: permissions, quotas, organization policies. */
  #side(url: URL, sent: unknown, response: ServerResponse): boolean {
    if (url.pathname.endsWith(":testIamPermissions")) {
      const asked = checked<{ permissions: string[] }>(sent).permissions;
      const { permissions } = this.behaviour;
      json(response, 200, { permissions: asked.filter((one) => permissions?.includes(one) ?? true) });
    } else if (url.pathname.includes("/policies/")) {
      const id = /policies\/(.*):getEffectivePolicy$/.exec(url.pathname)?.[1] ?? "";
      json(response, 200, { spec: { rules: [{ enforce: this.behaviour.enforced?.includes(id) ?? false }] } });
    } else if (/\/regions\/[^/]+$/.test(url.pathname))
      json(response, 200, { quotas: [{ metric: "CPUS", limit: 24, usage: 2 }] });
    else return false;
    return true;
  }
}

/** A body that was held against the protos before: what does not fit fails the test. */
function checked<T>(body: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return body as T;
}

function isRefused(answer: object): answer is Refused {
  return "reason" in answer && "status" in answer && typeof answer.status === "number";
}

function grouped<T>(
  all: ReadonlyMap<string, T>,
  resourceOf: (one: T) => { labels?: Record<string, string> | null },
  asked: { readonly project: string; readonly label: string },
  key: string,
): object {
  const items: Record<string, Record<string, unknown[]>> = {};
  for (const [path, one] of all) {
    const resource = resourceOf(one);
    if (!path.startsWith(`${asked.project}/`)) continue;
    if (!(asked.label in (resource.labels ?? {}))) continue;
    const zone = `zones/${path.split("/")[1]}`;
    items[zone] ??= { [key]: [] };
    items[zone][key]?.push(resource);
  }
  return items;
}

function fingerprintOf(items: unknown): string {
  return Buffer.from(String(JSON.stringify(items ?? []).length)).toString("base64");
}

function notFound(what: string): Refused {
  return { status: 404, reason: "notFound", message: `The resource '${what}' was not found` };
}

function refuse(response: ServerResponse, { status, reason, message }: Refused): void {
  json(response, status, {
    error: { code: status, message, errors: [{ message, domain: "global", reason }] },
  });
}

async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}
