import { createServer, request } from "node:http";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { rangeServer } from "../../test/support/range-server.ts";
import { HttpClient } from "../ranges/client.ts";

afterEach(() => void vi.unstubAllEnvs());

/** A proxy that takes every name for this machine, and tells what it was asked. */
async function proxy(): Promise<{ readonly url: string; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const server = createServer((from, to) => {
    asked.push(`${from.method} ${from.url}`);
    const { port, pathname } = new URL(from.url ?? "");
    const sent = request({ host: "127.0.0.1", port, path: pathname, headers: from.headers }, (reply) => {
      to.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(to);
    });
    sent.end();
  });
  server.on("connect", (from, socket) => {
    asked.push(`CONNECT ${from.url}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

function client(url: string): HttpClient {
  const made = new HttpClient(new URL(url), "x");
  onTestFinished(() => made.close());
  return made;
}

const status = (one: HttpClient): Promise<number | undefined> =>
  one.get({}, async (reply) => {
    reply.resume();
    return reply.statusCode;
  });

/** A name that only the proxy knows. */
const named = (origin: string): string => origin.replace("127.0.0.1", "images.invalid");

test.each(["http_proxy", "HTTP_PROXY"])("%s counts, for names that only it knows, too", async (name) => {
  const { origin } = await rangeServer({ "/x": "content" });
  const { url, asked } = await proxy();
  vi.stubEnv(name, url);
  expect(await status(client(`${named(origin)}/x`))).toBe(200);
  expect(asked).toEqual([`GET ${named(origin)}/x`]);
});

test("NO_PROXY takes a host out", async () => {
  const { origin } = await rangeServer({ "/x": "content" });
  const { url, asked } = await proxy();
  vi.stubEnv("HTTP_PROXY", url);
  vi.stubEnv("NO_PROXY", "127.0.0.1");
  expect(await status(client(`${origin}/x`))).toBe(200);
  expect(asked).toEqual([]);
});

test("HTTPS_PROXY is asked for a tunnel, and its refusal told", async () => {
  const { url, asked } = await proxy();
  vi.stubEnv("HTTPS_PROXY", url);
  await expect(status(client("https://images.invalid/x"))).rejects.toThrow(
    /the proxy .* does not let us through/,
  );
  expect(asked).toEqual(["CONNECT images.invalid:443"]);
});

test.each(["http://10.0.0.1/x", "http://localhost/x"])(
  "behind a proxy no redirect leads to %s",
  async (to) => {
    const { origin, behaviour } = await rangeServer({ "/x": "content" });
    const { url, asked } = await proxy();
    behaviour.redirects = new Map([["/x", to]]);
    vi.stubEnv("HTTP_PROXY", url);
    await expect(status(client(`${named(origin)}/x`))).rejects.toThrow(/redirects to the private address/);
    expect(asked).toHaveLength(1);
  },
);
