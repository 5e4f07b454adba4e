import { folderFileSystem } from "../../providers/file/folder.ts";
import { scratch } from "../support/images.ts";
import { type Files, memoryFileSystem } from "../support/memory-fs.ts";
import {
  CONFORMANCE_FILES,
  CONFORMANCE_LINKS,
  fileSystemConformance,
  writeConformanceFiles,
} from "./file-system.ts";

type Entry = readonly [path: readonly string[], value: Files[string]];

function nest(entries: readonly Entry[]): Files {
  const byName = Map.groupBy(entries, ([path]) => path[0] ?? "");
  return Object.fromEntries(
    [...byName].map(([name, group]) => {
      const [first] = group;
      if (first?.[0].length === 1) return [name, first[1]];
      return [name, nest(group.map(([path, value]) => [path.slice(1), value]))];
    }),
  );
}

const nested = nest([
  ...Object.entries(CONFORMANCE_FILES).map(([path, text]): Entry => [path.split("/").slice(1), text]),
  ...Object.entries(CONFORMANCE_LINKS).map(([path, link]): Entry => [path.split("/").slice(1), { link }]),
]);

fileSystemConformance("memory", { open: async () => memoryFileSystem(nested), links: true });

const folder = scratch("folder");
await writeConformanceFiles(folder, true);
fileSystemConformance("folder", { open: async () => folderFileSystem(folder), links: true });
