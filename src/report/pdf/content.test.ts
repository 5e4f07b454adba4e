import { expect, test } from "vitest";
import { reviewWindows, unreadableLuks } from "../../../test/golden/report-fixtures.ts";
import type { ScanResult } from "../../model/report.ts";
import { contentOf } from "./content.ts";

const shown = (...results: readonly ScanResult[]): object =>
  contentOf({ schemaVersion: 1, engine: "sixray", results });

test("what was judged by no policy leaves no empty line among the policies", () => {
  expect(shown({ ...unreadableLuks, policy: "" })).toMatchObject({ policies: [] });
  expect(shown({ ...unreadableLuks, policy: "" }, reviewWindows)).toMatchObject({
    policies: [{ id: reviewWindows.policy }],
  });
});

test("images that a person accepted are counted beside the waivers", () => {
  expect(shown(reviewWindows)).toMatchObject({ accepted: 0 });
  expect(shown({ ...reviewWindows, verdict: "waived" })).toMatchObject({ waivers: [], accepted: 1 });
});
