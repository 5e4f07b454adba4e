import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { xzDecompress } from "../../src/disk/bytes/codecs/xz.ts";
import { View } from "../../src/disk/bytes/view.ts";
import { isReadError } from "../../src/errors.ts";
import { missing, run } from "../support/images.ts";
import { mutant, random } from "../support/mutate.ts";

const why = missing("xz");

/** Noise, text, and the opcodes that filters look for, close together and far apart. */
function laced(length: number, seed: number): Buffer {
  const next = random(seed);
  const byte = (): number => Math.floor(next() * 256);
  const opcodes = [
    () => [0xe8, byte(), byte(), 0, next() < 0.5 ? 0 : 0xff],
    () => [0xe9, 0xe8, byte(), 0xff, next() < 0.5 ? 0 : 0xff, 0xe8],
    () => [byte(), byte(), byte(), 0xeb],
    () => [byte(), 0xf0 | (byte() & 7), byte(), 0xf8 | (byte() & 7)],
    () => [0x48 | (byte() & 3), byte(), byte(), (byte() & 0xfc) | 1],
    () => [0x40, byte() & 0x3f, byte(), byte()],
    () => [0x7f, 0xc0 | byte(), byte(), byte()],
    () => [byte(), byte(), byte(), 0x94 | (byte() & 3)],
    () => [byte(), byte(), next() < 0.5 ? 0 : 0xff, 0x90 | (byte() & 0x60)],
    () => [...Buffer.from("net.ipv6.conf.all.disable_ipv6 = 0\n")],
  ];
  const bytes: number[] = [];
  while (bytes.length < length) {
    bytes.push(...(opcodes[Math.floor(next() * opcodes.length)]?.() ?? []));
    while (next() < 0.2) bytes.push(byte());
    if (next() < 0.5) while (bytes.length % 4 !== 0) bytes.push(0);
  }
  return Buffer.from(bytes.slice(0, length));
}

const CONTENTS: Readonly<Record<string, () => Buffer>> = {
  laced: () => laced(200_000, 3),
  "laced, other": () => laced(65_537, 99),
  "a program": () => readFileSync("/proc/self/exe").subarray(4096, 700_000),
  zeros: () => Buffer.alloc(100_000),
  noise: () => {
    const next = random(21);
    return Buffer.from(Array.from({ length: 90_000 }, () => Math.floor(next() * 256)));
  },
  short: () => Buffer.from("abc"),
  nothing: () => Buffer.alloc(0),
};
const FILTERS = [
  [],
  ["--x86"],
  ["--arm"],
  ["--armthumb"],
  ["--arm64"],
  ["--powerpc"],
  ["--sparc"],
  ["--x86=start=4096"],
  ["--arm64=start=65536"],
];

const PRESETS = ["--lzma2=preset=4", "--lzma2=preset=1,lc=0,lp=3,pb=0,dict=4096", "--lzma2=lc=4,lp=0,pb=4"];

test.skipIf(why)("what xz packs with every filter for programs comes back", () => {
  let compared = 0;
  for (const [name, content] of Object.entries(CONTENTS)) {
    const plain = content();
    for (const filter of FILTERS)
      for (const lzma2 of filter.length === 0 ? PRESETS : PRESETS.slice(0, 1)) {
        const packed = run("xz", ["-c", "--check=crc32", ...filter, lzma2], { input: plain });
        const seen = xzDecompress(new View(packed, "xz"), plain.length);
        expect(Buffer.compare(seen, plain), `${name} ${filter.join()} ${lzma2}`).toBe(0);
        compared++;
      }
  }
  const several = run("xz", ["-c", "--check=none", "--block-size=30000"], { input: laced(100_000, 5) });
  expect(Buffer.compare(xzDecompress(new View(several, "xz"), 100_000), laced(100_000, 5))).toBe(0);
  console.log(`xz: ${compared} streams compared`);
});

test.skipIf(why)("what is not read is refused by name, and a stream that makes too much is cut off", () => {
  const packed = (...args: readonly string[]): View =>
    new View(run("xz", ["-c", ...args], { input: laced(50_000, 7) }), "xz");
  expect(() => xzDecompress(packed("--check=crc32", "--delta", "--lzma2"), 50_000)).toThrow(
    "xz with filter 3",
  );
  expect(() => xzDecompress(packed("--check=crc32", "--ia64", "--lzma2"), 50_000)).toThrow(
    "xz with filter 6",
  );
  expect(() => xzDecompress(packed("--check=sha256"), 50_000)).toThrow("checks of type 10");
  expect(() => xzDecompress(packed("--check=crc32"), 49_999)).toThrow("more than 49999 bytes");
});

test.skipIf(why)("mutants give an answer or a ScanError, never a wrong answer", () => {
  const plain = laced(20_000, 11);
  const packed = run("xz", ["-c", "--check=crc32", "--x86", "--lzma2"], { input: plain });
  const next = random(1);
  let refused = 0;
  for (let i = 0; i < 1000; i++) {
    const bytes = mutant(packed, next);
    try {
      expect(Buffer.compare(xzDecompress(new View(bytes, "mutant"), 1 << 16), plain)).toBe(0);
    } catch (error) {
      if (!isReadError(error)) throw error;
      refused++;
    }
  }
  console.log(`xz: 1000 mutants, ${refused} refused`);
  expect(refused).toBeGreaterThan(800);
});
