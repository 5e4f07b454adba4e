import { expect, test } from "vitest";
import { imageStore } from "../support/image-store.ts";
import { scratch } from "../support/images.ts";
import { enqueue, sixray, status, worker } from "./support.ts";

test("without a database the same runs in one process", async () => {
  const store = await imageStore({ images: 12 });
  const place = { state: scratch("embedded") };
  expect(sixray(place, "fleet", "status")).toMatchObject({
    code: 2,
    err: expect.stringContaining("there is no ledger"),
  });
  const run = enqueue(place, store.url, "--policy", "strict", "--run", "nightly");
  expect(run).toBe("nightly");
  expect(await worker(place, "--until-empty").ended).toBe(0);
  expect(status(place, run).runs[0]).toMatchObject({ images: 12, scanned: 12, exitCode: 1 });
  expect(
    sixray(place, "runs", run)
      .out.split("\n")
      .filter((line) => line.startsWith("scanned")),
  ).toHaveLength(12);
  const report = sixray(place, "report", run, "-f", "json");
  expect(report).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(report.out).results).toHaveLength(12);
  expect(sixray(place, "diff", run, "latest")).toMatchObject({ code: 0 });
  // What is neither a file nor a run.
  expect(sixray(place, "report", "weekly")).toMatchObject({
    code: 2,
    err: expect.stringContaining("cannot read weekly"),
  });
  expect(sixray(place, "fleet", "enqueue", store.url, "--run", "latest").code).toBe(2);
  await store.close();
}, 120_000);

test("what may be secret is not kept in a queue", () => {
  const place = { state: scratch("refused") };
  for (const address of [
    "https://example.org/x.qcow2?X-Amz-Signature=abcdef",
    "https://somebody:abcdef@example.org/x.qcow2",
  ]) {
    const refused = sixray(place, "fleet", "enqueue", address);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("would be kept in the queue");
    expect(refused.err).not.toContain("abcdef");
  }
});
