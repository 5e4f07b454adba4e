import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** Compares with a file beside this one; `UPDATE_GOLDEN=1` writes it instead. */
export async function expectGolden(name: string, actual: string): Promise<void> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  if (process.env.UPDATE_GOLDEN === "1") await writeFile(path, actual);
  expect(actual).toBe(await readFile(path, "utf8"));
}
