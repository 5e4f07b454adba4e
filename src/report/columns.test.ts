import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, padEnd, truncateAround, truncateEnd, truncateMiddle, wrap } from "./columns.ts";

test.each([
  ["", 0],
  ["abc", 3],
  ["日本", 4],
  ["e\u0301", 1],
  ["\u{1f600}", 2],
  ["한글 x", 6],
  ["…", 1],
])("%j is %i columns wide", (text, width) => {
  expect(displayWidth(text)).toBe(width);
  expect(displayWidth(padEnd(text, 10))).toBe(10);
});

describe("truncating", () => {
  test("keeps what tells names apart", () => {
    expect(truncateEnd("abcdefgh", 5)).toBe("abcd…");
    expect(truncateMiddle("/etc/systemd/network/10-eth.network", 20)).toBe("/etc/sy…-eth.network");
    expect(truncateMiddle("日本語日本語", 7)).toBe("日…本語");
  });

  test("keeps the word that matters in sight", () => {
    const line = `linux /boot/vmlinuz ${"quiet ".repeat(30)}ipv6.disable=1 ${"splash ".repeat(30)}`;
    expect(truncateAround(line, 40, /ipv6/)).toContain("ipv6.disable=1");
    expect(truncateAround(line, 40, /nowhere/)).toMatch(/^linux .*…$/);
    expect(truncateAround(`${"x".repeat(50)} ipv6`, 20, /ipv6/)).toMatch(/^…x+ ipv6$/);
  });

  test("never exceeds the width, whatever the text", () => {
    const any = fc.string({ unit: "grapheme", maxLength: 80 });
    fc.assert(
      fc.property(any, fc.integer({ min: 3, max: 60 }), (text, width) => {
        for (const cut of [
          truncateEnd(text, width),
          truncateMiddle(text, width),
          truncateAround(text, width, /e/),
          ...wrap(text, width),
        ]) {
          expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        }
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

test("wrapping loses no letter and cuts only what is too long", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("a abcdefghij b", 4)).toEqual(["a", "abcd", "efgh", "ij b"]);
  expect(wrap("", 10)).toEqual([""]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 80 }), (text) => {
      expect(wrap(text, 10).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
    { seed: 6, numRuns: 500 },
  );
});

test("a line of a mebibyte is cut in linear time", () => {
  const long = "x".repeat(1 << 20);
  expect(wrap(long, 80)).toHaveLength(Math.ceil((1 << 20) / 80));
  expect(truncateMiddle(long, 80)).toHaveLength(80);
});
