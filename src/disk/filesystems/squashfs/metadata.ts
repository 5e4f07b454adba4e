import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import { decompress } from "./decompress.ts";
import type { Superblock } from "./superblock.ts";

// Source: squashfs.rst, "Compressed data blocks" and "Metadata blocks": a 16-bit length, bit 15 set when stored as is.

const BLOCK_BYTES = 8192;
const STORED = 0x8000;
const BLOCKS_KEPT = 256;
const LENGTH_MAX = 16 << 20;

interface Block {
  readonly bytes: Uint8Array;
  /** Where the block after it begins. */
  readonly next: number;
}

/** The metadata of a volume: inodes, folders and tables, cut into blocks of 8 KiB that are packed one by one. */
export class Metadata {
  readonly source: ByteSource;
  readonly superblock: Superblock;
  readonly #blocks = recent<Block>(BLOCKS_KEPT);

  constructor(source: ByteSource, superblock: Superblock) {
    this.source = source;
    this.superblock = superblock;
  }

  /** `length` bytes from `within` of the block at `offset`, across blocks where need be. */
  async read(offset: number, within: number, length: number): Promise<View> {
    const { label } = this.source;
    if (length > LENGTH_MAX) throw corrupt(label, `${length} bytes of metadata`, offset);
    let block = await this.#block(offset);
    let skip = within;
    let at = offset;
    while (skip >= BLOCK_BYTES && block.bytes.length === BLOCK_BYTES) {
      skip -= BLOCK_BYTES;
      at = block.next;
      block = await this.#block(at);
    }
    if (skip + length <= block.bytes.length) return new View(block.bytes, label, at).sub(skip, length);
    const joined = new Uint8Array(length);
    let have = 0;
    while (have < length) {
      const part = block.bytes.subarray(skip, skip + length - have);
      if (part.length === 0)
        throw corrupt(label, `metadata block ends before ${skip + length - have} bytes`, at);
      joined.set(part, have);
      have += part.length;
      skip = 0;
      if (have < length) {
        at = block.next;
        block = await this.#block(at);
      }
    }
    return new View(joined, label, offset);
  }

  #block(offset: number): Promise<Block> {
    return this.#blocks(offset, async () => {
      const { label } = this.source;
      const { bytesUsed, compression } = this.superblock;
      if (offset + 2 > bytesUsed) throw corrupt(label, `metadata block at ${offset} of ${bytesUsed} bytes`);
      const header = new View(await this.source.read(offset, 2), label, offset).u16le(0);
      const length = header & (STORED - 1);
      const start = offset + 2;
      if (length === 0 || length > BLOCK_BYTES || start + length > bytesUsed)
        throw corrupt(label, `metadata block of ${length} bytes`, offset);
      const packed = new View(await this.source.read(start, length), label, start);
      const bytes =
        (header & STORED) !== 0 ? packed.bytes : await decompress(packed, compression, BLOCK_BYTES);
      return { bytes, next: start + length };
    });
  }
}
