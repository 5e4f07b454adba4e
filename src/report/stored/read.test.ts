import { expect, test } from "vitest";
import { report } from "../../../test/golden/report-fixtures.ts";
import { json } from "../json.ts";
import { ndjson } from "../ndjson.ts";
import { readReport } from "./read.ts";

const PLAIN = { color: false, columns: 80 };

test("what was written is read back, and written again to the byte", () => {
  const written = json.render(report, PLAIN);
  expect(json.render(readReport(written), PLAIN)).toBe(written);
  const lines = ndjson.render(report, PLAIN);
  expect(ndjson.render(readReport(lines), PLAIN)).toBe(lines);
  const [first = ""] = lines.split("\n");
  expect(readReport(first).results).toHaveLength(1);
});

test.each([
  ["", "it is empty"],
  ["{", "line 1 is no JSON"],
  ['{"schemaVersion":2,"results":[]}', "it is of version 2; this sixray reads version 1"],
  ['{"schemaVersion":1,"engine":"x","results":[{}]}', /^results\.0\.image: /],
  ['{"image":1}', /^line 1: image: /],
  ["[]", /^line 1: /],
  [`{"schemaVersion":1,"results":${"[".repeat(1 << 20)}`, "it is nested more than 32 deep"],
])("%s is told to be none", (text, message) => {
  expect(() => readReport(text)).toThrow(message);
});

test("keys of later engines are let pass", () => {
  const later = json.render(report, PLAIN).replace("{", `{"novelty": 1,`);
  expect(readReport(later).results).toHaveLength(report.results.length);
});
