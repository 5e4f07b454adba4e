import { expect, test } from "vitest";
import { hashName } from "./hash.ts";

const seeded = { hashSeed: [0x67452301, 0xefcdab89, 0x33221100, 0x77665544], hashUnsigned: false } as const;
const NAMES = ["a", "etc", "sysctl.conf", "ünïcödé", "x".repeat(255)];

/** What `debugfs -R "dx_hash -h KIND -s 01234567-89ab-cdef-0011-223344556677 NAME"` prints for each of NAMES. */
const SAID: Readonly<Record<number, readonly number[]>> = {
  0: [0xe74b53e2, 0xd4a6d32e, 0x8b0db950, 0x225a136c, 0x30557da6],
  1: [0xa0a0de00, 0xdc4c77e0, 0xcf668c1c, 0xc4e167fc, 0xaea50db4],
  2: [0x6d0ea4c0, 0x83c958ec, 0x863f67ee, 0xe7b73cae, 0x6c4c00ee],
  3: [0xe74b53e2, 0xd4a6d32e, 0x8b0db950, 0x3cb9c78c, 0x30557da6],
  4: [0xa0a0de00, 0xdc4c77e0, 0xcf668c1c, 0xd8fa1e62, 0xaea50db4],
  5: [0x6d0ea4c0, 0x83c958ec, 0x863f67ee, 0x26967c0c, 0x6c4c00ee],
};

test.each(Object.entries(SAID))("hashes of kind %s are those of debugfs", (kind, said) => {
  expect(NAMES.map((name) => hashName(Buffer.from(name), Number(kind), seeded))).toEqual(said);
});

test("unsigned bytes by the superblock's flag; the default seed; kinds that are not known", () => {
  const unsigned = { ...seeded, hashUnsigned: true };
  expect(NAMES.map((name) => hashName(Buffer.from(name), 1, unsigned))).toEqual(SAID[4]);
  expect(hashName(Buffer.from("etc"), 1, { hashSeed: [0, 0, 0, 0], hashUnsigned: false })).toBe(0x0cf65492);
  expect(hashName(Buffer.from("etc"), 6, seeded)).toBeUndefined();
});
