import { expect, test } from "vitest";
import { memorySource } from "./byte-source.ts";
import { decodeName, encodeName } from "./names.ts";
import { slice } from "./slice.ts";
import { View } from "./view.ts";

test("a view refuses what lies outside it and names the place", () => {
  const view = new View(Uint8Array.of(1, 2, 3, 4), "x.img > gpt", 512);
  expect(view.u32le(0)).toBe(0x04030201);
  expect(view.u16be(2)).toBe(0x0304);
  expect(() => view.u32le(1)).toThrow(
    expect.objectContaining({ code: "corrupt", at: ["x.img > gpt", "offset 513"] }),
  );
  expect(() => new View(new Uint8Array(8).fill(255), "x").u64le(0)).toThrow(/out of range/);
});

test("a slice reads its own range and nothing else", async () => {
  const part = slice(memorySource(Uint8Array.of(0, 1, 2, 3, 4), "x"), 1, 3, "x > p1");
  expect([...(await part.read(0, 3))]).toEqual([1, 2, 3]);
  await expect(part.read(2, 2)).rejects.toMatchObject({ code: "corrupt" });
  expect(() => slice(part, 2, 2, "y")).toThrow(/outside/);
});

test("names that are not UTF-8 survive the round trip", () => {
  const bytes = Uint8Array.of(0x61, 0xff, 0xc3);
  expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
  expect(decodeName(new TextEncoder().encode("é"))).toBe("é");
});

test("a name keeps the byte order mark that it begins with", () => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
  expect(decodeName(bytes)).toBe("\ufeffa");
  expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
});
