import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What a test can have the server do; change it between requests. */
export interface Behaviour {
  /** Wait before every answer. */
  latencyMs: number;
  /** Answer every request with the whole file. */
  noRanges: boolean;
  /** Leave out Content-Length on whole files. */
  noLength: boolean;
  etag: string | undefined;
  lastModified: string | undefined;
  /** Answer this many requests with `errorStatus` first. */
  errors: number;
  errorStatus: number;
  retryAfter: string | undefined;
  /** Cut this many answers off in the middle. */
  cuts: number;
  /** Say nothing at all to this many requests. */
  silences: number;
  /** Send other bytes than were asked for. */
  wrongRange: boolean;
  encoding: string | undefined;
  /** Paths that lead elsewhere. */
  redirects: ReadonlyMap<string, string>;
}

export interface RangeServer {
  /** `http://127.0.0.1:1234` */
  readonly origin: string;
  readonly behaviour: Behaviour;
  /** Files by path; may be changed. */
  readonly files: Map<string, Uint8Array>;
  /** `GET /path bytes=0-99`, in the order of arrival. */
  readonly log: string[];
}

/** An HTTP server on this machine that does ranges, and misbehaves when told. Gone when the test is. */
export async function rangeServer(
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<RangeServer> {
  const behaviour: Behaviour = {
    latencyMs: 0,
    noRanges: false,
    noLength: false,
    etag: '"v1"',
    lastModified: "Tue, 10 Nov 2026 10:00:00 GMT",
    errors: 0,
    errorStatus: 503,
    retryAfter: undefined,
    cuts: 0,
    silences: 0,
    wrongRange: false,
    encoding: undefined,
    redirects: new Map(),
  };
  const held = new Map(
    Object.entries(files).map(([path, bytes]) => [path, Uint8Array.from(Buffer.from(bytes))]),
  );
  const log: string[] = [];
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url} ${request.headers.range ?? ""}`.trimEnd());
    setTimeout(() => answer(request, response, behaviour, held), behaviour.latencyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => closed(server));
  return { origin: `http://127.0.0.1:${portOf(server)}`, behaviour, files: held, log };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: Behaviour,
  files: ReadonlyMap<string, Uint8Array>,
): void {
  const path = decodeURIComponent((request.url ?? "/").replace(/\?.*$/, ""));
  if (behaviour.silences > 0) {
    behaviour.silences--;
    return;
  }
  if (behaviour.errors > 0) {
    behaviour.errors--;
    if (behaviour.retryAfter !== undefined) response.setHeader("retry-after", behaviour.retryAfter);
    response.writeHead(behaviour.errorStatus).end("busy");
    return;
  }
  const to = behaviour.redirects.get(path);
  if (to !== undefined) {
    response.writeHead(302, { location: to }).end();
    return;
  }
  const file = files.get(path);
  if (!file) {
    response.writeHead(404).end();
    return;
  }
  const { etag, lastModified, encoding } = behaviour;
  if (etag !== undefined) response.setHeader("etag", etag);
  if (lastModified !== undefined) response.setHeader("last-modified", lastModified);
  if (encoding !== undefined) response.setHeader("content-encoding", encoding);
  const { "if-match": ifMatch, "if-range": ifRange } = request.headers;
  if (ifMatch !== undefined && ifMatch !== etag) {
    response.writeHead(412).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const sameVersion = ifRange === undefined || ifRange === etag || ifRange === lastModified;
  if (!range || behaviour.noRanges || !sameVersion) {
    send(response, 200, file, behaviour);
    return;
  }
  const start = Number(range[1]) + (behaviour.wrongRange ? 1 : 0);
  const end = Math.min(Number(range[2]) + 1, file.length);
  if (start >= file.length) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  response.setHeader("content-range", `bytes ${start}-${end - 1}/${file.length}`);
  send(response, 206, file.subarray(start, end), behaviour);
}

function send(response: ServerResponse, status: number, bytes: Uint8Array, behaviour: Behaviour): void {
  if (!behaviour.noLength || status === 206) response.setHeader("content-length", bytes.length);
  response.writeHead(status);
  if (behaviour.cuts > 0) {
    behaviour.cuts--;
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    return;
  }
  response.end(bytes);
}

function portOf(server: Server): number {
  const isAddress = (value: AddressInfo | string | null): value is AddressInfo =>
    typeof value === "object" && value !== null;
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
