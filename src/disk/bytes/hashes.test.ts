import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { blake2b } from "./blake2b.ts";
import { xxhash64 } from "./xxhash64.ts";

test("BLAKE2b is what OpenSSL computes, at every length around its blocks", () => {
  for (let length = 0; length < 400; length += length % 128 < 3 || length % 128 > 125 ? 1 : 13) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
    const expected = createHash("blake2b512").update(bytes).digest("hex");
    expect(Buffer.from(blake2b(bytes, 64)).toString("hex")).toBe(expected);
  }
});

test("BLAKE2b-256 of nothing and of abc", () => {
  const hex = (text: string): string => Buffer.from(blake2b(Buffer.from(text), 32)).toString("hex");
  expect(hex("")).toBe("0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  expect(hex("abc")).toBe("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
});

test.each([
  ["", 0xef46db3751d8e999n],
  ["a", 0xd24ec4f1a98c6e5bn],
  ["abc", 0x44bc2cf5ad770999n],
  ["Nobody inspects the spammish repetition", 0xfbcea83c8a378bf1n],
])("XXH64 of %j", (text, hash) => {
  expect(xxhash64(Buffer.from(text))).toBe(hash);
});
