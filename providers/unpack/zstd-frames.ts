import { corrupt } from "../../src/errors.ts";

// Source: RFC 8878, sections 3.1.1 (frames), 3.1.1.1 (frame header), 3.1.1.2 (blocks) and 3.1.2 (skippable frames).

const MAGIC = 0xfd2fb528;
const MAGIC_BYTES = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
const RLE = 1;

/** What the next bytes are; of the last two the value means nothing. */
type Part = "magic" | "size" | "descriptor" | "block header" | "skipped" | "data";

/**
 * A zstd file without its skippable frames, which node:zlib takes for the end of the file. pzstd puts one before every
 * frame, the seekable format one behind the last.
 * @throws corrupt when something else stands between frames, or a frame goes on past the end
 */
export async function* zstdFrames(
  input: AsyncIterable<Uint8Array>,
  label: string,
): AsyncGenerator<Uint8Array> {
  const frames = new Frames(label);
  for await (const piece of input) yield* frames.of(piece);
  frames.end();
}

class Frames {
  readonly #label: string;
  #offset = 0;
  #part: Part = "magic";
  #left = 4;
  /** Of the header that is being read, little-endian. */
  #value = 0;
  #read = 0;
  /** What comes after the data of this block. */
  #isLastBlock = false;
  #checksumBytes = 0;

  constructor(label: string) {
    this.#label = label;
  }

  *of(piece: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (let at = 0; at < piece.length; ) {
      const part = this.#part;
      const taken = Math.min(this.#left, piece.length - at);
      if (part !== "skipped" && part !== "data") this.#add(piece.subarray(at, at + taken));
      at += taken;
      this.#left -= taken;
      this.#offset += taken;
      const isKept = part !== "magic" && part !== "size" && part !== "skipped";
      if (!isKept) from = at;
      if (this.#left > 0) break;
      if (this.#next() === "frame") yield MAGIC_BYTES;
      if (this.#part === "magic" && from < at) yield piece.subarray(from, at);
      if (this.#part === "magic") from = at;
    }
    if (from < piece.length) yield piece.subarray(from);
  }

  end(): void {
    if (this.#part !== "magic" || this.#read > 0)
      throw corrupt(this.#label, "zstd: ends too early", this.#offset);
  }

  #add(bytes: Uint8Array): void {
    for (const byte of bytes) this.#value += byte * 2 ** (8 * this.#read++);
  }

  /** Goes on to the next part that has bytes. */
  #next(): "frame" | undefined {
    const value = this.#value;
    switch (this.#part) {
      case "magic":
        if (value === MAGIC) {
          this.#expect("descriptor", 1);
          return "frame";
        }
        if ((value & 0xfffffff0) !== SKIPPABLE_MAGIC)
          throw corrupt(this.#label, "zstd: no frame where one should begin", this.#offset - 4);
        this.#expect("size", 4);
        return undefined;
      case "size":
        this.#expect("skipped", value);
        break;
      case "descriptor":
        this.#header(value);
        break;
      case "block header": {
        this.#isLastBlock = (value & 1) === 1;
        const isRle = ((value >> 1) & 3) === RLE;
        this.#expect("data", (isRle ? 1 : value >> 3) + (this.#isLastBlock ? this.#checksumBytes : 0));
        break;
      }
      case "skipped":
        this.#expect("magic", 4);
        break;
      case "data":
        if (this.#isLastBlock) this.#expect("magic", 4);
        else this.#expect("block header", 3);
        break;
    }
    return this.#left === 0 ? this.#next() : undefined;
  }

  /** The rest of the frame's header counts as data of a block that is not the last. */
  #header(descriptor: number): void {
    const isSingleSegment = ((descriptor >> 5) & 1) === 1;
    const sizeFlag = descriptor >> 6;
    const sizeBytes = sizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[sizeFlag] ?? 0);
    this.#checksumBytes = ((descriptor >> 2) & 1) * 4;
    this.#isLastBlock = false;
    this.#expect("data", (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + sizeBytes);
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#left = bytes;
    this.#value = 0;
    this.#read = 0;
  }
}
