import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import { ext } from "../../src/disk/filesystems/ext/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { type Digests, digestFolder, digestTree } from "../support/digests.ts";
import { corpusArchive, missing, run, scratch, unmount } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const area = scratch("ext");
let folders = 0;
function fresh(): string {
  const folder = join(area, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

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

const MANIFEST = z.array(
  z.object({
    path: z.string(),
    filesystems: z.array(z.string()),
    files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string().nullable() })),
  }),
);

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
  const folder = fresh();
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
  const folder = fresh();
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

describe.skipIf(noMount)("hashed directories that the kernel made", () => {
  test.each(["half_md4", "tea", "legacy"])(
    "%s: each name is found without reading the whole folder",
    async (hash) => {
      const folder = fresh();
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
        unmount(mount);
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

/** Files whose maps are deep: one block of two, one of seven, past every level of indirection, unwritten extents. */
function writeMaps(folder: string, blockBytes: number): void {
  const scatter = (name: string, count: number, step: number): void => {
    const fd = openSync(join(folder, name), "w");
    for (let i = 0; i < count; i++)
      writeSync(fd, Buffer.alloc(blockBytes, 1 + (i % 251)), 0, blockBytes, i * step * blockBytes);
    closeSync(fd);
  };
  scatter("few", 5, 3);
  scatter("many", 3000, 2);
  scatter("far apart", 300, 7);
  const pointers = blockBytes / 4;
  const far = openSync(join(folder, "far"), "w");
  for (const block of [0, 12, 12 + pointers, 12 + pointers + pointers ** 2].filter(
    (one) => one * blockBytes < 2 ** 30,
  ))
    writeSync(far, `block ${block}`, Math.max(0, block * blockBytes - 3));
  closeSync(far);
}

const MAPS: Readonly<Record<string, readonly string[]>> = {
  "ext2, 1 KiB blocks": ["-t", "ext2", "-b", "1024"],
  "ext2, revision 0": ["-t", "ext2", "-r", "0", "-b", "1024"],
  "ext4, 1 KiB blocks": ["-t", "ext4", "-b", "1024"],
  "block maps with checksums": ["-t", "ext4", "-b", "1024", "-O", "^extents,^64bit,metadata_csum"],
  "bigalloc, 1 KiB blocks": ["-t", "ext4", "-b", "1024", "-O", "bigalloc", "-C", "16384"],
  "bigalloc, meta_bg": ["-t", "ext4", "-b", "1024", "-O", "bigalloc,meta_bg,^resize_inode", "-C", "4096"],
  "inline data": ["-t", "ext4", "-b", "1024", "-I", "1024", "-O", "inline_data"],
  "4 KiB blocks": ["-t", "ext4", "-b", "4096", "-O", "^flex_bg"],
};

describe.skipIf(noMount)("files that the kernel scattered", () => {
  test.each(Object.entries(MAPS))("%s", async (name, options) => {
    const folder = fresh();
    const image = join(folder, "image");
    const mount = join(folder, "mount");
    mkdirSync(mount);
    run("mke2fs", ["-q", "-F", ...options, image, "128M"]);
    run("mount", ["-o", "loop", image, mount]);
    let truth: Digests;
    try {
      writeMaps(mount, options.includes("4096") && !name.startsWith("bigalloc") ? 4096 : 1024);
      writeFileSync(join(mount, "unwritten"), "");
      if (!name.startsWith("ext2") && !name.startsWith("block maps")) {
        run("fallocate", ["-l", "100k", join(mount, "unwritten")]);
        const fd = openSync(join(mount, "unwritten"), "r+");
        writeSync(fd, "in the middle", 50_000);
        closeSync(fd);
      }
      chownSync(join(mount, "few"), 70_000, 80_000);
      chmodSync(join(mount, "few"), 0o4751);
      truth = digestFolder(mount);
    } finally {
      unmount(mount);
    }
    const fs = await ext.open(memorySource(readFileSync(image), name));
    expect(fs.type).toBe(run("blkid", ["-p", "-o", "value", "-s", "TYPE", image]).toString().trim());
    const { "/lost+found": _, ...expected } = truth;
    expect(await digestTree(fs, ["/lost+found"])).toEqual(expected);
    expect(await (await fs.root()).lookup("few")).toMatchObject({ uid: 70_000, mode: 0o4751 });
  });
});

test.skipIf(missing("mke2fs", "debugfs", "e2fsck"))(
  "casefold directories are looked up without regard to case",
  async () => {
    const folder = fresh();
    const tree = join(folder, "tree");
    const image = join(folder, "image");
    mkdirSync(join(tree, "crowd"), { recursive: true });
    for (let i = 0; i < 1500; i++) writeFileSync(join(tree, "crowd", `Name-${i}-${"X".repeat(40)}`), "");
    const options = ["-O", "casefold", "-E", "encoding=utf8", "-b", "1024"];
    run("mke2fs", ["-q", "-F", "-t", "ext4", ...options, "-d", tree, image, "32M"]);
    run("debugfs", ["-w", "-R", "sif /crowd flags 0x40080000", image]);
    // Indexes the directory by folded names; its exit code 1 says that it changed something.
    spawnSync("e2fsck", ["-fyD", image]);
    const fs = await ext.open(memorySource(readFileSync(image), "casefold"));
    expect(fs.notes.join()).toContain("casefold");
    const crowd = await (await fs.root()).lookup("crowd");
    for (let i = 0; i < 1500; i += 50)
      expect((await crowd?.lookup(`Name-${i}-${"X".repeat(40)}`))?.type).toBe("file");
    expect((await crowd?.lookup(`name-1-${"x".repeat(40)}`))?.type).toBe("file");
    expect(await crowd?.lookup(`name-1-${"x".repeat(39)}`)).toBeUndefined();
  },
);

test.skipIf(missing("mke2fs", "debugfs"))("encrypted folders and files are refused by name", async () => {
  const folder = fresh();
  const tree = join(folder, "tree");
  const image = join(folder, "image");
  mkdirSync(join(tree, "home"), { recursive: true });
  for (const name of ["home/x", "secret", "open"]) writeFileSync(join(tree, name), "text");
  run("mke2fs", ["-q", "-F", "-t", "ext4", "-O", "encrypt", "-d", tree, image, "16M"]);
  for (const name of ["home", "secret"]) run("debugfs", ["-w", "-R", `sif /${name} flags 0x80800`, image]);
  const fs = await ext.open(memorySource(readFileSync(image), "encrypt"));
  expect(fs.features).toContain("encrypt");
  const root = await fs.root();
  const home = await root.lookup("home");
  const refused = (type: string): unknown =>
    expect.objectContaining({ code: "unsupported", message: expect.stringContaining(`encrypted ${type}`) });
  await expect(home?.lookup("x")).rejects.toEqual(refused("directory"));
  await expect(home?.list()).rejects.toEqual(refused("directory"));
  await expect((await root.lookup("secret"))?.content()).rejects.toEqual(refused("file"));
  expect((await (await root.lookup("open"))?.content())?.size).toBe(4);
});

describe.skipIf(missing("mke2fs", "debugfs", "e2fsck"))("a flipped bit in what checksums cover", () => {
  const folder = fresh();
  const tree = join(folder, "tree");
  const image = join(folder, "image");
  const name = (i: number): string => `${"n".repeat(60)}${i}`;

  test.each(["metadata_csum", "^metadata_csum,uninit_bg"])("%s", async (option) => {
    mkdirSync(join(tree, "crowd"), { recursive: true });
    for (let i = 0; i < 1000; i++) writeFileSync(join(tree, "crowd", name(i)), "");
    run("mke2fs", ["-q", "-F", "-t", "ext4", "-b", "1024", "-O", option, "-d", tree, image, "16M"]);
    spawnSync("e2fsck", ["-fyD", image]);
    const bytes = readFileSync(image);
    const say = (command: string): string => run("debugfs", ["-R", command, image]).toString();
    const [root = 0] = say("blocks /crowd").trim().split(/\s+/).map(Number);
    const [, block, offset] = /block (\d+), offset 0x([0-9a-f]+)/.exec(say("imap /crowd")) ?? [];
    const places = {
      "group descriptor": 2048,
      inode: Number(block) * 1024 + Number.parseInt(offset ?? "", 16),
      "directory index": root * 1024 + 24,
    };
    for (const [what, start] of Object.entries(places)) {
      if (what !== "group descriptor" && option !== "metadata_csum") continue;
      for (let i = 0; i < 24; i += 5) {
        const damaged = Buffer.from(bytes);
        damaged[start + i] = (damaged[start + i] ?? 0) ^ 0x10;
        const look = async (): Promise<unknown> => {
          const crowd = await (await (await ext.open(memorySource(damaged, "x"))).root()).lookup("crowd");
          return crowd?.lookup(name(500));
        };
        await expect(look(), `${what} ${i}`).rejects.toMatchObject({ code: "corrupt" });
      }
    }
  });
});

const corpus = corpusArchive();
const noCorpus = missing("tar", "zstd") ?? (corpus ? undefined : "needs the corpus");

test.skipIf(noCorpus)("images of other projects", async () => {
  const target = fresh();
  run("tar", [
    "--zstd",
    "-xf",
    corpus?.archive ?? "",
    "-C",
    target,
    "--wildcards",
    "*.ext4",
    "*/test_disk*.bin",
  ]);
  const manifest = MANIFEST.parse(JSON.parse(readFileSync(corpus?.manifest ?? "", "utf8")));
  let compared = 0;
  for (const { path, filesystems, files } of manifest) {
    if (!/\.ext4$|test_disk/.test(path) || files.length === 0) continue;
    const fs = await ext.open(memorySource(readFileSync(join(target, path)), path));
    expect(filesystems).toEqual([`whole:${fs.type}`]);
    const seen = await digestTree(fs);
    for (const file of files) {
      const [kind, size, sha256] = seen[file.path]?.split(" ") ?? [];
      expect([path, file.path, kind, size]).toEqual([path, file.path, "file", `${file.size}`]);
      if (file.sha256 !== null) expect(sha256).toBe(file.sha256);
      compared++;
    }
  }
  console.log(`ext: ${compared} files of other projects' images compared`);
  expect(compared).toBeGreaterThan(100);
});
