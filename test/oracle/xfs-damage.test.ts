import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import type { FsNode } from "../../src/disk/filesystems/driver.ts";
import { xfs } from "../../src/disk/filesystems/xfs/index.ts";
import { exactNames } from "../../src/disk/filesystems/xfs/names.ts";
import { isReadError } from "../../src/errors.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { formatXfs, mounted } from "../support/xfs.ts";

const area = scratch("xfs-damage");
const noMount = missing("mkfs.xfs", "xfs_db", "mount", "losetup", "root");
const BLOCK_BYTES = 4096;
/** Every field of the headers, and entries behind them. */
const FLIPS = [0, 2, 4, 9, 13, 18, 27, 34, 42, 50, 57, 60, 66, 80, 700, 2048, BLOCK_BYTES - 1];

/** What is damaged: the magic (and where it stands) of a block, and which item's reading needs it. */
const KINDS = [
  ["block directory", 0, "XDB3", "block"],
  ["data block", 0, "XDD3", "leaf"],
  ["sole index leaf", 8, "\x3d\xf1", "leaf"],
  ["index node", 8, "\x3e\xbe", "node"],
  ["index leaf", 8, "\x3d\xff", "node"],
  ["extent tree", 0, "BMA3", "many extents"],
  ["remote link", 0, "XSLM", "link"],
] as const;

const nameOf = (index: number): string => `${index}-${"n".repeat(80)}`;

async function fill(mount: string): Promise<void> {
  for (const [folder, count] of [
    ["block", 20],
    ["leaf", 300],
    ["node", 700],
  ] as const) {
    mkdirSync(join(mount, folder));
    for (let i = 0; i < count; i++) writeFileSync(join(mount, folder, nameOf(i)), "");
  }
  symlinkSync("t".repeat(1000), join(mount, "link"));
  const file = openSync(join(mount, "many extents"), "w");
  for (let i = 0; i < 600; i++)
    writeSync(file, Buffer.alloc(BLOCK_BYTES, i), 0, BLOCK_BYTES, i * 2 * BLOCK_BYTES);
  closeSync(file);
}

/** Each question about an item, and its answer; `corrupt` where it was refused. */
async function ask(bytes: Uint8Array, item: string): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const put = async (question: string, answer: () => Promise<string>): Promise<void> => {
    try {
      answers.set(question, await answer());
    } catch (error) {
      if (!isReadError(error)) throw error;
      answers.set(question, error.code);
    }
  };
  const node = await (await (await xfs.open(memorySource(bytes, item))).root()).lookup(item);
  if (!node) throw new Error(`no ${item}`);
  if (node.type === "symlink") await put("target", () => node.readLink());
  if (node.type === "file") await put("content", () => contentText(node));
  if (node.type === "directory") {
    await put("names", async () => (await node.list()).map(({ name }) => name).join("/"));
    for (let i = 0; i < 710; i += item === "block" ? 1 : 7)
      await put(`name ${i}`, async () => (await node.lookup(nameOf(i)))?.id ?? "none");
  }
  return answers;
}

async function contentText(node: FsNode): Promise<string> {
  const content = await node.content();
  return Buffer.from(await content.read(0, content.size)).toString("latin1");
}

describe.skipIf(noMount)("one flipped bit in version 5", async () => {
  const image = join(area, "damage.img");
  if (!noMount) {
    formatXfs(image, 32, []);
    await mounted(image, fill);
  }
  const bytes = noMount ? new Uint8Array() : new Uint8Array(readFileSync(image));

  test.each(KINDS)("%s: refused, never read wrong", async (_, at, magic, item) => {
    const truth = await ask(bytes, item);
    expect([...truth.values()]).not.toContain("corrupt");
    const read = new Set<number>();
    const inner = memorySource(bytes, item);
    const node = await (
      await xfs.open({
        ...inner,
        read(offset, length) {
          for (let block = offset; block + BLOCK_BYTES <= offset + length; block += BLOCK_BYTES)
            read.add(block);
          return inner.read(offset, length);
        },
      })
    ).root();
    const found = await node.lookup(item);
    if (found?.type === "symlink") await found.readLink();
    if (found?.type === "file") await contentText(found);
    if (found?.type === "directory") {
      await found.list();
      for (let i = 0; i < 700; i++) await found.lookup(nameOf(i));
    }
    const blocks = [...read].filter((block) =>
      Buffer.from(magic, "latin1").equals(bytes.subarray(block + at, block + at + magic.length)),
    );
    expect(blocks.length).toBeGreaterThan(0);
    for (const [index, flip] of FLIPS.entries()) {
      const place = (blocks[index % blocks.length] ?? 0) + flip;
      const before = bytes[place] ?? 0;
      bytes[place] = before ^ (1 << (index % 8));
      const answers = await ask(bytes, item);
      bytes[place] = before;
      const changed = [...answers].filter(([question, answer]) => answer !== truth.get(question));
      // Bytes behind a link's last one belong to its block's checksum as well.
      expect(changed.length, `byte ${flip}`).toBeGreaterThan(0);
      expect(new Set(changed.map(([, answer]) => answer)), `byte ${flip}`).toEqual(new Set(["corrupt"]));
    }
  });
});

test.skipIf(noMount)("1024 names of one hash, over several leaves, are told apart", async () => {
  // Five bytes apart, a byte's bit 0 and bit 3 of the later one cancel out: 5 * 7 = 35 = 32 + 3.
  const pieces = ["a----a", "`----i"];
  const names = Array.from({ length: 1024 }, (_, index) =>
    Array.from({ length: 10 }, (__, bit) => pieces[(index >> bit) & 1]).join(""),
  );
  expect(new Set(names.map((name) => exactNames.hash(name))).size).toBe(1);
  const image = join(area, "hashes.img");
  formatXfs(image, 32, []);
  const told = await mounted(image, (mount) => {
    mkdirSync(join(mount, "crowd"));
    for (const name of names) writeFileSync(join(mount, "crowd", name), name);
    return digestFolder(mount);
  });
  const fs = await xfs.open(memorySource(readFileSync(image), "hashes"));
  expect(await digestTree(fs)).toEqual(told);
  const crowd = await (await fs.root()).lookup("crowd");
  for (let i = 0; i < names.length; i += 97) {
    const name = names[i] ?? "";
    const content = await (await crowd?.lookup(name))?.content();
    expect(Buffer.from((await content?.read(0, content.size)) ?? []).toString()).toBe(name);
  }
  expect(await crowd?.lookup(`${"a----i"}${(names[0] ?? "").slice(6)}`)).toBeUndefined();
  const hash = run("xfs_db", ["-r", "-c", `hash ${names[0]}`, image]).toString();
  expect(Number.parseInt(hash, 16)).toBe(exactNames.hash(names[0] ?? ""));
});
