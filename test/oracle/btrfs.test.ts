import {
  closeSync,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { slice } from "../../src/disk/bytes/slice.ts";
import { btrfs } from "../../src/disk/filesystems/btrfs/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { target } from "../fuzz/btrfs.ts";
import { BTRFS_NEEDS, makeBtrfs, mounted, writeBtrfsTree, writeSubvolumes } from "../support/btrfs.ts";
import { type Digests, digestFolder, digestTree, nodeDigest } from "../support/digests.ts";
import { fileSource } from "../support/file-source.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";
import { random, tryMutants } from "../support/mutate.ts";

const MANIFEST = z.array(
  z.object({
    path: z.string(),
    volumes: z.array(z.object({ offset: z.number().optional(), size: z.number().optional() })).optional(),
    files: z.array(z.object({ path: z.string(), size: z.number(), sha256: z.string().nullable() })),
  }),
);

const why = missing(...BTRFS_NEEDS);
const area = scratch("btrfs");
let folders = 0;
function fresh(): string {
  const folder = join(area, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

interface Variant {
  readonly mkfs: readonly string[];
  readonly mount?: string;
  readonly size?: string;
}
const VARIANTS: Readonly<Record<string, Variant>> = {
  "defaults, zstd": { mkfs: [], mount: "compress=zstd:1" },
  "xxhash64, zlib": { mkfs: ["--csum", "xxhash"], mount: "compress=zlib" },
  "sha256, lzo": { mkfs: ["--csum", "sha256"], mount: "compress=lzo" },
  "blake2b, lzo by force": { mkfs: ["--csum", "blake2"], mount: "compress-force=lzo" },
  "4 KiB nodes": { mkfs: ["-n", "4k"], mount: "compress-force=zlib" },
  "64 KiB nodes": { mkfs: ["-n", "64k"], mount: "compress-force=zstd" },
  "mixed, single": { mkfs: ["--mixed", "-m", "single", "-d", "single"] },
  "mixed, DUP": { mkfs: ["--mixed", "-m", "dup", "-d", "dup"], mount: "compress=lzo" },
  "DUP data, single metadata": { mkfs: ["-m", "single", "-d", "dup"] },
  "RAID0 of one": { mkfs: ["-m", "single", "-d", "raid0"] },
  "explicit holes": { mkfs: ["-O", "^no-holes"] },
  "no free space tree": { mkfs: ["-R", "^free-space-tree"] },
  "large inline files": { mkfs: [], mount: "max_inline=4096,compress=zstd" },
  "no data checksums": { mkfs: [], mount: "nodatasum" },
};

/** What `btrfs inspect-internal dump-super` says of the log tree. */
function logRoot(image: string): number {
  const said = run("btrfs", ["inspect-internal", "dump-super", image]).toString();
  return Number(/^log_root\s+(\d+)$/m.exec(said)?.[1]);
}

/** Commits what was written to the log tree, and nothing else. */
function fsync(path: string, text?: string): void {
  const fd = openSync(path, text === undefined ? "r" : "w");
  if (text !== undefined) writeSync(fd, text);
  fsyncSync(fd);
  closeSync(fd);
}

/** Files and folders that come, go and move, some of them logged. */
function churn(folder: string, seed: number): void {
  const next = random(seed);
  const any = (most: number): number => Math.floor(next() * most);
  const path = (): string => join(folder, `d${any(6)}`, `f${any(12)}`);
  const acts: readonly (() => void)[] = [
    () => fsync(path(), `logged ${any(1e6)}\n`.repeat(1 + any(2000))),
    () => fsync(path(), `logged ${any(1e6)}\n`),
    () => writeFileSync(path(), `only written ${any(1e6)}`),
    () => renameSync(path(), path()),
    () => rmSync(path()),
    () => linkSync(path(), path()),
    () => fsync(join(folder, `d${any(6)}`)),
    () => fsync(path()),
    () => symlinkSync("target", path()),
    () => renameSync(join(folder, `d${any(6)}`), join(folder, `d${any(6)}`, "moved")),
    () => mkdirSync(join(folder, `d${any(6)}`)),
  ];
  for (let i = 0; i < 12; i++)
    try {
      acts[any(acts.length)]?.();
    } catch {
      // Not there, or there already.
    }
}

describe.skipIf(why)("a log tree that fsync left", () => {
  test("is told; what it is about is in doubt, the rest is not; a commit takes it away", async () => {
    const folder = fresh();
    const image = join(folder, "image");
    await makeBtrfs(image, join(folder, "mount"), { size: "256M", mount: "commit=300" }, (mount) => {
      for (const name of ["etc", "var"]) mkdirSync(join(mount, name));
      writeFileSync(join(mount, "etc", "conf"), "old");
      run("sync", ["-f", mount]);
      copyFileSync(image, join(folder, "committed"));
      fsync(join(mount, "var", "log"), "new");
      copyFileSync(image, join(folder, "log"));
      fsync(join(mount, "etc", "conf"), "new");
      copyFileSync(image, join(folder, "both"));
    });
    for (const [name, dirty, stale] of [
      ["committed", false, false],
      ["log", true, false],
      ["both", true, true],
      ["image", false, false],
    ] as const) {
      const copy = join(folder, name);
      const fs = await btrfs.open(fileSource(copy));
      expect(logRoot(copy) !== 0, name).toBe(dirty);
      expect(fs.notes.join().startsWith("dirty log tree: not replayed"), name).toBe(dirty);
      const root = await fs.root();
      expect(await (await root.lookup("etc"))?.lookup("conf"), name).toBeDefined();
      expect(fs.stale !== undefined, name).toBe(stale);
      await (await root.lookup("var"))?.lookup("log");
      expect(fs.stale !== undefined, name).toBe(dirty);
    }
  });

  test("what is not in doubt is what the kernel shows when it has replayed it", {
    timeout: 120_000,
  }, async () => {
    const count = { sure: 0, doubted: 0, different: 0 };
    const paths = Array.from({ length: 72 }, (_, i) => [`d${Math.floor(i / 12)}`, `f${i % 12}`] as const);
    for (let seed = 1; seed <= 5; seed++) {
      const folder = fresh();
      const image = join(folder, "image");
      const dirty = join(folder, "dirty");
      await makeBtrfs(image, join(folder, "mount"), { size: "256M", mount: "commit=300" }, (mount) => {
        for (let i = 0; i < 5; i++) mkdirSync(join(mount, `d${i}`));
        for (const [i, path] of paths.slice(0, 60).entries())
          if (i % 3 > 0) writeFileSync(join(mount, ...path), `${i}`);
        run("sync", ["-f", mount]);
        churn(mount, seed * 7919);
        copyFileSync(image, dirty);
      });
      const source = fileSource(dirty);
      const seen: { path: string; digest: string | undefined; stale: boolean }[] = [];
      for (const path of paths) {
        const fs = await btrfs.open(source);
        const home = await (await fs.root()).lookup(path[0]);
        const node = home?.type === "directory" ? await home.lookup(path[1]) : undefined;
        const digest = node && (await nodeDigest(node));
        seen.push({ path: `/${path.join("/")}`, digest, stale: fs.stale !== undefined });
      }
      const truth = await mounted(dirty, join(folder, "mount"), "subvolid=5", digestFolder);
      for (const { path, digest, stale } of seen) {
        if (!stale) expect([seed, path, digest]).toEqual([seed, path, truth[path]]);
        count[stale ? "doubted" : "sure"]++;
        if (digest !== truth[path]) count.different++;
      }
    }
    console.log(
      `btrfs log tree: ${count.sure} sure, ${count.doubted} in doubt, ${count.different} different`,
    );
    expect(count.sure).toBeGreaterThan(50);
    expect(count.different).toBeGreaterThan(3);
  });
});

describe.skipIf(why)("against the kernel's own mount", () => {
  test.each(Object.entries(VARIANTS))(
    "%s: every file, link and folder is the same",
    async (name, variant) => {
      const folder = fresh();
      const image = join(folder, "image");
      let truth: Digests = {};
      await makeBtrfs(
        image,
        join(folder, "mount"),
        { size: "256M", mkfs: variant.mkfs, ...(variant.mount ? { mount: variant.mount } : {}) },
        async (mount) => {
          await writeBtrfsTree(mount, 1200);
          writeSubvolumes(mount);
          truth = digestFolder(mount);
        },
      );
      const fs = await btrfs.open(fileSource(image));
      const seen = await digestTree(fs);
      expect(seen).toEqual(truth);
      expect(fs.notes).toEqual([]);
      console.log(`btrfs, ${name}: ${Object.keys(seen).length} entries compared`);
    },
  );
});

describe.skipIf(why)("one small image", async () => {
  const folder = fresh();
  const image = join(folder, "small.img");
  const mount = join(folder, "mount");
  if (!why)
    await makeBtrfs(image, mount, { size: "300M", mkfs: ["-L", "cloud", "-m", "dup"] }, async (at) => {
      await writeConformanceFiles(at, true);
      writeSubvolumes(at);
    });
  const bytes = why ? new Uint8Array() : new Uint8Array(readFileSync(image));
  const open = (held: Uint8Array = bytes) => btrfs.open(memorySource(held, "small"));

  fileSystemConformance("btrfs", { open: () => open(), links: true });

  test("identity is what blkid prints", async () => {
    const fs = await open();
    const say = (tag: string): string =>
      run("blkid", ["-p", "-o", "value", "-s", tag, image]).toString().trim();
    expect([fs.type, fs.uuid, fs.label]).toEqual([say("TYPE"), say("UUID"), say("LABEL")]);
  });

  test("each subvolume by path and by id is what the kernel mounts", async () => {
    const fs = await open();
    const list = await fs.subvolumes?.list();
    const told = run("btrfs", ["inspect-internal", "dump-tree", "-t", "root", image]).toString();
    expect(list?.map(({ path }) => path)).toEqual(["@", "@/nested", "@/.snapshots/1", "read-only"]);
    for (const { id, path } of [...(list ?? []), { id: 5, path: "" }]) {
      expect(told).toContain(id === 5 ? "FS_TREE" : `(${id} ROOT_ITEM`);
      const truth = await mounted(image, mount, `ro,subvol=/${path}`, digestFolder);
      for (const which of [id, path]) {
        const opened = await fs.subvolumes?.open(which);
        expect(opened?.subvolume).toEqual({ id, path });
        if (opened) expect(await digestTree(opened)).toEqual(truth);
      }
    }
    for (const none of ["gone", "@/etc", "@/etc/hostname", "no/such", 9999, 7])
      expect(await fs.subvolumes?.open(none)).toBeUndefined();
  });

  test("the default subvolume is the plain mount", async () => {
    const copy = join(folder, "default.img");
    writeFileSync(copy, bytes);
    await mounted(copy, mount, "subvolid=5", (at) => {
      run("btrfs", ["subvolume", "set-default", join(at, "@", ".snapshots", "1")]);
    });
    const truth = await mounted(copy, mount, "ro", digestFolder);
    expect(truth["/etc/hostname"]).toBeDefined();
    const fs = await btrfs.open(fileSource(copy));
    expect(await digestTree(fs)).toEqual(truth);
    expect((await fs.subvolumes?.open(0))?.subvolume).toEqual({ id: 5, path: "" });
  });

  test("a damaged superblock: the mirror is read, with a note", async () => {
    const damaged = bytes.slice();
    damaged.fill(0xff, 65_536 + 0x60, 65_536 + 0x80);
    const fs = await open(damaged);
    expect(fs.notes.join()).toContain("a mirror is read");
    expect(await digestTree(fs)).toEqual(await digestTree(await open()));
    damaged.fill(0, 64 << 20, (64 << 20) + 4096);
    await expect(open(damaged)).rejects.toMatchObject({ code: "corrupt" });
  });

  test("one damaged copy of a node is healed by the other; two are corrupt", async () => {
    const fsid = (await open()).uuid.replaceAll("-", "");
    const damaged = bytes.slice();
    const nodes = await nodesIn(bytes, Buffer.from(fsid, "hex"));
    const firsts = [...nodes.values()].filter((copies) => copies.length === 2);
    expect(firsts.length).toBeGreaterThan(5);
    for (const [first] of firsts) damaged.fill(0, (first ?? 0) + 200, (first ?? 0) + 300);
    const fs = await open(damaged);
    expect(await digestTree(fs)).toEqual(await digestTree(await open()));
    expect(fs.notes.join()).toContain("only the other copy");
    for (const [, second] of firsts) damaged.fill(0, (second ?? 0) + 200, (second ?? 0) + 300);
    await expect((await open(damaged)).root()).rejects.toMatchObject({ code: "corrupt" });
  });

  test("a changed byte of a file is told, not given", async () => {
    const damaged = bytes.slice();
    const at = Buffer.from(bytes).indexOf("0123456789abcdef".repeat(64));
    damaged[at + 100] = 0x41;
    const big = await (await (await open(damaged)).root()).lookup("big");
    const content = await big?.content();
    await expect(content?.read(0, 200)).rejects.toMatchObject({ code: "corrupt" });
    expect((await content?.read(8192, 16))?.length).toBe(16);
  });
});

/** Where each tree node's copies lie, by logical address. */
async function nodesIn(bytes: Uint8Array, uuid: Uint8Array): Promise<Map<bigint, number[]>> {
  const found = new Map<bigint, number[]>();
  const view = new DataView(bytes.buffer);
  for (let at = 1 << 20; at + 16_384 <= bytes.length; at += 16_384)
    if (uuid.every((byte, i) => bytes[at + 32 + i] === byte)) {
      const logical = view.getBigUint64(at + 48, true);
      found.set(logical, [...(found.get(logical) ?? []), at]);
    }
  return found;
}

test.skipIf(why)(
  "mutants give an answer or a ScanError",
  async () => {
    const counts = [];
    for (const { name, bytes, hot } of await target.seeds()) {
      const count = await tryMutants(bytes, (source: ByteSource) => target.read(source), {
        count: 40,
        ...(hot ? { hot } : {}),
        readsMax: target.readsMax ?? 20_000,
      });
      console.log(
        `btrfs ${name}: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`,
      );
      counts.push(count);
    }
    expect(counts.some(({ accepted }) => accepted > 0)).toBe(true);
    expect(counts.some(({ refused }) => refused > 0)).toBe(true);
  },
  120_000,
);

const corpus = corpusArchive();
const noCorpus = missing("tar", "zstd", "qemu-img") ?? (corpus ? undefined : "needs the corpus");

test.skipIf(noCorpus)("an image of another project", async () => {
  const folder = fresh();
  run("tar", ["--zstd", "-xf", corpus?.archive ?? "", "-C", folder, "--wildcards", "*/btrfs.vhdx"]);
  const manifest = MANIFEST.parse(JSON.parse(readFileSync(corpus?.manifest ?? "", "utf8")));
  let compared = 0;
  for (const { path, volumes, files } of manifest) {
    if (!path.endsWith("btrfs.vhdx")) continue;
    const raw = join(folder, "raw");
    run("qemu-img", ["convert", "-O", "raw", join(folder, path), raw]);
    const [volume] = volumes ?? [];
    const fs = await btrfs.open(slice(fileSource(raw), volume?.offset ?? 0, volume?.size ?? 0, path));
    const seen = await digestTree(fs);
    for (const file of files) {
      const [kind, size, sha256] = seen[file.path]?.split(" ") ?? [];
      expect([file.path, kind, size]).toEqual([file.path, "file", `${file.size}`]);
      if (file.sha256 !== null) expect(sha256).toBe(file.sha256);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(0);
});
