import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { sixray } from "../support/cli.ts";
import { scratch } from "../support/images.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));
const folder = scratch("run-report");
const env = { ...process.env, SIXRAY_STATE: join(folder, "state"), DATABASE_URL: "" };
const ids: string[] = [];

beforeAll(() => {
  mkdirSync(join(folder, "images"));
  for (const fixture of ["off-sysctl", "on"]) {
    copyFileSync(join(FIXTURES, `${fixture}.qcow2`), join(folder, "images", "one.qcow2"));
    copyFileSync(join(FIXTURES, "networkd.qcow2"), join(folder, "images", "two.qcow2"));
    const watched = sixray(["watch", "images/*.qcow2", "--json"], { cwd: folder, env });
    ids.push(String(Object(JSON.parse(watched.out)).run));
  }
}, 120_000);

test("a run of watch is a report by its id, whole, and the same each time", () => {
  const [first = ""] = ids;
  const { code, out } = sixray(["report", first, "-f", "json"], { cwd: folder, env });
  expect(code).toBe(0);
  const report: unknown = JSON.parse(out);
  expect(report).toMatchObject({
    day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    policies: [{ id: "os-extended-debian" }],
    results: [
      { image: { id: "images/one.qcow2" }, verdict: "pass" },
      { image: { id: "images/two.qcow2" }, verdict: "flagged" },
    ],
  });
  expect(sixray(["report", first, "-f", "json"], { cwd: folder, env }).out).toBe(out);
});

test("two runs are compared, and latest is the last", () => {
  const [first = ""] = ids;
  const { code, out, err } = sixray(["diff", first, "latest", "-f", "json"], { cwd: folder, env });
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(out).toContain("images/one.qcow2");
  expect(out).not.toContain("images/two.qcow2");
  expect(sixray(["diff", "latest", ids[1] ?? ""], { cwd: folder, env }).code).toBe(0);
});

test("a run that is not there is told", () => {
  const { code, err } = sixray(["report", "20200101T000000Z-000000"], { cwd: folder, env });
  expect(code).toBe(2);
  expect(err).toContain('"sixray runs" lists them');
});
