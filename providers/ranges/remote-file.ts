import type { IncomingMessage } from "node:http";
import { type ByteSource, checkRange } from "../../src/disk/bytes/byte-source.ts";
import { GPT_FRONT_BYTES } from "../../src/disk/partitions/gpt.ts";
import { ScanError } from "../../src/errors.ts";
import { type HttpClient, TryAgain } from "./client.ts";

// Source: RFC 9110 sections 8.8 (validators), 13 (conditional requests), 14 (range requests).

/** Fetched by the first request: enough to tell what the file is, and for a GPT. */
const FRONT_BYTES = GPT_FRONT_BYTES;

/** A file on a server that does ranges. */
export interface RemoteFile {
  readonly kind: "ranges";
  readonly source: ByteSource;
  /** True once the file on the server was no longer the one that was opened. */
  stale(): boolean;
  readonly notes: readonly string[];
  /** What the server says of this version; undefined when it names none. */
  readonly mark: string | undefined;
}

/** A server that sends whole files only. `sizeBytes` is undefined when it does not say. */
export interface WholeFile {
  readonly kind: "whole";
  readonly sizeBytes: number | undefined;
}

/** What tells one version of a file from the next. */
interface Version {
  readonly size: number;
  readonly etag: string | undefined;
  readonly modified: string | undefined;
}

/** Opens the file with one request for its front. @throws access */
export function openRemote(client: HttpClient, label: string): Promise<RemoteFile | WholeFile> {
  return client.get({ range: `bytes=0-${FRONT_BYTES - 1}` }, async (reply) => {
    checkEncoding(reply, label);
    if (reply.statusCode === 416) return ranged(client, label, versionOf(reply, 0), new Uint8Array());
    if (reply.statusCode === 206) {
      const { start, end, size } = contentRange(reply, label);
      if (size === undefined) throw noSize(label);
      if (start !== 0 || end !== Math.min(FRONT_BYTES, size)) throw otherRange(label);
      return ranged(client, label, versionOf(reply, size), await body(reply, end, label));
    }
    const length = contentLength(reply);
    if (length === undefined || length > FRONT_BYTES) return { kind: "whole", sizeBytes: length };
    return ranged(client, label, versionOf(reply, length), await body(reply, length, label));
  });
}

function ranged(client: HttpClient, label: string, version: Version, front: Uint8Array): RemoteFile {
  const strong = version.etag !== undefined && !version.etag.startsWith("W/") ? version.etag : undefined;
  let stale = false;
  const condition: Record<string, string> = strong
    ? { "if-match": strong }
    : version.modified === undefined
      ? {}
      : { "if-range": version.modified };

  const changed = (): ScanError => {
    stale = true;
    return new ScanError("transient", "the image changed on the server while it was read", { at: [label] });
  };
  const isOther = (reply: IncomingMessage): boolean => {
    if (reply.statusCode === 412 || reply.statusCode === 416) return true;
    const now = versionOf(reply, version.size);
    const both = (a: string | undefined, b: string | undefined): boolean =>
      a !== undefined && b !== undefined && a !== b;
    return both(version.etag, now.etag) || (!version.etag && both(version.modified, now.modified));
  };

  const source: ByteSource = {
    size: version.size,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array(0);
      if (offset + length <= front.length) return front.subarray(offset, offset + length);
      if (stale) throw changed();
      const headers = { range: `bytes=${offset}-${offset + length - 1}`, ...condition };
      const take = async (reply: IncomingMessage): Promise<Uint8Array> => {
        if (isOther(reply)) throw changed();
        checkEncoding(reply, label);
        // With If-Range a whole file means another version; without, a server that forgot how ranges go.
        if (reply.statusCode !== 206) throw condition["if-range"] === undefined ? noRanges(label) : changed();
        const range = contentRange(reply, label);
        if (range.size !== undefined && range.size !== version.size) throw changed();
        if (range.start !== offset || range.end !== offset + length) throw otherRange(label);
        return body(reply, length, label);
      };
      return client.get(headers, take, signal);
    },
  };
  const notes =
    strong === undefined && version.modified === undefined
      ? ["the server names no version of the file: a change while it was read would only show in its size"]
      : [];
  const { size, etag, modified } = version;
  const mark =
    etag === undefined && modified === undefined ? undefined : JSON.stringify([size, etag, modified]);
  return { kind: "ranges", source, stale: () => stale, notes, mark };
}

export function noRanges(label: string): ScanError {
  return new ScanError(
    "access",
    "the server does not send parts of files (no range requests): --download fetches the whole file",
    { at: [label] },
  );
}

function noSize(label: string): ScanError {
  return new ScanError(
    "access",
    "the server does not say how large the file is: --download fetches the whole file",
    {
      at: [label],
    },
  );
}

function otherRange(label: string): ScanError {
  return new ScanError("access", "the server sends another part of the file than was asked for", {
    at: [label],
  });
}

/** The body, which has to have exactly `length` bytes. */
async function body(reply: IncomingMessage, length: number, label: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let have = 0;
  for await (const piece of pieces(reply)) {
    if (have + piece.length > length) throw otherRange(label);
    bytes.set(piece, have);
    have += piece.length;
  }
  if (have < length) throw new TryAgain(`the connection ended after ${have} of ${length} bytes`);
  return bytes;
}

/** What an answer sends; a connection that ends too early means another try. */
export async function* pieces(reply: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of reply) if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    if (error instanceof Error && (error.name === "AbortError" || error instanceof TryAgain)) throw error;
    throw new TryAgain("the connection ended too early", undefined, error);
  }
}

export function checkEncoding(reply: IncomingMessage, label: string): void {
  const encoding = reply.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity")
    throw new ScanError("access", "the server compresses the file on the way, though asked not to", {
      at: [label],
    });
}

/** `bytes 0-99/1000`; `end` is the byte behind the last, `size` undefined for `*`. */
function contentRange(
  reply: IncomingMessage,
  label: string,
): { readonly start: number; readonly end: number; readonly size: number | undefined } {
  const [, start, last, size] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(reply.headers["content-range"] ?? "") ?? [];
  if (start === undefined || last === undefined || !Number.isSafeInteger(Number(size === "*" ? 0 : size)))
    throw otherRange(label);
  return { start: Number(start), end: Number(last) + 1, size: size === "*" ? undefined : Number(size) };
}

export function contentLength(reply: IncomingMessage): number | undefined {
  const length = reply.headers["content-length"];
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function versionOf(reply: IncomingMessage, size: number): Version {
  return { size, etag: reply.headers.etag, modified: reply.headers["last-modified"] };
}
