import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Source: Azure Storage REST API, "Create an account SAS", "Create a service SAS", "Put Page"; Azurite's README.

const ACCOUNT = "devstoreaccount1";
/** Azurite's own, published in its README: opens nothing else. */
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const VERSION = "2018-11-09";
const CONTAINER = "disks";
const PIECE = 1 << 20;

/** Azurite's blob service, on a free port with a folder of its own. */
export class Azurite {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, address: string, folder: string) {
    this.#child = child;
    this.address = address;
    this.#folder = folder;
  }

  static async start(): Promise<Azurite> {
    const folder = mkdtempSync(join(tmpdir(), "sixray-azurite-"));
    const main = fileURLToPath(import.meta.resolve("azurite/dist/src/blob/main.js"));
    const flags = [
      "--blobPort",
      "0",
      "--silent",
      "--skipApiVersionCheck",
      "--disableTelemetry",
      "--location",
      folder,
    ];
    const child = spawn(process.execPath, [main, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      const hear = (chunk: Buffer): void => {
        said += chunk.toString();
        const [, found] = /successfully listens on (http:\/\/[\d.:]+)/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("exit", () => reject(new Error(`Azurite does not start: ${said}`)));
    });
    const azurite = new Azurite(child, address, folder);
    await azurite.#put(`${CONTAINER}?restype=container`, {});
    return azurite;
  }

  async stop(): Promise<void> {
    const over = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await over;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Stores a fixed VHD; pages of zeros are left out, as Azure does. */
  async upload(path: string, blob: string): Promise<void> {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const headers = { "x-ms-blob-type": "PageBlob", "x-ms-blob-content-length": String(size) };
      await this.#put(`${CONTAINER}/${blob}?`, headers);
      const piece = Buffer.alloc(PIECE);
      for (let at = 0; at < size; at += PIECE) {
        const { bytesRead } = await file.read(piece, 0, PIECE, at);
        for (const [start, end] of written(piece.subarray(0, bytesRead))) {
          const range = { "x-ms-page-write": "update", range: `bytes=${at + start}-${at + end - 1}` };
          await this.#put(`${CONTAINER}/${blob}?comp=page`, range, piece.subarray(start, end));
        }
      }
    } finally {
      await file.close();
    }
  }

  async #put(path: string, headers: Record<string, string>, body?: Buffer): Promise<void> {
    const url = `${this.address}/${ACCOUNT}/${path}&${accountSas()}`;
    const bytes = body === undefined ? null : new Uint8Array(body);
    const reply = await fetch(url, {
      method: "PUT",
      headers: { "x-ms-version": VERSION, ...headers },
      body: bytes,
    });
    if (!reply.ok) throw new Error(`Azurite: ${reply.status} ${await reply.text()}`);
  }
}

/** Runs of pages that are not all zeros. */
function* written(piece: Buffer): Generator<readonly [number, number]> {
  const zeros = Buffer.alloc(4096);
  let start: number | undefined;
  for (let at = 0; at < piece.length; at += 4096) {
    const page = piece.subarray(at, at + 4096);
    if (page.equals(zeros.subarray(0, page.length))) {
      if (start !== undefined) yield [start, at];
      start = undefined;
    } else start ??= at;
  }
  if (start !== undefined) yield [start, piece.length];
}

function accountSas(): string {
  const end = new Date(Date.now() + 3_600_000).toISOString();
  const parts = { sp: "rwdlac", ss: "b", srt: "sco", se: end, sv: VERSION };
  const signed = [ACCOUNT, parts.sp, parts.ss, parts.srt, "", end, "", "", VERSION, ""].join("\n");
  return new URLSearchParams({ ...parts, sig: hmac(signed) }).toString();
}

/** Path and query of an address that lets a blob be read until `end`, as ARM hands one out. */
export function readSas(blob: string, end: Date): string {
  const se = `${end.toISOString().slice(0, 19)}Z`;
  const resource = `/blob/${ACCOUNT}/${CONTAINER}/${blob}`;
  const signed = ["r", "", se, resource, "", "", "", VERSION, "b", "", "", "", "", "", ""].join("\n");
  const query = new URLSearchParams({ sv: VERSION, sr: "b", sp: "r", se, sig: hmac(signed) });
  return `/${ACCOUNT}/${CONTAINER}/${blob}?${query.toString()}`;
}

function hmac(text: string): string {
  return createHmac("sha256", Buffer.from(KEY, "base64")).update(text).digest("base64");
}
