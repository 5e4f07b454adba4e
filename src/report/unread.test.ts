import { expect, test } from "vitest";
import { passBySysctl, unreadableLuks } from "../../test/golden/report-fixtures.ts";
import type { ScanResult } from "../model/report.ts";
import { renderExplain } from "./explain.ts";
import { text } from "./text.ts";
import { unreadLines } from "./unread.ts";

const PLAIN = { color: false, columns: 200 };
const ERROR = "corrupt: bad magic (x.qcow2 > gpt#1)";

/** As a scan gives it: one error is why nothing could be told, and all that was not read. */
const failed: ScanResult = {
  ...unreadableLuks,
  reason: ERROR,
  policy: "",
  unread: [{ what: "image", reason: ERROR }],
};

test("explain tells the error of an image that could not be read once", () => {
  const told = renderExplain(failed, PLAIN);
  expect(told.split(ERROR)).toHaveLength(2);
  expect(told).not.toContain("What was not read");
  expect(told).not.toMatch(/^ +policy$/m);
});

test("other parts are told, without the error that stands above", () => {
  const parts = [
    { what: "image", reason: ERROR },
    { what: "gpt#1", reason: ERROR },
    { what: "gpt#3", reason: "unsupported: LUKS2" },
  ];
  expect(unreadLines({ ...failed, unread: parts })).toEqual([
    "gpt#1: see why, above",
    "gpt#3: unsupported: LUKS2",
  ]);
  // The reason of a pass is another matter: nothing was told.
  expect(unreadLines({ ...passBySysctl, unread: parts })).toEqual([
    `image: ${ERROR}`,
    `gpt#1: ${ERROR}`,
    "gpt#3: unsupported: LUKS2",
  ]);
});

test("text tells the first notes in short, of a pass too", () => {
  const notes = [`${passBySysctl.image.id} > ext4 > /etc: a note`, "n".repeat(1000), "three", "four", "five"];
  const results = [{ ...passBySysctl, notes }];
  const told = text.render({ schemaVersion: 1, engine: "", results }, PLAIN);
  expect(told).toContain("\n  note    ext4 > /etc: a note\n");
  expect(told).toContain(`${"n".repeat(100)}`);
  expect(told).not.toContain("n".repeat(201));
  expect(told).toContain("          three\n          and 2 more\n");
  expect(told).not.toContain("four");
});
