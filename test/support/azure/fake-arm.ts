import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import * as z from "zod";
import { readSas } from "./azurite.ts";
import { FakeGalleries } from "./fake-galleries.ts";
import { listen } from "./listen.ts";

/*
 * As much of Azure Resource Manager as an image takes. Shapes: Azure/azure-rest-api-specs, DiskRP 2024-03-02
 * diskExamples and ComputeRP 2024-11-01 virtualMachineImageExamples; headers and bodies of long-running operations as
 * recorded in Azure/azure-cli (vm/tests/latest/recordings/test_disk_trusted_launch.yaml).
 */

export const SUBSCRIPTION = "00000000-0000-0000-0000-000000000000";
export const GROUP = "sixray";
const LOCATION = "eastus";

export interface FakeDisk {
  readonly type: "disks" | "snapshots";
  readonly name: string;
  readonly blob: string;
  tags: Record<string, string>;
  properties: Record<string, unknown>;
  /** Addresses that were handed out and not ended. */
  open: boolean;
}

export interface FakeVersion {
  readonly name: string;
  readonly properties: Record<string, unknown>;
}

interface Operation {
  polls: number;
  readonly finish: () => unknown;
  result?: unknown;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: Record<string, unknown>;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const putDisk = z.object({
  properties: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.string()).default({}),
});

export class FakeArm {
  readonly #server: Server;
  readonly disks: Map<string, FakeDisk> = new Map();
  readonly #operations = new Map<string, Operation>();
  /** `Publisher:offer:sku`. */
  readonly images: Map<string, FakeVersion[]> = new Map();
  readonly galleries: FakeGalleries = new FakeGalleries(SUBSCRIPTION, LOCATION);
  /** What disks were made from. */
  made: unknown[] = [];
  subscriptions: { id: string; subscriptionId: string; displayName: string; state: string }[] = [
    {
      id: `/subscriptions/${SUBSCRIPTION}`,
      subscriptionId: SUBSCRIPTION,
      displayName: "Test",
      state: "Enabled",
    },
  ];
  permissions: unknown = [{ actions: ["*"], notActions: [] }];
  /** Where signed addresses lead. */
  blobs = "";
  /** What disks of an image hold. */
  imageBlob = "";
  sasSeconds: number | undefined;
  hidesState = false;
  acceptedTerms = true;
  readonly log: string[] = [];
  grants: Record<string, unknown>[] = [];
  /** Answers in the place of the fake. */
  answer: (asked: Asked, count: number) => FakeAnswer | undefined = () => undefined;
  /** Told of each request, before and after it was worked on; true: it never gets there, or its answer never back. */
  onRequest: (count: number, when: "before" | "after") => boolean = () => false;
  address = "";

