import fc from "fast-check";
import { expect, test } from "vitest";
import { isDeeper, repeatedKey, strangersJson } from "./json-text.ts";

test.each([
  ['{"a":1,"a":2}', "a"],
  ['{"a" \n:1, "\\u0061"\t: 1}', "a"],
  ['{"results":[{"v":1},{"v":1,"w":[],"v":{}}]}', "results.1.v"],
  ['{"a":[{"b":{"c":"x","d":{},"c":1}}]}', "a.0.b.c"],
  ['{"v":1}\n{"v":1,"v":1}\n', "v"],
  ['{"__proto__":1,"__proto__":2}', "__proto__"],
])("%s", (text, path) => {
  expect(repeatedKey(text)).toBe(path);
});

test.each([
  '{"a":"a","b":"a","c":"\\"a\\":"}',
  '[{"a":1},{"a":1}]',
  '{"a":{"a":{"a":[]}}}',
  '{"a\\\\":1,"a":2}',
  '{"v":1}\n{"v":1}\n',
  '"a"',
  "",
])("nothing twice in %s", (text) => {
  expect(repeatedKey(text)).toBeUndefined();
});

test("what JSON.stringify writes has no key twice, and says so once one is put in", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (value, key) => {
      for (const indent of [0, 2]) {
        const text = JSON.stringify({ outer: [value] }, null, indent);
        expect(repeatedKey(text)).toBeUndefined();
        const pair = `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
        expect(repeatedKey(`{"list": [${text}, {${pair}, ${pair}}]}`)).toBe(`list.1.${key}`);
      }
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["[[1]]", 1, true],
  ["[[1]]", 2, false],
  ['{"a":[{}]}', 2, true],
  ['{"a":[{}]}', 3, false],
  ["[],[],{},{}", 1, false],
  ['["[[[[", "\\"[[[[", "\\\\"]', 1, false],
  ['["\\\\", [[', 2, true],
  ['"[[[[[', 0, false],
  ["]]]][", 0, false],
])("%s is deeper than %i: %s", (text, max, deeper) => {
  expect(isDeeper(text, max)).toBe(deeper);
});

test("a long string is no matter of depth, nor of the stack", () => {
  expect(isDeeper(`["${"[".repeat(20 << 20)}"]`, 1)).toBe(false);
});

test.each([
  ["[[[1]]]", "depth", /nested more than 2 deep/],
  ["[[1]", "other", /./],
  ["", "other", /./],
  ["\u{feff}{}", "other", /./],
  ["\xff", "other", /not valid/],
  ['{"a":[{"\\u005f_proto__":{}}]}', "other", /__proto__/],
  ['{"a":1,"a":1}', "other", /the key a stands there twice/],
])("of a stranger %j is refused", (text, problem, reason) => {
  const bytes = text === "\xff" ? Uint8Array.of(0xff) : new TextEncoder().encode(text);
  expect(strangersJson(bytes, text.includes("proto") ? 9 : 2)).toEqual({
    problem,
    reason: expect.stringMatching(reason),
  });
});

test("of a stranger what is plain is taken", () => {
  expect(strangersJson(new TextEncoder().encode(' {"a": [null, "__proto__"]}\n'), 2)).toEqual({
    value: { a: [null, "__proto__"] },
  });
});
