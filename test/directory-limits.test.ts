import { expect, test } from "vitest";
import { type ByteSource, checkRange, memorySource } from "../src/disk/bytes/byte-source.ts";
import { listDirectory } from "../src/disk/filesystems/erofs/directory.ts";
import { listEntries } from "../src/disk/filesystems/squashfs/directory.ts";
import { Metadata } from "../src/disk/filesystems/squashfs/metadata.ts";

/** A crafted image packs what follows into next to nothing: what it unpacks to is bounded by us alone. */

test("EROFS: a folder of many millions of names is read in pieces, up to a limit", async () => {
  const blockBytes = 4096;
  const block = Buffer.alloc(blockBytes, "n");
  const count = 315;
  for (let i = 0; i < count; i++) {
    block.fill(0, i * 12, i * 12 + 12);
    block.writeUInt16LE(count * 12 + i, i * 12 + 8);
    block[i * 12 + 10] = 1;
  }
  let largest = 0;
  const content: ByteSource = {
    size: 400 << 20,
    label: "crafted",
    async read(offset, length) {
      checkRange(content, offset, length);
      largest = Math.max(largest, length);
      return new Uint8Array(Buffer.alloc(length, block));
    },
  };
  await expect(listDirectory(content, blockBytes)).rejects.toMatchObject({
    code: "limit",
    message: expect.stringContaining("more than 1000000 names"),
  });
  expect(largest).toBeLessThanOrEqual(1 << 20);
});

test("squashfs: a folder has an end, too", async () => {
  const run = Buffer.alloc(12 + 256 * 9, "n");
  run.writeUInt32LE(255, 0);
  for (let i = 0; i < 256; i++) {
    run.writeUInt16LE(2, 12 + i * 9 + 4);
    run.writeUInt16LE(0, 12 + i * 9 + 6);
  }
  const runs = 4000;
  const listing = Buffer.alloc(runs * run.length, run);
  const blocks: Buffer[] = [];
  for (let at = 0; at < listing.length; at += 8192) {
    const part = listing.subarray(at, at + 8192);
    const header = Buffer.alloc(2);
    header.writeUInt16LE(0x8000 | part.length, 0);
    blocks.push(header, part);
  }
  const bytes = new Uint8Array(Buffer.concat(blocks));
  const metadata = new Metadata(memorySource(bytes, "crafted"), {
    compression: "gzip",
    blockBytes: 1 << 17,
    bytesUsed: bytes.length,
    rootRef: 0n,
    fragmentsCount: 0,
    idsCount: 0,
    idTable: 0,
    inodeTable: 0,
    directoryTable: 0,
    fragmentTable: undefined,
  });
  const inode = { block: 0, within: 0, sizeBytes: listing.length };
  await expect(listEntries(metadata, inode)).rejects.toMatchObject({ code: "limit" });
});
