import { createHash } from "node:crypto";
import { type ByteSource, checkRange } from "../../../src/disk/bytes/byte-source.ts";
import { corrupt, limitReached, ScanError } from "../../../src/errors.ts";
import { CallFailed } from "../api/account.ts";
import { BlockTable, type TableContext } from "./block-table.ts";

// Source: EBS direct APIs reference, GetSnapshotBlock. The JavaScript SDK verifies neither length nor checksum.

/** What EBS direct deals in. The service says so in each listing, too; a fake that says 512 sends these as well. */
export const BLOCK_BYTES: number = 512 << 10;
/** Each wrong answer of a block is asked for again, this often in all. */
const FETCHES_MAX = 3;
/** New listings for tokens that are not valid any more, for one block. */
const RELISTS_MAX = 3;
const ZEROS = new Uint8Array(BLOCK_BYTES);
const GIB = 2 ** 30;

export interface SnapshotSource extends ByteSource {
  /** `verified` as long as every block came with a checksum. */
  checksums(): "verified" | "none";
}

/**
 * A snapshot's disk through EBS direct. Lists the beginning of its block table and fetches block 0, which every scan
 * reads: so that a way that does not work shows here. Rejects with CallFailed.
 */
export async function openSnapshot(context: TableContext, volumeGib?: number): Promise<SnapshotSource> {
  const table = new BlockTable(context);
  const blocks = new SnapshotBlocks(context, table);
  const first = await blocks.block(0);
  const gib = table.volumeGib ?? volumeGib;
  if (gib === undefined || !(gib > 0) || !Number.isSafeInteger(gib * GIB))
    throw corrupt(context.label, "AWS does not say how large the volume is");
  let front: Uint8Array | undefined = first;
  const source: SnapshotSource = {
    size: gib * GIB,
    label: context.label,
    checksums: () => (blocks.unchecked ? "none" : "verified"),
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array(0);
      const from = Math.floor(offset / BLOCK_BYTES);
      const to = Math.floor((offset + length - 1) / BLOCK_BYTES);
      if (length > BYTES_MAX) throw limitReached(context.label, `a read of ${length} bytes`, offset);
      const parts = await Promise.all(
        Array.from({ length: to - from + 1 }, async (_, at) => {
          if (from + at > 0 || !front) return blocks.block(from + at);
          // A cache above keeps it from now on.
          const held = front;
          front = undefined;
          return held;
        }),
      );
      const skip = offset - from * BLOCK_BYTES;
      const [only] = parts;
      if (only && parts.length === 1) return only.subarray(skip, skip + length);
      const joined = new Uint8Array(parts.length * BLOCK_BYTES);
      for (const [at, part] of parts.entries()) joined.set(part, at * BLOCK_BYTES);
      return joined.subarray(skip, skip + length);
    },
  };
  return source;
}

const BYTES_MAX = 128 << 20;

/** One answer of GetSnapshotBlock, its body read. */
interface Fetched {
  readonly bytes: Uint8Array;
  readonly dataLength: number | undefined;
  readonly checksum: string | undefined;
  readonly algorithm: string | undefined;
}

class SnapshotBlocks {
  readonly #context: TableContext;
  readonly #table: BlockTable;
  /** A block came without a checksum. */
  unchecked = false;

  constructor(context: TableContext, table: BlockTable) {
    this.#context = context;
    this.#table = table;
  }

  /** One block of exactly BLOCK_BYTES; zeros where nothing was written. */
  async block(index: number): Promise<Uint8Array> {
    const { label, account, meter } = this.#context;
    let wrong = "";
    let relists = 0;
    for (let fetches = 0; fetches < FETCHES_MAX; ) {
      const entry = await this.#table.find(index);
      if (!entry) return ZEROS;
      if (meter.blocks >= account.settings.blocksMax)
        throw limitReached(label, `the budget of ${account.settings.blocksMax} blocks is spent`);
      let fetched: Fetched;
      try {
        fetched = await this.#fetch(index, entry.token);
      } catch (error) {
        if (!isTokenExpired(error) || ++relists > RELISTS_MAX) throw this.#failure(error, index);
        this.#table.expired(entry.version);
        continue;
      }
      fetches++;
      const bad = this.#fault(fetched, index);
      if (bad === undefined) return whole(fetched.bytes);
      wrong = bad;
    }
    throw corrupt(label, `block ${index}: ${wrong}, in each of ${FETCHES_MAX} answers`, index * BLOCK_BYTES);
  }

  #fault({ bytes, dataLength, checksum, algorithm }: Fetched, index: number): string | undefined {
    if (dataLength !== undefined && dataLength !== bytes.length)
      return `${bytes.length} of ${dataLength} bytes came`;
    const short = bytes.length < BLOCK_BYTES && checksum !== undefined && this.#table.isLast(index);
    if (bytes.length !== BLOCK_BYTES && !short) return `${bytes.length} of ${BLOCK_BYTES} bytes came`;
    if (checksum === undefined) {
      this.unchecked = true;
      return undefined;
    }
    if (algorithm !== undefined && !/^sha-?256$/i.test(algorithm))
      return `a checksum by ${algorithm}, which is none that AWS uses`;
    const sum = createHash("sha256").update(bytes).digest("base64");
    return sum === checksum ? undefined : "its SHA-256 is not the one AWS sends along";
  }

  async #fetch(index: number, token: string): Promise<Fetched> {
    const { account, snapshot, meter, signal } = this.#context;
    const { client, sdk } = await account.ebs();
    return account.call(
      "GetSnapshotBlock",
      "get-block",
      async (abortSignal) => {
        const answer = await client.send(
          new sdk.GetSnapshotBlockCommand({ SnapshotId: snapshot, BlockIndex: index, BlockToken: token }),
          abortSignal ? { abortSignal } : {},
        );
        return {
          bytes: (await answer.BlockData?.transformToByteArray()) ?? new Uint8Array(0),
          dataLength: answer.DataLength,
          checksum: answer.Checksum,
          algorithm: answer.ChecksumAlgorithm,
        };
      },
      { meter, signal },
    );
  }

  /** Block 0 decides about the way and keeps its error; later ones end the scan of the image. */
  #failure(error: unknown, index: number): unknown {
    if (!(error instanceof CallFailed) || index === 0) return error;
    const { answer } = error;
    const what =
      answer.trouble === "absent"
        ? `the snapshot is gone: it was deleted while it was read (${answer.text})`
        : error.message;
    return new ScanError("access", what, { at: [this.#context.label, `block ${index}`], cause: error });
  }
}

function isTokenExpired(error: unknown): boolean {
  return (
    error instanceof CallFailed &&
    (error.answer.reason === "INVALID_BLOCK_TOKEN" || /block token/i.test(error.answer.text))
  );
}

/** Plain bytes of a whole block; the last one of what a fake was given may be short. */
function whole(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (plain.length === BLOCK_BYTES) return plain;
  const padded = new Uint8Array(BLOCK_BYTES);
  padded.set(plain);
  return padded;
}
