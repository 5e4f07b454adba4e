import { createServer } from "node:http";
import { expect, onTestFinished, test, vi } from "vitest";
import { ComputeApi } from "./compute.ts";

/** Compute Engine with nothing but lists of images: what follows the page of a token. */
async function listing(
  page: (token: string) => { readonly items: readonly object[]; readonly next?: string },
) {
  const server = createServer((asked, reply) => {
    const token = new URL(asked.url ?? "", "http://x").searchParams.get("pageToken") ?? "";
    const { items, next } = page(token);
    reply.setHeader("content-type", "application/json");
    reply.end(JSON.stringify({ items, ...(next === undefined ? {} : { nextPageToken: next }) }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  vi.stubEnv("SIXRAY_GCP_ENDPOINT", `http://127.0.0.1:${address.port}`);
  const api = await ComputeApi.connect("p");
  return async () => (await Array.fromAsync(api.images("p"))).map(({ name }) => name);
}

test("many empty pages are not the end of a list", async () => {
  const images = await listing((token) => {
    const n = Number(token);
    return n < 20 ? { items: [], next: `${n + 1}` } : { items: [{ name: "last" }] };
  });
  expect(await images()).toEqual(["last"]);
});

test("a page that leads to itself is told", async () => {
  const images = await listing(() => ({ items: [{ name: "again" }], next: "x" }));
  await expect(images()).rejects.toThrow("the list of images of p sends one page again");
});
