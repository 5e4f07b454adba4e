import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { emptied } from "../scripts/emptied.ts";
import { scratch } from "./support/images.ts";

test("the build that npm pack runs after prepack leaves the types that prepack made", async () => {
  const folder = join(scratch("package"), "dist");
  mkdirSync(join(folder, "types/src"), { recursive: true });
  mkdirSync(join(folder, "cli"));
  writeFileSync(join(folder, "index.js"), "");
  await emptied(folder, new Set(["types"]));
  expect(readdirSync(folder)).toEqual(["types"]);
  const build = readFileSync(fileURLToPath(new URL("../scripts/build.ts", import.meta.url)), "utf8");
  expect(build).toMatch(/emptied\("dist", new Set\(\["types"\]\)\)/);
  expect(build).not.toMatch(/\brm\("dist"/);
});
