import {
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import { ext } from "../../src/disk/filesystems/ext/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const noTools = missing("mke2fs", "debugfs");
const noMount = missing("mke2fs", "mount", "root");

/** A tree that exercises what formats differ in: names, sizes, holes, links, crowded and deep folders. */
async function writeTree(folder: string, crowd: number): Promise<void> {
  await writeConformanceFiles(folder, true);
  mkdirSync(join(folder, "crowd"));
  for (let i = 0; i < crowd; i++)
    writeFileSync(join(folder, "crowd", `${"n".repeat(i % 97)}-${i}`), i % 7 ? "" : `${i}`);
  mkdirSync(join(folder, "names"));
  for (const name of ["-", " ", "ä".repeat(120), "x".repeat(255), "\u001b[31m", "a\nb"])
    writeFileSync(join(folder, "names", name), name);
  const sparse = join(folder, "sparse");
  writeFileSync(sparse, "");
  truncateSync(sparse, 9_000_000);
  const fd = openSync(sparse, "r+");
  for (const at of [0, 70_000, 4_200_000, 8_999_990]) writeSync(fd, Buffer.from("0123456789"), 0, 10, at);
  for (const length of [1, 59, 60, 61, 1000])
    symlinkSync("t".repeat(length), join(folder, "names", `link-${length}`));
}

const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  ext2: ["-t", "ext2"],
  "ext2, 1 KiB blocks": ["-t", "ext2", "-b", "1024"],
  ext3: ["-t", "ext3", "-b", "4096"],
  ext4: ["-t", "ext4"],
  "ext4, 1 KiB blocks": ["-t", "ext4", "-b", "1024"],
  "ext4, 64 KiB blocks": ["-t", "ext4", "-b", "65536"],
  "inline data": ["-t", "ext4", "-O", "inline_data", "-I", "512"],
  "no checksums": ["-t", "ext4", "-O", "^metadata_csum,uninit_bg"],
  "no extents": ["-t", "ext4", "-O", "^extents,^64bit"],
  meta_bg: ["-t", "ext4", "-O", "meta_bg,^resize_inode", "-g", "2048", "-b", "1024"],
  bigalloc: ["-t", "ext4", "-O", "bigalloc", "-C", "65536"],
  "checksum seed": ["-t", "ext4", "-O", "metadata_csum_seed"],
  "128-byte inodes": ["-t", "ext4", "-I", "128"],
  sparse_super2: ["-t", "ext4", "-O", "sparse_super2"],
  large_dir: ["-t", "ext4", "-O", "large_dir"],
};

describe.skipIf(noTools)("against mke2fs", async () => {
  const folder = scratch("ext");
  const tree = join(folder, "tree");
  mkdirSync(tree);
  await writeTree(tree, 1500);
  const truth = digestFolder(tree);

  test.each(Object.entries(VARIANTS))(
    "%s: every file, link and folder is the same",
    async (name, options) => {
      const image = join(folder, `${name.replaceAll(/\W/g, "-")}.img`);
      run("mke2fs", ["-q", "-F", "-d", tree, ...options, image, "256M"]);
      const fs = await ext.open(memorySource(readFileSync(image), name));
      expect(await digestTree(fs, ["/lost+found"])).toEqual(truth);
    },
  );
});

describe.skipIf(noTools)("one small image", async () => {
  const folder = scratch("ext-small");
  const tree = join(folder, "tree");
  mkdirSync(tree);
  await writeConformanceFiles(tree, true);
  const image = join(folder, "small.img");
  if (!noTools) run("mke2fs", ["-q", "-F", "-t", "ext4", "-d", tree, image, "4M"]);
  const bytes = noTools ? new Uint8Array() : readFileSync(image);

  fileSystemConformance("ext4", { open: () => ext.open(memorySource(bytes, "small")), links: true });

  test("identity and features are those that dumpe2fs prints", async () => {
    const said = run("dumpe2fs", ["-h", image]).toString();
    const fs = await ext.open(memorySource(bytes, "small"));
    expect(fs.uuid).toBe(/Filesystem UUID:\s+(\S+)/.exec(said)?.[1]);
    expect(fs.features.join(" ")).toBe(/Filesystem features:\s+(.*)/.exec(said)?.[1]?.trim());
    expect(fs.type).toBe("ext4");
  });

  test.each(["metadata_csum", "^metadata_csum"])(
    "mutants (%s) give an answer or a ScanError",
    async (option) => {
      const other = join(folder, "mutated.img");
      run("mke2fs", ["-q", "-F", "-t", "ext4", "-O", option, "-d", tree, other, "2M"]);
      const read = async (source: ByteSource): Promise<void> =>
        void (await digestTree(await ext.open(source)));
      const count = await tryMutants(readFileSync(other), read, { count: 1000, hot: [[1024, 256 << 10]] });
      console.log(
        `ext4, ${option}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`,
      );
      expect(count.accepted).toBeGreaterThan(0);
      expect(count.refused).toBeGreaterThan(0);
    },
  );
});