  constructor() {
    this.#server = createServer((asked, reply) => {
      this.#serve(asked, reply).catch(() => reply.destroy());
    });
  }

  async start(): Promise<string> {
    this.address = await listen(this.#server);
    return this.address;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** What is there that somebody pays for or that blocks a disk. */
  get left(): readonly string[] {
    return [...this.disks.values()].flatMap(({ name, open, tags }) => [
      ...(open ? [`access ${name}`] : []),
      ...(tags["sixray:run"] === undefined ? [] : [`disk ${name}`]),
    ]);
  }

  reset(): void {
    this.disks.clear();
    this.log.length = 0;
    this.grants = [];
    this.made = [];
    this.#operations.clear();
    this.answer = () => undefined;
    this.onRequest = () => false;
    this.sasSeconds = undefined;
    this.hidesState = false;
    this.acceptedTerms = true;
  }

  addOwn(type: "disks" | "snapshots", name: string, properties: Record<string, unknown> = {}): string {
    this.disks.set(`${type}/${name}`, {
      type,
      name,
      blob: this.imageBlob,
      tags: {},
      properties,
      open: false,
    });
    return idOf(type, name);
  }

  async #serve(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of asked) text += piece.toString();
    const url = new URL(asked.url ?? "/", this.address);
    const method = asked.method ?? "GET";
    const path = decodeURIComponent(url.pathname);
    const count = this.log.push(`${method} ${path}`);
    if (this.onRequest(count, "before")) {
      reply.destroy();
      return;
    }
    const one: Asked = { method, path, url, body: text === "" ? {} : JSON.parse(text) };
    const { status, body, headers = {} } = this.answer(one, count) ?? this.#work(one);
    if (this.onRequest(count, "after")) {
      reply.destroy();
      return;
    }
    const json = body === undefined ? "" : JSON.stringify(body);
    const base = {
      "content-type": "application/json; charset=utf-8",
      "x-ms-ratelimit-remaining-resource": "Microsoft.Compute/GetVMImageFromLocation3Min;12999",
    };
    reply.writeHead(status, { ...base, ...headers }).end(json);
  }

  #work(asked: Asked): FakeAnswer {
    const { method, path, url } = asked;
    if (!url.searchParams.get("api-version"))
      return refused(400, "MissingApiVersionParameter", "no api-version");
    const lower = path.toLowerCase();
    if (lower === "/subscriptions") return { status: 200, body: { value: this.subscriptions } };
    const [, operation] = /\/operations\/([\w-]+)$/i.exec(path) ?? [];
    if (operation) return this.#poll(operation, url.searchParams.get("monitor") === "true");
    const root = `/subscriptions/${SUBSCRIPTION}`;
    const found = this.subscriptions.find(({ id }) => lower.startsWith(id.toLowerCase()));
    if (!found) return refused(404, "SubscriptionNotFound", "The subscription could not be found.");
    if (lower === root) return { status: 200, body: found };
    if (lower.endsWith("/providers/microsoft.authorization/permissions"))
      return { status: 200, body: { value: this.permissions } };
    if (lower.endsWith("/agreements/current"))
      return { status: 200, body: { properties: { accepted: this.acceptedTerms } } };
    if (lower.endsWith("/usages"))
      return {
        status: 200,
        body: {
          value: [
            {
              limit: 50000,
              currentValue: 2,
              unit: "Count",
              name: { value: "StandardSSDDiskCount", localizedValue: "Disks" },
            },
          ],
        },
      };
    if (lower === `${root}/resourcegroups/${GROUP}`)
      return {
        status: 200,
        body: { id: `${root}/resourceGroups/${GROUP}`, name: GROUP, location: LOCATION },
      };
    if (lower.includes("/publishers")) return this.#market(path);
    const gallery = this.galleries.answer(path);
    if (gallery) return gallery;
    const disk =
      /\/providers\/microsoft\.compute\/(disks|snapshots)(?:\/([^/]+))?(?:\/(beginGetAccess|endGetAccess))?$/i.exec(
        path,
      );
    if (!disk) return refused(404, "ResourceNotFound", `nothing at ${path}`);
    const [, kind = "", name, action] = disk;
    const type = kind.toLowerCase() === "snapshots" ? "snapshots" : "disks";
    if (name === undefined) {
      const all = [...this.disks.values()].filter((one) => one.type === type);
      return { status: 200, body: { value: all.map((one) => this.#shown(one)) } };
    }
    return this.#disk(method, type, name, action?.toLowerCase(), asked.body);
  }

  #disk(
    method: string,
    type: "disks" | "snapshots",
    name: string,
    action: string | undefined,
    body: Record<string, unknown>,
  ): FakeAnswer {
    const key = `${type}/${name}`;
    if (method === "PUT") {
      const made = putDisk.parse(body);
      this.made.push(made.properties.creationData);
      const properties = { ...made.properties, provisioningState: "Succeeded", diskSizeGB: 1 };
      const { tags } = made;
      this.disks.set(key, { type, name, blob: this.imageBlob, tags, properties, open: false });
      const now = {
        id: idOf(type, name),
        name,
        location: body.location,
        tags,
        properties: { ...properties, provisioningState: "Updating" },
      };
      return this.#accepted(() => undefined, now);
    }
    const disk = this.disks.get(key);
    if (!disk) {
      if (method === "DELETE") return { status: 204 };
      return refused(
        404,
        "ResourceNotFound",
        `The Resource 'Microsoft.Compute/${key}' under resource group '${GROUP}' was not found.`,
      );
    }
    if (method === "GET") return { status: 200, body: this.#shown(disk) };
    if (action === "begingetaccess") {
      this.grants.push(body);
      return this.#accepted(() => {
        disk.open = true;
        const seconds = this.sasSeconds ?? Number(body.durationInSeconds);
        return { accessSAS: `${this.blobs}${readSas(disk.blob, new Date(Date.now() + seconds * 1000))}` };
      });
    }
    if (action === "endgetaccess")
      return this.#accepted(() => {
        disk.open = false;
        return undefined;
      });
    if (method === "DELETE") {
      if (disk.open)
        return refused(
          409,
          "OperationNotAllowed",
          `There is an active shared access signature outstanding for disk ${name}. Call EndGetAccess before deleting it.`,
        );
      return this.#accepted(() => {
        this.disks.delete(key);
        return undefined;
      });
    }
    return refused(405, "MethodNotAllowed", method);
  }

  #shown({ type, name, tags, properties, open }: FakeDisk): object {
    const diskState = open && !this.hidesState ? "ActiveSAS" : "Unattached";
    return {
      id: idOf(type, name),
      name,
      type: `Microsoft.Compute/${type}`,
      location: LOCATION,
      tags,
      properties: { creationData: { createOption: "Empty" }, diskState, ...properties },
    };
  }

  #accepted(finish: () => unknown, body?: unknown): FakeAnswer {
    const id = randomUUID();
    this.#operations.set(id, { polls: 1, finish });
    const place = `${this.address}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Compute/locations/${LOCATION}/operations/${id}`;
    return {
      status: 202,
      body,
      headers: {
        location: `${place}?monitor=true&api-version=2024-03-02`,
        "azure-asyncoperation": `${place}?api-version=2024-03-02`,
        "retry-after": "0",
      },
    };
  }

  #poll(id: string, monitor: boolean): FakeAnswer {
    const operation = this.#operations.get(id);
    if (!operation) return refused(404, "NotFound", "no such operation");
    const startTime = "2025-08-22T08:14:29.1034483+00:00";
    if (operation.polls-- > 0) {
      if (monitor) return { status: 202, headers: { "retry-after": "0" } };
      return {
        status: 200,
        body: { startTime, status: "InProgress", name: id },
        headers: { "retry-after": "0" },
      };
    }
    if (!("result" in operation)) operation.result = operation.finish();
    if (monitor) return { status: 200, body: operation.result };
    return {
      status: 200,
      body: {
        startTime,
        endTime: startTime,
        status: "Succeeded",
        properties: { output: operation.result },
        name: id,
      },
    };
  }

  #market(path: string): FakeAnswer {
    const [, publisher, offer, sku, version] =
      /\/publishers(?:\/([^/]+))?(?:\/artifacttypes\/vmimage\/offers(?:\/([^/]+))?)?(?:\/skus(?:\/([^/]+))?)?(?:\/versions(?:\/([^/]+))?)?$/i.exec(
        path,
      ) ?? [];
    const keys = [...this.images.keys()].map((key) => key.split(":"));
    const wanted = [publisher, offer, sku];
    const fitting = keys.filter((key) => wanted.every((one, at) => one === undefined || one === key[at]));
    if (fitting.length === 0) return refused(404, "NotFound", `Artifact: VMImage was not found: ${path}`);
    const idAt = (name: string): object => ({
      location: LOCATION,
      name,
      id: `/Subscriptions/${SUBSCRIPTION}/…/${name}`,
    });
    const depth = wanted.indexOf(undefined);
    if (depth !== -1)
      return { status: 200, body: [...new Set(fitting.map((key) => key[depth] ?? ""))].map(idAt) };
    const versions = this.images.get(wanted.join(":")) ?? [];
    if (version === undefined)
      return { status: 200, body: versions.map(({ name, properties }) => ({ ...idAt(name), properties })) };
    const one = versions.find(({ name }) => name === version);
    if (!one) return refused(404, "NotFound", `The VM Image version ${version} was not found.`);
    return { status: 200, body: { ...idAt(one.name), properties: one.properties } };
  }
}

export function refused(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): FakeAnswer {
  return { status, body: { error: { code, message } }, headers };
}

export function idOf(type: string, name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/Microsoft.Compute/${type}/${name}`;
}

/** Properties of a platform image, as recorded. */
export function imageProperties(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    hyperVGeneration: "V2",
    architecture: "x64",
    imageDeprecationStatus: { imageState: "Active" },
    features: [{ name: "SecurityType", value: "TrustedLaunchSupported" }],
    osDiskImage: { operatingSystem: "Linux", sizeInGb: 30 },
    dataDiskImages: [],
    ...more,
  };
}
