import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FlatFiles } from "../support/machine.ts";
import type { Files } from "../support/memory-fs.ts";

/** Writes files as `memoryFileSystem` takes them below a real folder. */
export function plant(root: string, files: FlatFiles): void {
  for (const [path, content] of Object.entries(files)) plantOne(join(root, path), content);
}

function plantOne(at: string, content: Files[string]): void {
  mkdirSync(dirname(at), { recursive: true });
  if (typeof content === "string" || content instanceof Uint8Array) writeFileSync(at, content);
  else if (content instanceof Error) throw content;
  else if ("link" in content && typeof content.link === "string") symlinkSync(content.link, at);
  else {
    mkdirSync(at, { recursive: true });
    for (const [name, inner] of Object.entries(content)) plantOne(join(at, name), inner);
  }
}

/** Empties a folder, made when it is not there. */
export function clear(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}
