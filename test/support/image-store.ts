/**
 * A server of many small images, in a process of its own: the same few disks under as many names as wanted, behind a
 * rate limit and with faults, as a cloud has them. Started by `imageStore`; run by itself it takes its settings as JSON.
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { random } from "./mutate.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));

export interface StoreSettings {
  readonly images: number;
  /** Files that the names stand for, in turns; of the fixtures where no folder is named. */
  readonly disks: readonly string[];
  readonly latencyMs: number;
  /** Requests a second; more are answered 429. */
  readonly ratePerSecond?: number;
  /** Shares of the answers, 0 to 1. */
  readonly throttled: number;
  readonly cut: number;
  readonly corrupt: number;
}

export interface StoreFigures {
  readonly requests: number;
  /** Answered 429, by the limit or by chance. */
  readonly throttled: number;
  readonly cut: number;
  readonly corrupt: number;
  /** Connections that are open now, and were at most. */
  readonly open: number;
  readonly openMax: number;
}

const DEFAULTS: Omit<StoreSettings, "images"> = {
  disks: ["off-sysctl.qcow2", "off-cmdline.qcow2", "on.qcow2"],
  latencyMs: 0,
  throttled: 0,
  cut: 0,
  corrupt: 0,
};

const settings: z.ZodType<StoreSettings> = z.object({
  images: z.number(),
  disks: z.array(z.string()),
  latencyMs: z.number(),
  ratePerSecond: z.number().exactOptional(),
  throttled: z.number(),
  cut: z.number(),
  corrupt: z.number(),
});

const figures: z.ZodType<StoreFigures> = z.object({
  requests: z.number(),
  throttled: z.number(),
  cut: z.number(),
  corrupt: z.number(),
  open: z.number(),
  openMax: z.number(),
});

export interface ImageStore {
  /** The folder's address: its list of checksums names the images. */
  readonly url: string;
  figures(): Promise<StoreFigures>;
  set(change: Partial<StoreSettings>): void;
  close(): Promise<void>;
}

export async function imageStore(
  wanted: Partial<StoreSettings> & { readonly images: number },
): Promise<ImageStore> {
  let now: StoreSettings = { ...DEFAULTS, ...wanted };
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(now)], { execArgv: [] });
  process.once("exit", () => child.kill());
  const [port]: unknown[] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${Number(port)}/`,
    async figures() {
      child.send("figures");
      const [told]: unknown[] = await once(child, "message");
      return figures.parse(told);
    },
    set(change) {
      now = { ...now, ...change };
      child.send(now);
    },
    async close() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill();
      await gone;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  serve(settings.parse(JSON.parse(process.argv[2] ?? "")));

function serve(given: StoreSettings): void {
  let now = given;
  const disks = given.disks.map((name) => readFileSync(name.includes("/") ? name : FIXTURES + name));
  const told = { requests: 0, throttled: 0, cut: 0, corrupt: 0, open: 0, openMax: 0 };
  const chance = random(20261125);
  let tokens = given.ratePerSecond ?? 0;
  let filled = performance.now();

  /** A bucket that holds a tenth of a second's requests. */
  const allowed = (): boolean => {
    const { ratePerSecond: rate } = now;
    if (rate === undefined) return true;
    const at = performance.now();
    tokens = Math.min(Math.max(1, rate / 10), tokens + ((at - filled) / 1000) * rate);
    filled = at;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    told.requests++;
    const path = request.url ?? "/";
    if (path === "/SHA256SUMS") {
      response.end(listing(now.images));
      return;
    }
    const number = Number(/^\/family\d+-2026\d{4}-(\d+)\.\w+$/.exec(path)?.[1]);
    const disk = disks[number % disks.length];
    if (!disk || !(number < now.images)) {
      response.writeHead(404).end();
      return;
    }
    if (!allowed() || chance() < now.throttled) {
      told.throttled++;
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    }
    send(request, response, disk);
  };

  const send = (request: IncomingMessage, response: ServerResponse, disk: Buffer): void => {
    response.setHeader("etag", `"${digestOf(request.url ?? "").slice(0, 16)}"`);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = Math.min(last ? Number(last) + 1 : disk.length, disk.length);
    let bytes: Buffer = disk.subarray(start, end);
    if (chance() < now.corrupt) {
      told.corrupt++;
      bytes = Buffer.from(bytes);
      bytes.fill(0xa5, Math.floor(bytes.length / 3), Math.floor(bytes.length / 3) + 64);
    }
    const range = { "content-range": `bytes ${start}-${end - 1}/${disk.length}` };
    response.writeHead(first === undefined ? 200 : 206, {
      ...(first === undefined ? {} : range),
      "content-length": end - start,
    });
    if (request.method === "HEAD") response.end();
    else if (chance() < now.cut) {
      told.cut++;
      response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    } else response.end(bytes);
  };

  const server = createServer((request, response) => {
    if (now.latencyMs === 0) answer(request, response);
    else setTimeout(() => answer(request, response), now.latencyMs);
  });
  server.keepAliveTimeout = 2_000;
  server.on("connection", (socket) => {
    told.open++;
    told.openMax = Math.max(told.openMax, told.open);
    socket.once("close", () => told.open--);
  });
  server.listen(0, "127.0.0.1", 4096, () => {
    const address = server.address();
    process.send?.(typeof address === "object" && address ? address.port : 0);
  });
  process.on("message", (message) => {
    if (message === "figures") process.send?.(told);
    else now = settings.parse(message);
  });
  process.once("disconnect", () => process.exit());
}

/** Of `sha256sum`: the digests are of the names, so that every image has a content of its own. */
function listing(images: number): string {
  const families = Math.max(1, Math.ceil(images / 50));
  return Array.from({ length: images }, (_, number) => {
    const day = `2026${String(1 + (number % 12)).padStart(2, "0")}${String(1 + (number % 28)).padStart(2, "0")}`;
    const name = `family${number % families}-${day}-${number}.qcow2`;
    return `${digestOf(name)}  ${name}\n`;
  }).join("");
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
