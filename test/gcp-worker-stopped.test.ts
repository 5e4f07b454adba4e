import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { localWorker } from "./support/gcp/local-worker.ts";
import { scratch } from "./support/images.ts";

test("a worker that is stopped takes its temporary files with it", async () => {
  const folder = scratch("stopped");
  const disk = join(scratch("disk"), "disk.raw");
  vi.stubEnv("TMPDIR", folder);
  writeFileSync(disk, new Uint8Array(1 << 20));
  const worker = await localWorker(disk, "0123456789abcdef");
  await vi.waitFor(
    () => expect(readdirSync(folder).some((name) => name.startsWith("tmp."))).toBe(true),
    10_000,
  );
  worker.close();
  await worker.ended;
  expect(readdirSync(folder)).toEqual([]);
});
