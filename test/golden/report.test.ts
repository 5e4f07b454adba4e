import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { RenderOptions, ScanResult } from "../../src/model/report.ts";
import { rules } from "../../src/policy/rules/index.ts";
import { displayWidth } from "../../src/report/columns.ts";
import { renderExplain, renderRule } from "../../src/report/explain.ts";
import { reporters } from "../../src/report/index.ts";
import { json } from "../../src/report/json.ts";
import { ndjson } from "../../src/report/ndjson.ts";
import { reportJsonSchema } from "../../src/report/stored/schema.ts";
import { text } from "../../src/report/text.ts";
import { fixtures, report } from "./report-fixtures.ts";
import { expectGolden } from "./report-golden.ts";

const PLAIN: RenderOptions = { color: false, columns: 80 };
const WIDE: RenderOptions = { color: false, columns: 120 };

/** What a terminal may obey: controls but the line feed, C1 controls, format characters, lone surrogates. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u;

function expectPlain(output: string, columns: number): void {
  expect(output).not.toMatch(OBEYED);
  expect(output.endsWith("\n")).toBe(true);
  for (const line of output.split("\n")) {
    expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
    expect(line).toBe(line.trimEnd());
  }
}

describe("golden", () => {
  test.each([80, 120])("text in %i columns", async (columns) => {
    await expectGolden(`report-${columns}.txt`, text.render(report, { color: false, columns }));
  });

  test("json and ndjson", async () => {
    await expectGolden("report.json.golden", json.render(report, PLAIN));
    await expectGolden("report.ndjson", ndjson.render(report, PLAIN));
  });

  test.each(Object.keys(fixtures))("explain %s", async (name) => {
    await expectGolden(`report-explain-${name}.txt`, renderExplain(fixture(name), PLAIN));
  });

  test("explain a rule", async () => {
    const output = renderRule(rules["disable-ipv6-interfaces"], PLAIN);
    expectPlain(output, 80);
    await expectGolden("report-rule.txt", output);
  });
});

function fixture(name: string): ScanResult {
  const found = fixtures[name];
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
}

describe("text for people", () => {
  test.each([60, 80, 100, 120, 200])("fits and obeys nothing in %i columns", (columns) => {
    const options = { color: false, columns };
    expectPlain(text.render(report, options), columns);
    for (const result of Object.values(fixtures)) expectPlain(renderExplain(result, options), columns);
  });

  test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY, 3.7])("survives %d columns", (columns) => {
    expect(text.render(report, { color: false, columns })).toContain("5 images: ");
  });

  test("colours only add colour: without them the text is the same, and images bring none of their own", () => {
    const colours = /\p{Cc}\[\d{1,2}m/gu;
    for (const render of [
      (options: RenderOptions) => text.render(report, options),
      (options: RenderOptions) => renderExplain(fixture("hostileNames"), options),
    ]) {
      const painted = render({ ...WIDE, color: true });
      expect(painted).toMatch(colours);
      expect(painted.replace(colours, "")).toBe(render(WIDE));
    }
  });

  test("a row an image, the sum at the end", () => {
    const output = text.render(report, WIDE);
    for (const { image, verdict } of report.results.slice(0, 4)) {
      expect(output).toMatch(new RegExp(`^${verdict} .*${image.id.replace(/[./]/g, "\\$&")}`, "m"));
    }
    expect(output.trimEnd().split("\n").at(-1)).toBe("5 images: 1 pass, 1 flagged, 2 review, 1 unreadable");
  });

  test("what decides stands beside short rows when it fits", () => {
    const results = [fixture("passBySysctl")];
    const [titles, row] = text.render({ ...report, results }, { color: false, columns: 140 }).split("\n");
    expect(titles).toMatch(/DECIDED BY$/);
    expect(row).toMatch(
      /qcow2 {2}\/etc\/sysctl\.d\/60-ipv6\.conf:1: net\.ipv6\.conf\.all\.disable_ipv6 = 1$/,
    );
  });

  test("a pass that left something unread says so below the table", () => {
    const results = [{ ...fixture("passBySysctl"), unread: [{ what: "gpt#9", reason: "unsupported: ZFS" }] }];
    expect(text.render({ ...report, results }, PLAIN)).toContain("\n  unread  gpt#9: unsupported: ZFS\n");
  });

  test("no image at all", () => {
    expect(text.render({ ...report, results: [] }, PLAIN)).toBe("0 images\n");
  });
});

describe("canonical JSON", () => {
  const output = json.render(report, PLAIN);

  test("is the report itself, byte for byte whatever order its keys were built in", () => {
    expect(JSON.parse(output)).toEqual(JSON.parse(JSON.stringify(report)));
    expect(json.render(reversed(report), PLAIN)).toBe(output);
  });

  test("keeps text raw, lone surrogates as escapes, and nothing a terminal obeys", () => {
    expect(output).not.toMatch(OBEYED);
    expect(output).toContain("\\udce9");
    const parsed: unknown = JSON.parse(output);
    expect(parsed).toMatchObject({ results: { 4: { image: { id: fixture("hostileNames").image.id } } } });
    expect(new TextDecoder("utf-8", { fatal: true }).decode(new TextEncoder().encode(output))).toBe(output);
  });

  test("has a line a result in NDJSON, the same objects", () => {
    const lines = ndjson.render(report, PLAIN).trimEnd().split("\n");
    const parsed: unknown = JSON.parse(output);
    expect({
      schemaVersion: 1,
      engine: report.engine,
      results: lines.map((line): unknown => JSON.parse(line)),
    }).toEqual(parsed);
    expect(ndjson.render({ ...report, results: [] }, PLAIN)).toBe("");
  });
});

/** The same value with the keys of every object the other way round. */
function reversed<T>(value: T): T;
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => reversed(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, one]): [string, unknown] => [key, reversed(one)]),
  );
}

