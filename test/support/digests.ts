import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { decodeName } from "../../src/disk/bytes/names.ts";
import type { FileSystem, FsNode } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";

/** A mutant may claim any size: more than this is not read, on either side. */
const READ_MAX_BYTES = 64 << 20;

/** Path to what stands there: `file 12 <sha256>`, `symlink <target>`, `directory`. */
export type Digests = Readonly<Record<string, string>>;

/** What the operating system says of a folder. Names as `decodeName` gives them. */
export function digestFolder(folder: string): Digests {
  const found: [string, string][] = [];
  const visit = (path: Buffer, shown: string): void => {
    for (const raw of readdirSync(path, { encoding: "buffer" })) {
      const child = Buffer.concat([path, Buffer.from("/"), raw]);
      const stats = lstatSync(child);
      const at = `${shown}/${decodeName(raw)}`;
      if (stats.isDirectory()) {
        found.push([at, "directory"]);
        visit(child, at);
      } else if (stats.isSymbolicLink()) found.push([at, `symlink ${readlinkSync(child)}`]);
      else if (stats.isFile())
        found.push([at, fileDigest(stats.size, readFileSync(child).subarray(0, READ_MAX_BYTES))]);
      else found.push([at, "special"]);
    }
  };
  visit(Buffer.from(folder), "");
  return sorted(found);
}

/** What one of our readers says of a file system; `without` are paths left out, with all below them. */
export async function digestTree(fs: FileSystem, without: readonly string[] = []): Promise<Digests> {
  const tree = new Tree([{ path: "/", locator: fs.type, fs }]);
  const root = await tree.resolve("/");
  if (root.state === "unreadable") throw root.error;
  if (root.state === "absent") throw new Error(`${fs.type}: no root folder`);
  const found: [string, string][] = [];
  for await (const located of walk(tree, root, true)) {
    const { path } = located;
    if (without.some((skip) => path === skip || path.startsWith(`${skip}/`))) continue;
    if (located.state !== "found")
      found.push([path, located.state === "absent" ? "absent" : located.error.line]);
    else found.push([path, await nodeDigest(located.node)]);
  }
  return sorted(found);
}

/** What one node is, as {@link Digests} has it. */
export async function nodeDigest(node: FsNode): Promise<string> {
  if (node.type === "directory") return "directory";
  if (node.type === "symlink") return `symlink ${await node.readLink()}`;
  if (node.type !== "file") return "special";
  const content = await node.content();
  return fileDigest(node.sizeBytes, await content.read(0, Math.min(content.size, READ_MAX_BYTES)));
}

function fileDigest(size: number, bytes: Uint8Array): string {
  return `file ${size} ${createHash("sha256").update(bytes).digest("hex")}`;
}

function sorted(found: readonly [string, string][]): Digests {
  return Object.fromEntries(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
