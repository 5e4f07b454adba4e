import { corrupt } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { byBlock, type Extent, mapped } from "../../bytes/mapped.ts";
import { recent } from "../../bytes/recent.ts";
import { View } from "../../bytes/view.ts";
import { decompress } from "./decompress.ts";
import type { FileInode } from "./inode.ts";
import type { Metadata } from "./metadata.ts";
import { fragment } from "./tables.ts";

// Source: squashfs.rst, "Data blocks": a list of sizes, bit 24 set when a block is stored as is, 0 for a hole; the tail may
// lie in a block that several files share.

const STORED = 1 << 24;
const BLOCKS_KEPT = 8;

/** The bytes of a file. Its list of block sizes is read when the first byte is. */
export function contentOf(metadata: Metadata, inode: FileInode, label: string): ByteSource {
  const { blockBytes, compression, bytesUsed } = metadata.superblock;
  const unpacked = recent<Uint8Array>(BLOCKS_KEPT);
  let starts: Promise<readonly { readonly start: number; readonly word: number }[]> | undefined;

  async function readStarts(): Promise<readonly { readonly start: number; readonly word: number }[]> {
    const list = await metadata.read(inode.sizes.block, inode.sizes.within, inode.blocksCount * 4);
    let at = inode.start;
    return Array.from({ length: inode.blocksCount }, (_, i) => {
      const word = list.u32le(i * 4);
      const start = at;
      at += word & (STORED - 1);
      return { start, word };
    });
  }

  function blockAt(start: number, word: number): Promise<Uint8Array> {
    return unpacked(start, async () => {
      const length = word & (STORED - 1);
      if (length > blockBytes || start + length > bytesUsed)
        throw corrupt(label, `data block of ${length} bytes`, start);
      const packed = new View(await metadata.source.read(start, length), label, start);
      return (word & STORED) !== 0 ? packed.bytes : decompress(packed, compression, blockBytes);
    });
  }

  function part(start: number, word: number, within: number, length: number): Extent {
    return {
      kind: "made",
      length,
      make: async () => {
        const block = await blockAt(start, word);
        if (within + length > block.length)
          throw corrupt(label, `data block has ${block.length} bytes, ${within + length} are wanted`, start);
        return block.subarray(within, within + length);
      },
    };
  }

  return mapped(inode.sizeBytes, label, (offset, length) =>
    byBlock(offset, length, blockBytes, async (block, within, wanted) => {
      if (block >= inode.blocksCount) {
        if (!inode.fragment) throw corrupt(label, `file has no block ${block}`);
        const { start, sizeWord } = await fragment(metadata, inode.fragment.index);
        return [part(start, sizeWord, inode.fragment.within + within, wanted)];
      }
      starts ??= readStarts();
      const one = (await starts)[block];
      if (!one || (one.word & (STORED - 1)) === 0) return [{ kind: "zeros", length: wanted }];
      return [part(one.start, one.word, within, wanted)];
    }),
  );
}
