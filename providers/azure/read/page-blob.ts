import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type ByteSource, checkRange } from "../../../src/disk/bytes/byte-source.ts";
import { ScanError } from "../../../src/errors.ts";
import { HttpClient, TryAgain } from "../../ranges/client.ts";
import { pieces } from "../../ranges/remote-file.ts";
import type { SignedAddress } from "./access.ts";
import { checkFooter, FOOTER_BYTES } from "./footer.ts";
import { isHole, type PageRange, pageRangesIn } from "./page-ranges.ts";

/*
 * A managed disk as a fixed VHD in a page blob, by a signed address.
 * Source: Azure Storage REST API, "Get Blob", "Get Page Ranges", "Specifying the range header", "Versioning".
 */

const VERSION = "2021-12-02";
/** A new address is asked for this long before the old one ends. */
const RENEW_BEFORE_MS = 120_000;
/** The service computes the MD5 of ranges up to 4 MiB. */
const MD5_BYTES_MAX = 4 << 20;
/**
 * Reads from here on look for holes first. The list of written pages costs 40 KiB to megabytes, which is more than the
 * few small reads of a scan, that mostly meet no hole.
 */
const LIST_FROM_BYTES = 256 << 10;
const REFUSED = [401, 403, 404, 409];

export interface PageBlobOptions {
  readonly label: string;
  readonly renew: () => Promise<SignedAddress>;
  /** A bearer token, for disks that ask who reads besides the signature. */
  readonly token?: (() => Promise<string>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PageBlob {
  /** The disk, without the footer of the VHD. */
  readonly source: ByteSource;
  requests(): number;
  throttled(): boolean;
  stale(): boolean;
  /** Whether every range came with an MD5 that fits. */
  verified(): boolean;
  close(): void;
}

/** Thrown where a fresh address may help. */
class Refused extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string) {
    super(`${status} ${reason}`);
    this.status = status;
    this.reason = reason;
  }
}