describe("schema", () => {
  const path = fileURLToPath(new URL("../../schema/sixray-report-1.schema.json", import.meta.url));
  const schema: unknown = JSON.parse(readFileSync(path, "utf8"));
  // The published schema allows keys that a later version adds; here every key must be described.
  const closed = z.fromJSONSchema(z.record(z.string(), z.any()).parse(close(schema)));
  const golden = json.render(report, PLAIN);

  test("is the one that reports are read back with", () => {
    // Written by: npm run schema
    expect(schema).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });

  test("describes the golden document, every key of it", () => {
    expect(closed.safeParse(JSON.parse(golden)).error).toBeUndefined();
  });

  test.each([
    ["another version", '"schemaVersion": 1', '"schemaVersion": 2'],
    ["an unknown verdict", '"verdict": "flagged"', '"verdict": "fine"'],
    ["an unknown key", '"verdict": "flagged"', '"verdict": "flagged", "extra": 1'],
    ["a missing key", '"engine": "sixray 0.1.0",', ""],
    ["a value that disable_ipv6 never has", '"nic": 0', '"nic": 7'],
    ["a line number of nought", '"line": 112', '"line": 0'],
  ])("refuses %s", (_, from, to) => {
    expect(golden).toContain(from);
    expect(closed.safeParse(JSON.parse(golden.replace(from, to))).success).toBe(false);
  });
});

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, close(one)]);
  const isOpen = "type" in value && value.type === "object" && !("additionalProperties" in value);
  return Object.fromEntries([...entries, ...(isOpen ? [["additionalProperties", false] as const] : [])]);
}

test("every format stands under its own id and loads when asked", async () => {
  expect([...reporters.keys()]).toEqual(["text", "json", "ndjson"]);
  for (const [id, load] of reporters) {
    const reporter = await load();
    expect(reporter.id).toBe(id);
    expect(reporter.fileExtension).toMatch(/^\.[a-z]+$/);
    expect(reporter.render(report, PLAIN)).toBe(reporter.render(report, PLAIN));
  }
});
