import type { FileSystem, FsNode } from "../disk/filesystems/driver.ts";
import type { Mount } from "../disk/filesystems/tree.ts";
import { corrupt } from "../errors.ts";

const wrong = (): Promise<never> => Promise.reject(corrupt("tmpfs", "is a directory"));

const ROOT: FsNode = {
  id: "1",
  type: "directory",
  sizeBytes: 0,
  mode: 0o755,
  uid: 0,
  lookup: () => Promise.resolve(undefined),
  list: () => Promise.resolve([]),
  readLink: wrong,
  content: wrong,
};

const EMPTY: FileSystem = {
  type: "tmpfs",
  label: "",
  uuid: "",
  features: [],
  notes: [],
  caseSensitive: true,
  root: () => Promise.resolve(ROOT),
};

/**
 * Every init mounts an empty tmpfs on /run before it reads a single file there: what an image holds below is
 * never seen by the machine. Source: file-hierarchy(7).
 */
export function runMount(image: string): Mount {
  return tmpfsMount("/run", image);
}

/** A tmpfs as it is when nobody has written to it yet. */
export function tmpfsMount(path: string, image: string): Mount {
  return { path, locator: `${image} > tmpfs`, fs: EMPTY };
}
