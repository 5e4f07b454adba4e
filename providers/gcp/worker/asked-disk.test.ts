import fc from "fast-check";
import { expect, test } from "vitest";
import { AskedDisk, type Range } from "./asked-disk.ts";
import type { Ranges } from "./message.ts";

const SIZE = 300_000; // no multiple of the grain
const CONTENT = Uint8Array.from({ length: SIZE }, (_, i) => (i * 31 + (i >> 8)) % 256);

function answer(ranges: readonly Range[]): Ranges {
  return {
    diskBytes: SIZE,
    pieces: ranges.map(({ offset, length }) => ({ offset, bytes: CONTENT.slice(offset, offset + length) })),
  };
}

test("reads give what the disk holds; all reads of a turn are one question", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(SIZE - 1), fc.integer({ min: 1, max: 20_000 })), {
        minLength: 1,
        maxLength: 8,
      }),
      async (wanted) => {
        let asks = 0;
        const disk = new AskedDisk(answer([{ offset: 0, length: 8192 }]), "disk", async (ranges) => {
          asks++;
          return answer(ranges);
        });
        const reads = wanted.map(([offset, length]) => ({ offset, length: Math.min(length, SIZE - offset) }));
        const got = await Promise.all(reads.map(({ offset, length }) => disk.read(offset, length)));
        for (const [i, { offset, length }] of reads.entries())
          expect(Buffer.compare(got[i] ?? new Uint8Array(), CONTENT.subarray(offset, offset + length))).toBe(
            0,
          );
        expect(asks).toBeLessThanOrEqual(1);
      },
    ),
    { numRuns: 100 },
  );
});

test("what the worker leaves out of an answer is an error, never zeros", async () => {
  const disk = new AskedDisk(answer([]), "disk", async () => answer([{ offset: 0, length: 4096 }]));
  await expect(disk.read(100_000, 10)).rejects.toThrow("not fetched by the worker");
  expect(await disk.read(5, 10)).toEqual(CONTENT.slice(5, 15));
});

test("more than the serial port brings in reasonable time is not even asked for", async () => {
  const disk = new AskedDisk({ diskBytes: 2 ** 40, pieces: [] }, "disk", async () => {
    throw new Error("asked");
  });
  await expect(disk.read(0, 200 << 20)).rejects.toThrow("not fetched: the worker sends at most 128 MiB");
});
