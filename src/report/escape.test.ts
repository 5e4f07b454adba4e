import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeJson, escapeText } from "./escape.ts";

test.each([
  ["\x1b[31m", "\\x1b[31m"],
  ["a\tb\r\n", "a\\x09b\\x0d\\x0a"],
  ["\x7f\u009b", "\\x7f\\u009b"],
  ["\u202egpj.exe", "\\u202egpj.exe"],
  ["\u200bzero\ufeff", "\\u200bzero\\ufeff"],
  ["caf\udce9", "caf\\xe9"],
  ["\ud83d!", "\\ud83d!"],
  ["\u{e0041}", "\\u{e0041}"],
  ["a\u00a0b\u2028", "a\\u00a0b\\u2028"],
  ["\u3164", "\\u3164"],
  ["plain ASCII, Grüße, 日本語, \u{1f600}", "plain ASCII, Grüße, 日本語, \u{1f600}"],
])("%j is shown as %s", (text, shown) => {
  expect(escapeText(text)).toBe(shown);
});

const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)) });

test("nothing that is shown can be obeyed, and showing it twice changes nothing", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const shown = escapeText(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(escapeText(shown)).toBe(shown);
    }),
    { seed: 6, numRuns: 1000 },
  );
});

test("JSON means the same and holds no control", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const safe = escapeJson(JSON.stringify(text));
      expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(JSON.parse(safe)).toBe(text);
    }),
    { seed: 6, numRuns: 1000 },
  );
});
