import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import type { FsNode } from "../../src/disk/filesystems/driver.ts";
import { ntfs } from "../../src/disk/filesystems/ntfs/index.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";
import { makeNtfs, NTFS_NEEDS, setAttribute } from "../support/ntfs.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const READ_MAX_BYTES = 256 << 10;

/** A small volume: where its file records and folders lie is found by their signatures. */
export async function smallNtfs(options: readonly string[] = []): Promise<Uint8Array> {
  const image = await makeNtfs(2 << 20, ["-c", "512", ...options], (folder) => {
    mkdirSync(join(folder, "crowd"));
    for (let i = 0; i < 120; i++) writeFileSync(join(folder, "crowd", `name number ${i}`), `${i}`);
    mkdirSync(join(folder, "packed"));
    setAttribute(join(folder, "packed"), "system.ntfs_attrib", Uint8Array.of(0, 8, 0, 0));
    writeFileSync(join(folder, "packed", "text"), "some text to pack. ".repeat(3000));
    writeFileSync(join(folder, "plain"), Buffer.alloc(9000, 7));
    symlinkSync("plain", join(folder, "link"));
  });
  return new Uint8Array(readFileSync(image));
}

function hotOf(bytes: Uint8Array): readonly (readonly [number, number])[] {
  const hot: (readonly [number, number])[] = [[0, 512]];
  const text = Buffer.from(bytes).toString("latin1");
  for (let at = 0; at < bytes.length; at += 512) {
    const magic = text.slice(at, at + 4);
    if (magic === "FILE") hot.push([at, at + 512]);
    if (magic === "INDX") hot.push([at, at + 1024]);
  }
  return hot;
}

export const target: FuzzTarget = {
  name: "ntfs",
  needs: [...NTFS_NEEDS],
  async seeds(): Promise<readonly FuzzSeed[]> {
    const bytes = await smallNtfs();
    return [{ name: "ntfs, 512-byte clusters", bytes, hot: hotOf(bytes) }];
  },
  async read(source: ByteSource): Promise<void> {
    const fs = await ntfs.open(source);
    const tree = new Tree([{ path: "/", locator: "ntfs", fs }]);
    const root = await tree.resolve("/");
    if (root.state === "unreadable") throw root.error;
    if (root.state !== "found") return;
    let failed: Error | undefined;
    for await (const located of walk(tree, root, true)) {
      if (located.state === "unreadable") failed ??= located.error;
      if (located.state === "found") await readSome(located.node);
    }
    if (failed) throw failed;
  },
};

async function readSome(node: FsNode): Promise<void> {
  if (node.type === "symlink") await node.readLink();
  if (node.type !== "file") return;
  const content = await node.content();
  await content.read(0, Math.min(content.size, READ_MAX_BYTES));
  await content.read(Math.max(0, content.size - 10), Math.min(content.size, 10));
}
