import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { decompressed } from "./decompress.ts";

const PARTS = ["one ".repeat(50_000), "", "two ".repeat(3)].map((text) => Buffer.from(text));
const FRAMES = PARTS.map((part) => zstdCompressSync(part));
const SIZED = FRAMES.map((frame) => Buffer.concat([skippable(uint32(frame.length)), frame]));

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function skippable(content: Uint8Array, variant = 0): Buffer {
  return Buffer.concat([uint32(0x184d2a50 + variant), uint32(content.length), content]);
}

async function* cutInto(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Uint8Array, pieceBytes = 1 << 20): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for await (const piece of decompressed(cutInto(bytes, pieceBytes), "zstd", "x.zst")) found.push(piece);
  return Buffer.concat(found);
}

test.each([
  ["before every frame, as pzstd puts them", Buffer.concat(SIZED)],
  ["behind the last frame, as the seekable format has it", Buffer.concat([...FRAMES, skippable(uint32(9))])],
  ["of every kind, and empty", Buffer.concat([skippable(Buffer.of(), 15), ...SIZED, skippable(Buffer.of())])],
])("skippable frames %s", async (_, file) => {
  for (const pieceBytes of [1 << 20, 7, 1])
    expect(Buffer.compare(await unpacked(file, pieceBytes), Buffer.concat(PARTS)), `${pieceBytes}`).toBe(0);
});

test("what is no frame is corrupt, and so is a cut one", async () => {
  const file = Buffer.concat(SIZED);
  await expect(unpacked(Buffer.concat([file, Buffer.from("else")]))).rejects.toMatchObject({
    code: "corrupt",
    at: ["x.zst", `offset ${file.length}`],
  });
  for (const length of [3, 6, 9, 13, 17, 30, file.length - 1])
    await expect(unpacked(file.subarray(0, length)), `${length}`).rejects.toMatchObject({ code: "corrupt" });
});
