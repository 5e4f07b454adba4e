import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import type { DirEntry, FileSystem, FsNode } from "../../src/disk/filesystems/driver.ts";
import { corrupt, type ScanError } from "../../src/errors.ts";

/** A tree of files as plain data: text, bytes, `{ link }`, `{ script }`, a nested tree, or an error to fail with. */
export type Files = { readonly [name: string]: string | Uint8Array | Link | Script | ScanError | Files };
export interface Link {
  readonly link: string;
}

/** A file that may be executed. */
export interface Script {
  readonly script: string;
}

/** A file system held in memory, for tests of what stands above drivers. */
export function memoryFileSystem(
  files: Files,
  { mode = 0o644, ...options }: Partial<FileSystem> & { readonly mode?: number } = {},
): FileSystem {
  return {
    type: "memory",
    label: "",
    uuid: "",
    features: [],
    notes: [],
    caseSensitive: true,
    root: () => Promise.resolve(node("", files, mode)),
    ...options,
  };
}

function isLink(value: Files[string]): value is Link {
  return typeof value === "object" && "link" in value && typeof value.link === "string";
}

function isScript(value: Files[string]): value is Script {
  return typeof value === "object" && "script" in value && typeof value.script === "string";
}

function node(path: string, value: Exclude<Files[string], ScanError>, mode: number): FsNode {
  const wrong = (): Promise<never> => Promise.reject(corrupt(path, "wrong type of node"));
  const base = { id: path, mode, uid: 0, lookup: wrong, list: wrong, readLink: wrong, content: wrong };
  if (typeof value === "string" || value instanceof Uint8Array) {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    const content = (): Promise<ReturnType<typeof memorySource>> =>
      Promise.resolve(memorySource(bytes, path));
    return { ...base, type: "file", sizeBytes: bytes.length, content };
  }
  if (isLink(value)) {
    const { link } = value;
    return { ...base, type: "symlink", sizeBytes: link.length, readLink: () => Promise.resolve(link) };
  }
  if (isScript(value)) return node(path, value.script, 0o755);
  const children: Files = value;
  const open = async (name: string): Promise<FsNode> => {
    const child = children[name];
    if (child === undefined) throw corrupt(path, `no ${name}`);
    if (child instanceof Error) throw child;
    return node(`${path}/${name}`, child, mode);
  };
  return {
    ...base,
    type: "directory",
    sizeBytes: 0,
    lookup: (name) => (Object.hasOwn(children, name) ? open(name) : Promise.resolve(undefined)),
    list: () =>
      Promise.resolve(Object.keys(children).map((name): DirEntry => ({ name, open: () => open(name) }))),
  };
}
