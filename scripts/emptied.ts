import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes what is in a folder, but for these names: of `dist/types` npm makes the package after it builds once more. */
export async function emptied(folder: string, kept: ReadonlySet<string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => !kept.has(name));
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true })));
}
