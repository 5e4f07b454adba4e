import { expect, test } from "vitest";
import { type ByteSource, checkRange, memorySource } from "../../bytes/byte-source.ts";
import { type Log, scanLog } from "./journal-scan.ts";
import { JOURNAL_BLOCK, JOURNAL_MAGIC, type Journal } from "./journal-superblock.ts";

const BLOCK_BYTES = 1024;

function block(type: number, sequence: number, ...words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  for (const [index, word] of [JOURNAL_MAGIC, type, sequence, ...words].entries())
    bytes.writeUInt32BE(word >>> 0, index * 4);
  return bytes;
}

/** A descriptor of 32-bit tags of the same UUID. */
function descriptor(sequence: number, ...blocks: readonly number[]): Buffer {
  const tags = blocks.flatMap((one, index) => [one, index === blocks.length - 1 ? 0xa : 0x2]);
  return block(JOURNAL_BLOCK.descriptor, sequence, ...tags);
}

const data = Buffer.alloc(BLOCK_BYTES, "data");

function journal(content: ByteSource, more: Partial<Journal> = {}): Journal {
  return {
    content,
    blockBytes: BLOCK_BYTES,
    first: 1,
    end: content.size / BLOCK_BYTES,
    start: 1,
    sequence: 7,
    wide: false,
    checksums: "none",
    seed: 0,
    fastCommit: false,
    ...more,
  };
}

function scan(blocks: readonly Buffer[], more: Partial<Journal> = {}): Promise<Log> {
  return scanLog(journal(memorySource(Buffer.concat([data, ...blocks]), "journal"), more), 1000);
}

const commit = (sequence: number): Buffer => block(JOURNAL_BLOCK.commit, sequence);

test("follows the ring past its end, inside a transaction too", async () => {
  const log = await scan(
    [data, commit(8), commit(9), descriptor(7, 5), data, commit(7), descriptor(8, 6, 40, 7), data, data],
    { start: 4 },
  );
  expect(log.transactions.map(({ sequence }) => sequence)).toEqual([7, 8, 9]);
  expect(log.transactions[1]?.blocks.map((one) => [one.block, one.journalBlock])).toEqual([
    [6, 8],
    [40, 9],
    [7, 1],
  ]);
  expect(log).toMatchObject({ nextSequence: 10, stopped: undefined });
});

test("keeps only what a commit block seals, and stops at another sequence", async () => {
  const open = await scan([descriptor(7, 5), data, commit(7), descriptor(8, 6), data, data]);
  expect(open.transactions).toHaveLength(1);
  const stale = await scan([descriptor(7, 5), data, commit(7), descriptor(6, 6), data, commit(6)]);
  expect(stale.transactions).toHaveLength(1);
  const wrapped = await scan([commit(0xffffffff), commit(0), data], { sequence: 0xffffffff });
  expect(wrapped.nextSequence).toBe(1);
});

test("reads revocations of both widths", async () => {
  const narrow = await scan([block(JOURNAL_BLOCK.revoke, 7, 24, 11, 12), commit(7)]);
  expect(narrow.transactions[0]?.revoked).toEqual([11, 12]);
  const wide = await scan([block(JOURNAL_BLOCK.revoke, 7, 32, 0, 11, 1, 12), commit(7)], { wide: true });
  expect(wide.transactions[0]?.revoked).toEqual([11, 2 ** 32 + 12]);
});

test("says why it stops at a block that lies outside the file system", async () => {
  const log = await scan([descriptor(7, 5, 5000), data, data, commit(7)]);
  expect(log).toMatchObject({ transactions: [], stopped: "block 5000 is out of range in journal block 3" });
});

test.each([
  ["empty revocations", block(JOURNAL_BLOCK.revoke, 7, 16)],
  ["full revocations", block(JOURNAL_BLOCK.revoke, 7, BLOCK_BYTES)],
  ["descriptors", descriptor(7, ...Array.from({ length: 126 }, (_, i) => i + 1))],
])("a journal that maps the same block for ever ends: %s", async (_name, bytes) => {
  const size = 2 ** 32 * BLOCK_BYTES;
  const endless: ByteSource = {
    size,
    label: "endless",
    async read(offset, length) {
      checkRange(endless, offset, length);
      const all = Buffer.alloc(length);
      for (let at = 0; at < length; at += BLOCK_BYTES) bytes.copy(all, at);
      return all;
    },
  };
  await expect(scanLog(journal(endless), 1000)).rejects.toMatchObject({ code: "limit" });
});