describe.skipIf(noMount)("a dirty journal", () => {
  test.each([
    ["ext3", ["-t", "ext3"]],
    ["ext4", ["-t", "ext4"]],
    ["ext4, 64bit with checksums v3", ["-t", "ext4", "-O", "64bit,metadata_csum"]],
  ])("%s: replayed in memory, the tree is what the kernel makes of it", async (_name, options) => {
    const folder = scratch("journal");
    const image = join(folder, "live.img");
    const dirty = join(folder, "dirty.img");
    const mount = join(folder, "mount");
    mkdirSync(mount);
    run("mke2fs", ["-q", "-F", ...options, image, "64M"]);
    run("mount", ["-o", "loop,commit=300", image, mount]);
    try {
      for (let i = 0; i < 300; i++) writeFileSync(join(mount, `file-${i}`), `content ${i}\n`);
      mkdirSync(join(mount, "folder"));
      for (let i = 0; i < 300; i += 2)
        renameSync(join(mount, `file-${i}`), join(mount, "folder", `moved-${i}`));
      run("sync", ["-f", mount]);
      for (let i = 1; i < 300; i += 4) rmSync(join(mount, `file-${i}`));
      run("sync", ["-f", mount]);
      // What a snapshot of a running machine holds: the journal is committed, its blocks not yet in place.
      copyFileSync(image, dirty);
    } finally {
      run("umount", [mount]);
    }
    const ours = await ext.open(memorySource(readFileSync(dirty), "dirty"));
    expect(ours.notes.join()).toMatch(/dirty journal: \d+ blocks replayed in memory/);
    const seen = await digestTree(ours, ["/lost+found"]);
    run("mount", ["-o", "loop", dirty, mount]);
    try {
      const truth = Object.entries(digestFolder(mount)).filter(([path]) => !path.startsWith("/lost+found"));
      expect(seen).toEqual(Object.fromEntries(truth));
    } finally {
      run("umount", [mount]);
    }
  });
});

describe.skipIf(noMount)("hashed directories that the kernel made", () => {
  test.each(["half_md4", "tea", "legacy"])(
    "%s: each name is found without reading the whole folder",
    async (hash) => {
      const folder = scratch("htree");
      const image = join(folder, "image");
      const mount = join(folder, "mount");
      mkdirSync(mount);
      run("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "1024", "-N", "6000", image, "64M"]);
      run("tune2fs", ["-E", `hash_alg=${hash}`, image]);
      run("mount", ["-o", "loop", image, mount]);
      try {
        mkdirSync(join(mount, "crowd"));
        for (let i = 0; i < 4000; i++) writeFileSync(join(mount, "crowd", `${"ä".repeat(i % 50)}${i}`), "");
      } finally {
        run("umount", [mount]);
      }
      const cost = newCost();
      const fs = await ext.open(counted(memorySource(readFileSync(image), "htree"), cost));
      const crowd = await (await fs.root()).lookup("crowd");
      for (let i = 0; i < 4000; i += 97) {
        const name = `${"ä".repeat(i % 50)}${i}`;
        cost.bytes = 0;
        expect((await crowd?.lookup(name))?.type).toBe("file");
        expect(cost.bytes).toBeLessThan(8 << 10);
      }
      expect(await crowd?.lookup("none")).toBeUndefined();
      expect((await crowd?.list())?.length).toBe(4000);
    },
  );
});
