import { Tree } from "../../src/disk/filesystems/tree.ts";
import { bootEntry } from "../../src/guest/boot/index.ts";
import { extract } from "../../src/guest/extract.ts";
import type { BootFacts } from "../../src/model/boot.ts";
import { observe } from "../../src/model/observations.ts";
import { type Files, memoryFileSystem } from "./memory-fs.ts";

/** What the boot-entry reader says of a machine with these files, by path (`{ link }` for links). */
export async function booted(paths: Readonly<Record<string, Files[string]>>): Promise<BootFacts> {
  const fs = memoryFileSystem(nest(paths));
  const tree = new Tree([{ path: "/", locator: "disk", fs }]);
  return bootEntry.read(observe(await extract(tree, [bootEntry])));
}

function nest(paths: Readonly<Record<string, Files[string]>>): Files {
  const root: { [name: string]: Files[string] } = {};
  const folders = new Map([["", root]]);
  const folder = (path: string): { [name: string]: Files[string] } => {
    const known = folders.get(path);
    if (known) return known;
    const made: { [name: string]: Files[string] } = {};
    folders.set(path, made);
    folder(path.slice(0, path.lastIndexOf("/")))[path.slice(path.lastIndexOf("/") + 1)] = made;
    return made;
  };
  for (const [path, value] of Object.entries(paths))
    folder(path.slice(0, path.lastIndexOf("/")))[path.slice(path.lastIndexOf("/") + 1)] = value;
  return root;
}
