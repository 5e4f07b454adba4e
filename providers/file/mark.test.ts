import { mkdirSync, openSync, readFileSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../test/support/images.ts";
import { markFile } from "./mark.ts";

test("a file whose middle changed is another, even where its size, its ends and its time are the same", async () => {
  const folder = scratch("mark");
  const path = join(folder, "disk.raw");
  writeFileSync(path, Buffer.alloc(1 << 20));
  // As `touch -d @$SOURCE_DATE_EPOCH` does.
  utimesSync(path, 1, 1);
  const before = await markFile(path);
  expect(await markFile(path)).toBe(before);
  writeSync(openSync(path, "r+"), "ipv6", 1 << 19);
  utimesSync(path, 1, 1);
  expect(readFileSync(path).length).toBe(1 << 20);
  expect(await markFile(path)).not.toBe(before);
  mkdirSync(join(folder, "rootfs"));
  expect(await markFile(join(folder, "rootfs"))).toBeUndefined();
});
