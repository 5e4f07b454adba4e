import { afterEach, expect, test, vi } from "vitest";
import { sourceDate, today } from "./clock.ts";

afterEach(() => vi.unstubAllEnvs());

test.each([
  ["0", "1970-01-01"],
  ["1767225599", "2025-12-31"],
  ["1767225600", "2026-01-01"],
  ["99999999999", "5138-11-16"],
])("SOURCE_DATE_EPOCH %s is %s", (seconds, day) => {
  vi.stubEnv("SOURCE_DATE_EPOCH", seconds);
  expect(today()).toBe(day);
});

test("empty is not set: an empty variable must not take waivers back to 1970", () => {
  vi.stubEnv("SOURCE_DATE_EPOCH", "");
  expect(sourceDate()).toBeUndefined();
  expect(today()).toBe(new Date().toISOString().slice(0, 10));
});

// Milliseconds would be the year +057886, which compares as a day before all others.
test.each(["1764547200000", "-99999999999", "1e3", "0x10", " 1767225600", "1767225600.5", "now"])(
  "%j is refused",
  (seconds) => {
    vi.stubEnv("SOURCE_DATE_EPOCH", seconds);
    expect(today).toThrow("whole number of seconds");
  },
);
