import type { FileSystem, FsNode } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";

const PIECE_BYTES = 64 << 10;

/** Reads everything that can be reached, of large files the two ends; rejects with what cannot be read. */
export async function readTree(fs: FileSystem): Promise<void> {
  const tree = new Tree([{ path: "/", locator: fs.type, fs }]);
  const root = await tree.resolve("/");
  if (root.state === "unreadable") throw root.error;
  if (root.state === "absent") return;
  for await (const located of walk(tree, root, true)) {
    if (located.state === "unreadable") throw located.error;
    if (located.state === "found") await readNode(located.node);
  }
}

async function readNode(node: FsNode): Promise<void> {
  if (node.type === "symlink") await node.readLink();
  if (node.type !== "file") return;
  const content = await node.content();
  await content.read(0, Math.min(content.size, PIECE_BYTES));
  const tail = Math.min(content.size, 100);
  await content.read(content.size - tail, tail);
}
