import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { scratch } from "../../test/support/images.ts";
import { engineKey, engineOfKey } from "./engine-key.ts";
import { sourceDigest } from "./source-digest.ts";
import { ENGINE } from "./version.ts";

const TOP = fileURLToPath(new URL("../..", import.meta.url));
const copy = join(scratch("sources"), "top");

beforeAll(() => {
  mkdirSync(copy);
  for (const name of ["src", "providers", "package.json"])
    cpSync(join(TOP, name), join(copy, name), { recursive: true });
});

test("the same sources have the same digest, wherever they lie and whatever they are told with", () => {
  const before = sourceDigest(TOP);
  expect(before).toMatch(/^[0-9a-f]{8}$/);
  writeFileSync(join(copy, "src/ipv6/README.md"), "other words\n");
  writeFileSync(join(copy, "src/ipv6/more.test.ts"), "test();\n");
  writeFileSync(join(copy, "src/report/more.ts"), "export {};\n");
  expect(sourceDigest(copy)).toBe(before);
  expect(sourceDigest(`${copy}/`)).toBe(before);
  expect(sourceDigest(relative(process.cwd(), copy))).toBe(before);
});

test.each([
  ["a layer of the boot model", "src/ipv6/layers/more.ts"],
  ["a way to an image", "providers/file/more.ts"],
  ["a versioned dependency", "package.json"],
])("%s that changes changes it", (_, name) => {
  const before = sourceDigest(copy);
  writeFileSync(join(copy, name), '{ "dependencies": { "yaml": "0.0.1" } }');
  expect(sourceDigest(copy)).not.toBe(before);
  if (name.endsWith(".ts")) rmSync(join(copy, name));
});

test("results are kept under it, and documents name the release alone", () => {
  expect(engineKey()).toBe(`${ENGINE}+${sourceDigest(TOP)}`);
  expect(engineOfKey(engineKey())).toBe(ENGINE);
  expect(engineOfKey("sixray 0.1.0")).toBe("sixray 0.1.0");
});
