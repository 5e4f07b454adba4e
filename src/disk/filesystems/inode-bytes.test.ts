import { expect, test } from "vitest";
import { corrupt } from "../../errors.ts";
import { type ByteSource, memorySource } from "../bytes/byte-source.ts";
import { readInodeBytes } from "./inode-bytes.ts";

const BYTES = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);

/** Tells what is asked for; nothing past `soundBytes` can be read. */
function watched(soundBytes = BYTES.length): ByteSource & { readonly asked: (readonly [number, number])[] } {
  const inner = memorySource(BYTES, "table");
  const asked: (readonly [number, number])[] = [];
  return {
    ...inner,
    asked,
    async read(offset, length) {
      asked.push([offset, offset + length]);
      if (offset + length > soundBytes) throw corrupt("table", "damaged", offset);
      return inner.read(offset, length);
    },
  };
}

test.each([
  ["directory", 512, [512, 768, 2560]],
  ["file", 512, [512, 768, 1536]],
  [undefined, 512, [512, 768, 1536]],
  ["directory", 3584, [3584, 3840, 4096]],
  ["directory", 3840, [3840, 4096]],
  ["directory", 4608, [4608, 4864, 5000]],
] as const)("%s at %i: what is read along ends with its 4 KiB and the table", async (type, at, ends) => {
  const source = watched();
  expect(await readInodeBytes(source, at, 256, type)).toEqual(BYTES.subarray(at, at + 256));
  expect(source.asked).toEqual(ends.slice(1).map((end, i) => [ends[i], end]));
});

test("damage behind an inode is not met", async () => {
  const source = watched(768);
  expect(await readInodeBytes(source, 512, 256, "directory")).toEqual(BYTES.subarray(512, 768));
  await expect(readInodeBytes(source, 768, 256, "file")).rejects.toMatchObject({ code: "corrupt" });
});
