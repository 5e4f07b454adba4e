import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { lzx } from "../../src/disk/bytes/codecs/lzx.ts";
import { xpressHuffman } from "../../src/disk/bytes/codecs/xpress-huffman.ts";
import { ntfs } from "../../src/disk/filesystems/ntfs/index.ts";
import { packedSource } from "../../src/disk/filesystems/ntfs/packed.ts";
import { isReadError } from "../../src/errors.ts";
import { missing, run } from "../support/images.ts";
import { mutant, random } from "../support/mutate.ts";
import { makeNtfs, NTFS_NEEDS, setReparse, withNtfs } from "../support/ntfs.ts";

const SCRIPT = new URL("../support/wof-pack.py", import.meta.url).pathname;
const LIBRARY = ["/usr/lib/x86_64-linux-gnu/libwim.so.15", "/usr/lib/aarch64-linux-gnu/libwim.so.15"];
const ALGORITHMS = ["XPRESS4K", "LZX", "XPRESS8K", "XPRESS16K"];
const WOF = 0x80000017;
const why =
  missing("python3") ??
  (LIBRARY.some((path) => existsSync(path)) || process.env.REQUIRE_ORACLES === "1"
    ? undefined
    : "needs libwim15");
if (why) console.warn(`oracle skipped: ${why}`);

function pack(plain: Uint8Array, algorithm: number): Uint8Array {
  return new Uint8Array(run("python3", [SCRIPT, String(algorithm)], { input: plain }));
}

function contents(): readonly (readonly [string, Uint8Array])[] {
  const next = random(11);
  const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(next() * 256));
  const words = Array.from(
    { length: 60_000 },
    () => ["tcpip6 ", "nsi ", "Enabled=", "0\r\n", "a"][Math.floor(next() * 5)],
  );
  const text = Buffer.from(words.join(""));
  const skewed = Uint8Array.from({ length: 200_000 }, () => Math.floor(next() ** 6 * 256));
  return [
    ["text", text],
    ["a program, with calls", new Uint8Array(readFileSync(process.execPath).subarray(0, 3 << 20))],
    ["one letter", Buffer.alloc(300_000, 65)],
    ["noise", noise(100_000)],
    ["skewed letters", skewed],
    ["mixed", Buffer.concat([text.subarray(0, 50_000), noise(50_000), skewed, Buffer.alloc(70_000)])],
    ["one byte", Uint8Array.of(7)],
    ["a chunk and a byte", text.subarray(0, 32_769)],
    ["pairs", Uint8Array.from({ length: 40_000 }, (_, i) => [1, 2, 3, 5][(i >> 1) & 3] ?? 0)],
  ];
}

describe.skipIf(why)("against wimlib's compressors", () => {
  test.each([0, 1, 2, 3])(
    "algorithm %d: every content unpacks",
    async (algorithm) => {
      for (const [name, plain] of contents()) {
        const packed = pack(plain, algorithm);
        const source = packedSource(memorySource(packed, name), plain.length, algorithm);
        const got = await source.read(0, plain.length);
        expect(Buffer.compare(got, plain), `${ALGORITHMS[algorithm]}: ${name}`).toBe(0);
        const at = Math.floor(plain.length / 3);
        expect(Buffer.compare(await source.read(at, 1), plain.subarray(at, at + 1))).toBe(0);
      }
    },
    120_000,
  );

  test("mutants unpack to something or are refused", () => {
    const next = random(3);
    const counts = { read: 0, refused: 0 };
    const plain = (contents()[0]?.[1] ?? new Uint8Array()).subarray(0, 16_384);
    for (const [algorithm, unpack, size] of [
      [1, lzx, 16_384],
      [3, xpressHuffman, 16_384],
    ] as const) {
      const packed = pack(plain, algorithm);
      expect(Buffer.compare(unpack(packed, size, "x"), plain)).toBe(0);
      for (let i = 0; i < 1500; i++) {
        try {
          unpack(mutant(packed, next), size, "x");
          counts.read++;
        } catch (error) {
          if (!isReadError(error)) throw error;
          counts.refused++;
        }
      }
    }
    console.log(`WOF codecs: ${counts.read} mutants unpacked, ${counts.refused} refused`);
    expect(counts.refused).toBeGreaterThan(0);
  }, 60_000);

  test.skipIf(missing(...NTFS_NEEDS))(
    "files packed by system compression, and other reparse points, in an NTFS volume",
    async () => {
      const program = new Uint8Array(readFileSync(process.execPath).subarray(0, 1 << 20));
      const image = await makeNtfs(64 << 20, [], () => undefined);
      await withNtfs(image, "streams_interface=windows", (folder) => {
        for (const [algorithm, name] of ALGORITHMS.entries()) {
          const path = join(folder, name);
          writeFileSync(path, "");
          truncateSync(path, program.length);
          writeFileSync(`${path}:WofCompressedData`, pack(program, algorithm));
          setReparse(path, WOF, Buffer.from(new Uint32Array([1, 2, 1, algorithm]).buffer));
        }
        for (const [name, tag] of [
          ["dedup", 0x80000013],
          ["cloud", 0x9000101a],
          ["strange", 0x80001234],
        ] as const) {
          writeFileSync(join(folder, name), "x");
          setReparse(join(folder, name), tag, Buffer.alloc(16));
        }
        writeFileSync(join(folder, "wim"), "x");
        setReparse(join(folder, "wim"), WOF, Buffer.from(new Uint32Array([1, 1, 1, 0]).buffer));
        for (const [name, target, relative] of [
          ["inside", "\\??\\C:\\XPRESS4K", 0],
          ["beside", "folder\\LZX", 1],
          ["outside", "\\??\\D:\\x", 0],
        ] as const) {
          writeFileSync(join(folder, name), "");
          setReparse(join(folder, name), 0xa000000c, linkData(target, relative));
        }
      });
      const fs = await ntfs.open(memorySource(readFileSync(image), "image"));
      const root = await fs.root();
      for (const name of ALGORITHMS) {
        const node = await root.lookup(name);
        expect(node?.sizeBytes).toBe(program.length);
        const content = await node?.content();
        expect(Buffer.compare((await content?.read(0, program.length)) ?? new Uint8Array(), program)).toBe(0);
      }
      for (const [name, message] of [
        ["dedup", /deduplication/],
        ["cloud", /OneDrive/],
        ["strange", /0x80001234/],
        ["wim", /WIM file/],
      ] as const) {
        const node = await root.lookup(name);
        await expect(node?.content()).rejects.toMatchObject({
          code: "unsupported",
          message: expect.stringMatching(message),
        });
      }
      expect(await (await root.lookup("inside"))?.readLink()).toBe("/XPRESS4K");
      expect(await (await root.lookup("beside"))?.readLink()).toBe("folder/LZX");
      const outside = await root.lookup("outside");
      expect(outside?.type).toBe("symlink");
      await expect(outside?.readLink()).rejects.toMatchObject({ code: "unsupported" });
    },
    60_000,
  );
});

function linkData(target: string, flags: number): Uint8Array {
  const name = Buffer.from(target, "utf16le");
  const header = Buffer.alloc(12);
  header.writeUInt16LE(name.length, 2);
  header.writeUInt16LE(name.length, 4);
  header.writeUInt32LE(flags, 8);
  return Buffer.concat([header, name]);
}
