import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../../test/support/images.ts";
import { givenBytes } from "./given-file.ts";

const folder = mkdtempSync(join(tmpdir(), "given-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is taken in whole", async () => {
  const bytes = Uint8Array.from({ length: 200_001 }, (_, at) => at % 251);
  writeFileSync(join(folder, "whole"), bytes);
  expect(await givenBytes(join(folder, "whole"))).toEqual(bytes);
  writeFileSync(join(folder, "empty"), "");
  expect(await givenBytes(join(folder, "empty"))).toEqual(new Uint8Array());
});

test("one that is too large is not, a pipe without end neither", async () => {
  writeFileSync(join(folder, "large"), Buffer.alloc((1 << 20) + 1));
  const large = { code: "usage", message: expect.stringContaining("is larger than 1 MiB") };
  await expect(givenBytes(join(folder, "large"), 1 << 20)).rejects.toMatchObject(large);
  const pipe = join(folder, "pipe");
  run("mkfifo", [pipe]);
  const writer = spawn("sh", ["-c", `exec cat /dev/zero > '${pipe}'`], { stdio: "ignore" });
  try {
    await expect(givenBytes(pipe, 1 << 20)).rejects.toMatchObject(large);
  } finally {
    writer.kill();
  }
});

test("what cannot be read is told by its name", async () => {
  await expect(givenBytes(join(folder, "none"))).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(join(folder, "none")),
  });
  await expect(givenBytes(folder)).rejects.toMatchObject({ code: "usage" });
});