/** Two requests: the first sector, which tells the size, and the footer. @throws access, corrupt, unsupported */
export async function openPageBlob(first: SignedAddress, options: PageBlobOptions): Promise<PageBlob> {
  const connection = new Connection(first, options);
  try {
    return await opened(connection, options.label);
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function opened(connection: Connection, label: string): Promise<PageBlob> {
  const { size, etag } = await connection.ask({ range: "bytes=0-511" }, "", async (reply) => {
    const [, said] = /^bytes 0-511\/(\d{1,16})$/.exec(reply.headers["content-range"] ?? "") ?? [];
    const total = Number(said);
    if (said === undefined || !Number.isSafeInteger(total) || total < FOOTER_BYTES)
      throw new ScanError("access", "the service does not say how large the blob is", { at: [label] });
    await bodyOf(reply, 512);
    return { size: total, etag: reply.headers.etag };
  });
  const state = { verified: true, stale: false };
  const condition: Record<string, string> = etag === undefined ? {} : { "if-match": etag };
  const unchanged = (reply: IncomingMessage): void => {
    if (reply.statusCode !== 412) return;
    state.stale = true;
    throw new ScanError("transient", "the disk changed while it was read", { at: [label] });
  };

  /** Where the blob was written, asked once; undefined when the list is too long to be of use. */
  let listed: Promise<readonly PageRange[] | undefined> | undefined;
  const ranges = (): Promise<readonly PageRange[] | undefined> => {
    listed ??= connection.ask(condition, "comp=pagelist", (reply) => {
      unchanged(reply);
      return pageRangesIn(reply, size, label);
    });
    listed.catch(() => {
      listed = undefined;
    });
    return listed;
  };

  const fetched = async (offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> => {
    const wantsMd5 = length <= MD5_BYTES_MAX;
    const headers = {
      range: `bytes=${offset}-${offset + length - 1}`,
      ...(wantsMd5 ? { "x-ms-range-get-content-md5": "true" } : {}),
      ...condition,
    };
    const take = async (reply: IncomingMessage): Promise<Uint8Array> => {
      unchanged(reply);
      if (reply.statusCode === 416)
        throw new ScanError("access", "the blob ends before the disk does (416)", {
          at: [label, `offset ${offset}`],
        });
      const { "content-range": said, "content-md5": md5 } = reply.headers;
      if (reply.statusCode !== 206 || !said?.startsWith(`bytes ${offset}-${offset + length - 1}/`))
        throw new ScanError("access", "the service sends another part of the blob than was asked for", {
          at: [label, `offset ${offset}`],
        });
      const bytes = await bodyOf(reply, length);
      if (!wantsMd5 || md5 === undefined) state.verified = false;
      else if (createHash("md5").update(bytes).digest("base64") !== md5)
        throw new TryAgain(`the bytes at ${offset} do not have the MD5 that the service says`);
      return bytes;
    };
    return connection.ask(headers, "", take, signal);
  };

  const disk: ByteSource = {
    size: size - FOOTER_BYTES,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(disk, offset, length);
      if (length === 0) return new Uint8Array(0);
      const known = length < LIST_FROM_BYTES ? undefined : await ranges();
      if (known && isHole(known, offset, offset + length)) return new Uint8Array(length);
      return fetched(offset, length, signal);
    },
  };
  checkFooter(await fetched(disk.size, FOOTER_BYTES), disk.size, label);
  return {
    source: disk,
    requests: () => connection.requests,
    throttled: () => connection.throttled,
    stale: () => state.stale,
    verified: () => state.verified,
    close: () => connection.close(),
  };
}

async function bodyOf(reply: IncomingMessage, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let have = 0;
  for await (const piece of pieces(reply)) {
    if (have + piece.length > length) throw new TryAgain("the service sends more than was asked for");
    bytes.set(piece, have);
    have += piece.length;
  }
  if (have < length) throw new TryAgain(`the connection ended after ${have} of ${length} bytes`);
  return bytes;
}

/** Requests by whatever address is good now. */
class Connection {
  readonly #options: PageBlobOptions;
  #address: SignedAddress;
  #renewing: Promise<void> | undefined;
  #token: Promise<string> | undefined;
  readonly #all: HttpClient[] = [];
  readonly #clients = new Map<string, Promise<HttpClient>>();

  constructor(address: SignedAddress, options: PageBlobOptions) {
    this.#address = address;
    this.#options = options;
  }

  get requests(): number {
    return this.#all.reduce((sum, { requests }) => sum + requests, 0);
  }

  get throttled(): boolean {
    return this.#all.some(({ throttled }) => throttled);
  }

  /** `query` is added to the signed address. A refusal is met with a fresh address, once. */
  async ask<T>(
    headers: Readonly<Record<string, string>>,
    query: string,
    use: (reply: IncomingMessage) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (this.#address.expiresAt - Date.now() < RENEW_BEFORE_MS && this.#isOld())
      await this.#renew(this.#address);
    const before = this.#address;
    try {
      return await this.#send(headers, query, use, signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await this.#renew(before);
    }
    try {
      return await this.#send(headers, query, use, signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      throw new ScanError("access", refusal(error), { at: [this.#options.label] });
    }
  }

  close(): void {
    for (const client of this.#all) client.close();
  }

  #renewedAt = Date.now();

  /** Not again and again, where addresses are only good for less than that. */
  #isOld(): boolean {
    return Date.now() - this.#renewedAt > RENEW_BEFORE_MS;
  }

  /** One renewal for all requests that found the same address spent. */
  #renew(spent: SignedAddress): Promise<void> {
    if (this.#address !== spent) return Promise.resolve();
    this.#renewing ??= this.#options
      .renew()
      .then((fresh) => {
        this.#address = fresh;
        this.#renewedAt = Date.now();
        this.#token = undefined;
        this.#clients.clear();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  async #send<T>(
    headers: Readonly<Record<string, string>>,
    query: string,
    use: (reply: IncomingMessage) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const client = await this.#client(query);
    const seen = async (reply: IncomingMessage): Promise<T> => {
      const status = reply.statusCode ?? 0;
      if (!REFUSED.includes(status)) return use(reply);
      const code = reply.headers["x-ms-error-code"];
      throw new Refused(status, typeof code === "string" ? code : "");
    };
    return client.get(headers, seen, signal);
  }

  #client(query: string): Promise<HttpClient> {
    const known = this.#clients.get(query);
    if (known) return known;
    const made = this.#connect(query);
    this.#clients.set(query, made);
    return made;
  }

  async #connect(query: string): Promise<HttpClient> {
    const { label, signal, token } = this.#options;
    const url = new URL(this.#address.url);
    if (query !== "") url.search = `${url.search}&${query}`;
    if (token) this.#token ??= token();
    const bearer = await this.#token;
    const client = new HttpClient(url, label, {
      signal,
      handsOver: REFUSED,
      headers: {
        "x-ms-version": VERSION,
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
    });
    this.#all.push(client);
    return client;
  }
}

function refusal({ status, reason: code }: Refused): string {
  const what = code === "" ? `${status}` : `${status} ${code}`;
  if (/Network|PublicAccess|IpAddress|AuthorizationFailure/i.test(code))
    return `the disk's network access policy does not let it be read from here (${what})`;
  if (status === 404) return `the blob of the disk is gone (${what})`;
  return `the disk's signed address is refused, also a fresh one (${what})`;
}
