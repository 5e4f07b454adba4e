import { spawn } from "node:child_process";
import { type FileHandle, open } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HttpFigures {
  readonly seconds: number;
  readonly requests: number;
  readonly kib: number;
}

/** A scan of an image behind a URL, each request answered after `latencyMs`: the whole process, start included. */
export async function httpFigures(image: string, latencyMs: number): Promise<HttpFigures> {
  const file = await open(image);
  let requests = 0;
  let bytes = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const { size } = await file.stat();
    const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(from);
    const end = to === "" ? size - 1 : Math.min(Number(to), size - 1);
    response.writeHead(206, {
      "content-range": `bytes ${start}-${end}/${size}`,
      "content-length": end - start + 1,
      etag: '"bench"',
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    bytes += end - start + 1;
    response.end(await piece(file, start, end - start + 1));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${portOf(server.address())}/image`;
    const begun = performance.now();
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, ["bin/sixray.js", "scan", "--quiet", url], { stdio: "ignore" });
      child.on("exit", () => resolve());
      child.on("error", reject);
    });
    return { seconds: (performance.now() - begun) / 1000, requests, kib: Math.ceil(bytes / 1024) };
  } finally {
    server.close();
    await file.close();
  }
}

async function piece(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, start);
  return bytes;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}
