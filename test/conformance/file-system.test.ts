import { folderFileSystem } from "../../providers/file/folder.ts";
import { scratch } from "../support/images.ts";
import { nest } from "../support/machine.ts";
import { memoryFileSystem } from "../support/memory-fs.ts";
import {
  CONFORMANCE_FILES,
  CONFORMANCE_LINKS,
  fileSystemConformance,
  writeConformanceFiles,
} from "./file-system.ts";

const nested = nest({
  ...CONFORMANCE_FILES,
  ...Object.fromEntries(Object.entries(CONFORMANCE_LINKS).map(([path, link]) => [path, { link }])),
});

fileSystemConformance("memory", { open: async () => memoryFileSystem(nested), links: true });

const folder = scratch("folder");
await writeConformanceFiles(folder, true);
fileSystemConformance("folder", { open: async () => folderFileSystem(folder), links: true });
