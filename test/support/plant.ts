import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FlatFiles } from "./machine.ts";

/** Writes files and links below `folder`, as a real tree. */
export function plant(folder: string, files: FlatFiles, mode?: number): void {
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if (typeof content === "object" && "link" in content && typeof content.link === "string")
      symlinkSync(content.link, at);
    else if (typeof content === "string") {
      writeFileSync(at, content);
      if (mode !== undefined) chmodSync(at, mode);
    }
  }
}
