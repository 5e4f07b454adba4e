import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { reviewWindows, unreadableLuks } from "../../../test/golden/report-fixtures.ts";
import type { Report } from "../../model/report.ts";
import { mostUrgent, type Ranked, withinLimits } from "./limits.ts";
import { sarif } from "./sarif.ts";

interface One extends Ranked {
  readonly name: string;
}

const one = (name: string, level: string, more: Partial<One> = {}): One => ({
  name,
  kind: level === "none" ? "review" : "fail",
  level,
  ...more,
});
const suppressions = [{}];
/** From the worst. */
const ORDER = [
  one("a", "error"),
  one("b", "warning"),
  one("c", "none"),
  one("d", "note"),
  one("e", "error", { suppressions }),
  one("f", "note", { suppressions }),
];

function kept(results: readonly One[], textOf: (one: One) => string = ({ name }) => name) {
  let leftOut = -1;
  const text = withinLimits(results, (some, left) => {
    leftOut = left;
    return some.map(textOf).join("\n");
  });
  return { text, lines: text.split("\n"), leftOut };
}

test("what fits stays as it is", () => {
  expect(kept(ORDER.toReversed())).toMatchObject({ lines: ["f", "e", "d", "c", "b", "a"], leftOut: 0 });
  expect(kept([])).toMatchObject({ text: "", leftOut: 0 });
});

test("of more than are kept the worst come first; of more than are taken the least go", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => ORDER[(at * 5) % ORDER.length] ?? one("x", "note"));
  const sorted = kept(many(6000));
  expect(sorted.leftOut).toBe(0);
  expect(sorted.lines).toEqual(ORDER.flatMap(({ name }) => Array.from({ length: 1000 }, () => name)));
  const cut = kept(many(30_000));
  expect(cut.leftOut).toBe(5000);
  expect(new Set(cut.lines)).toEqual(new Set(["a", "b", "c", "d", "e"]));
});

test("what cannot be packed into a file goes, from the least severe", () => {
  const noise = randomBytes(3000).toString("base64");
  const results = [
    ...Array.from({ length: 20 }, () => ORDER[3]),
    ...Array.from({ length: 20 }, () => ORDER[0]),
  ];
  const { text, leftOut, lines } = kept(
    results.flatMap((result) => result ?? []),
    ({ name }) => name + noise + randomBytes(600_000).toString("base64"),
  );
  expect(gzipSync(text).length).toBeLessThan(10_000_000);
  expect(leftOut).toBe(40 - lines.length);
  expect(leftOut).toBeGreaterThan(20);
  expect(lines.length).toBeGreaterThan(8);
  expect(new Set(lines.map((line) => line[0]))).toEqual(new Set(["a"]));
});

test("errors come before other notifications", () => {
  const some = Array.from({ length: 9000 }, (_, at) => ({ level: at < 8000 ? "warning" : "error" }));
  const urgent = mostUrgent(some);
  expect(urgent).toHaveLength(5000);
  expect(urgent.filter(({ level }) => level === "error")).toHaveLength(1000);
});

test("a report of more than GitHub takes says what it left out, and keeps what could not be read", () => {
  const { findings, ...rest } = reviewWindows;
  const small = {
    ...rest,
    findings: findings.map((finding) => ({ ...finding, severity: "low", evidence: [] }) as const),
  };
  const results = Array.from({ length: 26_000 }, (_, at) => ({
    ...small,
    image: { ...small.image, id: `${at}` },
  }));
  const report: Report = { schemaVersion: 1, engine: "sixray 0.1.0", results: [...results, unreadableLuks] };
  const text = sarif.render(report, { color: false, columns: 100 });
  const [run] = JSON.parse(text).runs;
  expect(run.results).toHaveLength(25_000);
  expect(run.results[0]).toMatchObject({ ruleId: "image-unreadable", level: "error" });
  const [told] = run.invocations[0].toolExecutionNotifications;
  expect(told.message.text).toMatch(/^\d+ results are left out, the least severe ones/);
  expect(gzipSync(text).length).toBeLessThan(10_000_000);
});
