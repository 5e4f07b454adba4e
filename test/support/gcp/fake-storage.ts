import type { IncomingMessage, ServerResponse } from "node:http";

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly generation: string;
}

/** Cloud Storage's JSON API, as far as we use it: metadata, lists, ranges, resumable uploads. */
export class FakeStorage {
  readonly objects: Map<string, StoredObject> = new Map();
  readonly log: string[] = [];
  #generation = 1700000000000000;

  put(bucket: string, name: string, bytes: Uint8Array): void {
    this.#generation++;
    this.objects.set(`${bucket}/${name}`, { bytes, generation: String(this.#generation) });
  }

  /** Resolves to false when the request is for something else. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    body: () => Promise<Uint8Array>,
  ): Promise<boolean> {
    const { method = "GET" } = request;
    const upload = /^(?:\/resumable)?\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
    const object = /^(?:\/download)?\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
    if (!upload && !object) return false;
    this.log.push(`${method} ${url.pathname} ${request.headers.range ?? ""}`.trimEnd());
    if (upload) {
      const [, bucket = ""] = upload;
      const name = url.searchParams.get("name") ?? "";
      if (method === "POST") {
        await body();
        response.setHeader(
          "location",
          `${url.origin}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=${encodeURIComponent(name)}&upload_id=x`,
        );
        response.end();
      } else {
        this.put(bucket, name, await body());
        json(response, 200, this.#resource(bucket, name));
      }
      return true;
    }
    const [, bucket = "", encoded] = object ?? [];
    if (encoded === undefined) {
      const prefix = url.searchParams.get("prefix") ?? "";
      const names = [...this.objects.keys()].filter((key) => key.startsWith(`${bucket}/${prefix}`));
      json(response, 200, {
        kind: "storage#objects",
        items: names.map((key) => this.#resource(bucket, key.slice(bucket.length + 1))),
      });
      return true;
    }
    const name = decodeURIComponent(encoded);
    const found = this.objects.get(`${bucket}/${name}`);
    const generation = url.searchParams.get("generation");
    if (!found || (generation !== null && generation !== found.generation)) {
      json(response, 404, {
        error: { code: 404, message: `No such object: ${bucket}/${name}`, errors: [{ reason: "notFound" }] },
      });
    } else if (method === "DELETE") {
      this.objects.delete(`${bucket}/${name}`);
      response.statusCode = 204;
      response.end();
    } else if (url.searchParams.get("alt") === "media") this.#media(request, response, found);
    else json(response, 200, this.#resource(bucket, name));
    return true;
  }

  #resource(bucket: string, name: string): object {
    const { bytes, generation } = this.objects.get(`${bucket}/${name}`) ?? {
      bytes: new Uint8Array(),
      generation: "0",
    };
    return {
      kind: "storage#object",
      id: `${bucket}/${name}/${generation}`,
      name,
      bucket,
      generation,
      size: String(bytes.length),
    };
  }

  #media(request: IncomingMessage, response: ServerResponse, { bytes, generation }: StoredObject): void {
    response.setHeader("x-goog-generation", generation);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    if (from === undefined) {
      response.end(bytes);
      return;
    }
    const end = to ? Math.min(Number(to) + 1, bytes.length) : bytes.length;
    response.statusCode = 206;
    response.setHeader("content-range", `bytes ${from}-${end - 1}/${bytes.length}`);
    response.end(bytes.subarray(Number(from), end));
  }
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=UTF-8");
  response.end(JSON.stringify(value));
}
