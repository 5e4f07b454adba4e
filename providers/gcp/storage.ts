import { EventEmitter } from "node:events";
import type { File, Storage } from "@google-cloud/storage";
import { type ByteSource, checkRange } from "../../src/disk/bytes/byte-source.ts";
import { corrupt, ScanError } from "../../src/errors.ts";
import type { OpenImage, ProviderContext } from "../contract.ts";
import { unpack } from "../unpack/unpack.ts";
import { failureOf, GcpFailure, withScanErrors } from "./failure.ts";
import { endpointOverride, numberOf, storageSdk } from "./sdk.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** As over HTTP: whole sectors of what is asked for, and gaps up to this with them. */
const READING = { blockBytes: 512, gapMaxBytes: 16 << 10 };

const LISTENERS_MAX = 32;

/** Cloud Storage, as far as we use it. */
export class StorageApi {
  readonly #storage: Storage;
  requests = 0;

  readonly #signal: AbortSignal | undefined;

  private constructor(storage: Storage, signal: AbortSignal | undefined) {
    this.#storage = storage;
    this.#signal = signal;
  }

  /** An abort ends the waiting for what is only looked at. */
  static async connect(project: string | undefined, signal?: AbortSignal): Promise<StorageApi> {
    const { Storage } = await storageSdk();
    const url = endpointOverride();
    return new StorageApi(
      new Storage({
        ...(project === undefined ? {} : { projectId: project }),
        ...(url ? { apiEndpoint: url.origin } : {}),
      }),
      signal,
    );
  }

  /** An object as it is now: what is written over it later is not read. Rejects with `access` when it is not there. */
  async source(bucket: string, object: string): Promise<ByteSource> {
    const label = `gs://${bucket}/${object}`;
    const named = this.#storage.bucket(bucket).file(object);
    const [{ size, generation, contentEncoding }] = await withScanErrors(label, () =>
      this.#looked(() => named.getMetadata()),
    );
    const bytes = numberOf(size);
    if (bytes === undefined) throw corrupt(label, "Cloud Storage does not tell its size");
    if (contentEncoding === "gzip")
      throw new ScanError(
        "unsupported",
        "the object has Content-Encoding gzip, so that no ranges of it can be read",
        { at: [label] },
      );
    const file = this.#storage.bucket(bucket).file(object, generation === undefined ? {} : { generation });
    return this.#ranged(file, bytes, label);
  }

  /** Names of the objects that begin like this. */
  async list(bucket: string, prefix: string): Promise<readonly string[]> {
    const label = `gs://${bucket}/${prefix}`;
    const [files] = await withScanErrors(label, () =>
      this.#looked(() =>
        this.#storage.bucket(bucket).getFiles({ prefix, maxResults: 100, autoPaginate: false }),
      ),
    );
    return files.map(({ name }) => name);
  }

  /** A URL that lets who has it write this one object, without credentials of its own. */
  async uploadUrl(bucket: string, object: string, labels: Readonly<Record<string, string>>): Promise<string> {
    const file = this.#storage.bucket(bucket).file(object);
    const [url] = await this.#counted(() =>
      file.createResumableUpload({ metadata: { metadata: { ...labels } } }),
    );
    return url;
  }

  async exists(bucket: string, object: string): Promise<boolean> {
    const [exists] = await this.#counted(() => this.#storage.bucket(bucket).file(object).exists());
    return exists;
  }

  async remove(bucket: string, object: string): Promise<void> {
    await this.#counted(() => this.#storage.bucket(bucket).file(object).delete({ ignoreNotFound: true }));
  }

  #ranged(file: File, size: number, label: string): ByteSource {
    const source: ByteSource = {
      size,
      label,
      read: async (offset, length, signal) => {
        signal?.throwIfAborted();
        checkRange(source, offset, length);
        if (length === 0) return new Uint8Array(0);
        return withScanErrors(label, () =>
          this.#looked(() => readRange(file, offset, length, label), signal),
        );
      },
    };
    return source;
  }

  #looked<T>(use: () => Promise<T>, signal = this.#signal): Promise<T> {
    return this.#counted(() => unlessAborted(signal, use));
  }

  async #counted<T>(use: () => Promise<T>): Promise<T> {
    this.requests++;
    try {
      return await use();
    } catch (error) {
      throw failureOf(error);
    }
  }
}

/** `decompress: false`, so that bytes come as they are stored; ranges have no checksum of their own. */
async function readRange(file: File, offset: number, length: number, label: string): Promise<Uint8Array> {
  const options = { start: offset, end: offset + length - 1, decompress: false, validation: false } as const;
  const bytes = new Uint8Array(length);
  let have = 0;
  const stream = file.createReadStream(options);
  // Google's library listens more than ten times to one answer of more than 16 KiB, which Node.js takes for a leak.
  stream.once("response", (answer: unknown) => {
    if (answer instanceof EventEmitter) answer.setMaxListeners(LISTENERS_MAX);
  });
  for await (const piece of stream) {
    if (!(piece instanceof Uint8Array))
      throw new TypeError(`${label}: a stream of something else than bytes`);
    if (have + piece.length > length)
      throw new GcpFailure("transient", "Cloud Storage sent more than was asked for");
    bytes.set(piece, have);
    have += piece.length;
  }
  if (have < length)
    throw new GcpFailure("transient", `the connection ended after ${have} of ${length} bytes`);
  return bytes;
}

/** Opens what lies in an object: a disk in any format, or an archive or compressed file with one in it. */
export async function openObject(
  api: StorageApi,
  bucket: string,
  object: string,
  context: ProviderContext,
): Promise<OpenImage> {
  const source = await api.source(bucket, object);
  const opened = await unpack({ source, reading: READING }, context);
  return { ...opened, requests: () => api.requests };
}
