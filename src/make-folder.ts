import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A folder and those above it. Not by `recursive`: with that Node.js tries for ever where a folder is there but no other
 * can be made in it (/proc says that it does not exist).
 */
export async function makeFolder(folder: string, options: { readonly mode?: number } = {}): Promise<void> {
  try {
    await mkdir(folder, options);
  } catch (error) {
    const above = dirname(folder);
    if (error instanceof Error && "code" in error && error.code === "ENOENT" && above !== folder) {
      await makeFolder(above, options);
      await mkdir(folder, options);
    } else if (!(await isFolder(folder))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
