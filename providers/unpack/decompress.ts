import { pipeline, Readable, type Transform } from "node:stream";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { corrupt, limitReached, ScanError, unsupported } from "../../src/errors.ts";

/** How a file is compressed as a whole. */
export type Packing = "gzip" | "xz" | "zstd" | "bzip2";

const PIECE_BYTES = 1 << 20;
/** A zstd file may begin with a skippable frame. */
const MAGICS: readonly (readonly [Packing, readonly string[]])[] = [
  ["gzip", ["\x1f\x8b\x08"]],
  ["xz", ["\xfd7zXZ\0"]],
  ["zstd", ["\x28\xb5\x2f\xfd", ...Array.from({ length: 16 }, (_, i) => skippable(i))]],
  ["bzip2", Array.from({ length: 9 }, (_, i) => `BZh${i + 1}`)],
];
const BZIP2_NEXT = ["1AY&SY", "\x17rE8P\x90"];

function skippable(variant: number): string {
  return `${String.fromCharCode(0x50 + variant)}\x2a\x4d\x18`;
}

/** How the file that begins with these bytes is compressed, if it is. */
export function packingOf(front: Uint8Array): Packing | undefined {
  const text = Buffer.from(front.subarray(0, 16)).toString("latin1");
  const found = MAGICS.find(([, magics]) => magics.some((magic) => text.startsWith(magic)))?.[0];
  if (found === "bzip2" && !BZIP2_NEXT.some((magic) => text.startsWith(magic, 4))) return undefined;
  return found;
}

/**
 * A source from front to back, the next piece asked for while one is worked on. `onPiece` sees every piece, to add up
 * a digest.
 */
export async function* pieces(
  source: ByteSource,
  signal: AbortSignal | undefined,
  onPiece?: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const ask = (at: number): Promise<Uint8Array> | undefined => {
    if (at >= source.size) return undefined;
    const piece = source.read(at, Math.min(PIECE_BYTES, source.size - at), signal);
    // Whoever stops half way does not wait for it.
    piece.catch(() => undefined);
    return piece;
  };
  let next = ask(0);
  for (let at = PIECE_BYTES; next; at += PIECE_BYTES) {
    signal?.throwIfAborted();
    const piece = await next;
    next = ask(at);
    onPiece?.(piece);
    yield piece;
  }
}

/**
 * Decompresses a whole file. Which program does it is loaded when it is needed.
 * @throws corrupt, unsupported, limit
 */
export async function* decompressed(
  input: AsyncIterable<Uint8Array>,
  packing: Packing,
  label: string,
): AsyncGenerator<Uint8Array> {
  try {
    switch (packing) {
      case "gzip":
        yield* through(input, (await import("node:zlib")).createGunzip());
        return;
      case "zstd":
        yield* through(
          (await import("./zstd-frames.ts")).zstdFrames(input, label),
          (await import("node:zlib")).createZstdDecompress(),
        );
        return;
      case "bzip2":
        yield* (await import("../../src/disk/bytes/codecs/bzip2.ts")).bunzip2(input, label);
        return;
      case "xz":
        yield* unxz(input);
        return;
    }
  } catch (error) {
    throw explained(error, packing, label);
  }
}

async function* through(input: AsyncIterable<Uint8Array>, transform: Transform): AsyncGenerator<Uint8Array> {
  // Errors of either end reach whoever reads the transform.
  yield* pipeline(Readable.from(input), transform, () => undefined);
}

async function* unxz(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { XzReadableStream } = (await import("xz-decompress")).default;
  // Its own cancel() is not to be had before it was read to the end: the input's generator ends it.
  yield* new XzReadableStream(ReadableStream.from(input));
}

/** Source: XZ Embedded, enum xz_ret, whose numbers xz-decompress passes on. */
const XZ_LIMIT = [3, 4];
const XZ_OPTIONS = [2, 6];

function explained(error: unknown, packing: Packing, label: string): unknown {
  if (!(error instanceof Error) || error instanceof ScanError || error.name === "AbortError") return error;
  const code = Number(/error code (\d+)$/.exec(error.message)?.[1] ?? -1);
  if (XZ_LIMIT.includes(code) || /window|memory/i.test(error.message))
    return limitReached(label, `${packing}: unpacking takes more memory than sixray allows`);
  if (XZ_OPTIONS.includes(code))
    return unsupported(
      label,
      "xz: a filter or checksum that is not read: unpack it (unxz) and scan the result",
    );
  const what = code === 8 ? "ends too early" : code >= 0 ? `is damaged (${code})` : error.message;
  return corrupt(label, `${packing}: ${what}`);
}
