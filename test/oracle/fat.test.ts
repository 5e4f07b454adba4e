import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { fat } from "../../src/disk/filesystems/fat/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const why = missing("mkfs.fat", "mcopy", "mdel");

const VARIANTS: readonly (readonly [
  name: string,
  size: string,
  options: readonly string[],
  label: string,
])[] = [
  ["FAT12", "1440K", ["-F", "12"], "fat12"],
  ["FAT16", "20M", ["-F", "16"], "fat16"],
  ["FAT32", "40M", ["-F", "32"], "fat32"],
  ["FAT16, 4 KiB sectors", "40M", ["-F", "16", "-S", "4096", "-s", "1"], "fat16"],
  ["FAT32, one table", "40M", ["-F", "32", "-f", "1", "-s", "1"], "fat32"],
];

async function makeTree(folder: string): Promise<void> {
  await writeConformanceFiles(folder, false);
  mkdirSync(join(folder, "crowd"));
  for (let i = 0; i < 150; i++)
    writeFileSync(join(folder, "crowd", `${"name ".repeat(i % 20)}${i}.txt`), `${i}`);
  for (const name of [
    "UPPER.TXT",
    "lower.txt",
    "Mixed.Txt",
    "LOWER.ext",
    "noext",
    "a.b.c.d",
    "ÄÖÜ ß.txt",
    "漢字.txt",
  ])
    writeFileSync(join(folder, name), name);
}

/** Copies a folder into an image, with holes made and filled again so that files lie in pieces. */
function fill(image: string, tree: string): void {
  const env = { ...process.env, MTOOLS_SKIP_CHECK: "1", LC_ALL: "C.UTF-8" };
  for (let i = 0; i < 20; i++)
    run("mcopy", ["-i", image, "-", `::/filler${i}`], { input: Buffer.alloc(3000), env });
  for (let i = 0; i < 20; i += 2) run("mdel", ["-i", image, `::/filler${i}`], { env });
  run("mcopy", ["-s", "-i", image, ...readdirSync(tree).map((name) => join(tree, name)), "::/"], { env });
  for (let i = 1; i < 20; i += 2) run("mdel", ["-i", image, `::/filler${i}`], { env });
}

describe.skipIf(why)("against mkfs.fat and mtools", async () => {
  const folder = scratch("fat");
  const tree = join(folder, "tree");
  mkdirSync(tree);
  await makeTree(tree);
  const truth = digestFolder(tree);

  test.each(VARIANTS)("%s: every file and folder is the same", async (name, size, options, feature) => {
    const image = join(folder, `${name.replaceAll(/\W/g, "-")}.img`);
    writeFileSync(image, "");
    truncateSync(image, Number.parseInt(size, 10) * (size.endsWith("M") ? 1 << 20 : 1 << 10));
    run("mkfs.fat", [...options, "-n", "CLOUD ESP", "-i", "e5d0c0de", image]);
    fill(image, tree);
    const source = memorySource(readFileSync(image), name);
    expect(await fat.probe(source)).toBe(true);
    const fs = await fat.open(source);
    expect([fs.features, fs.label, fs.uuid]).toEqual([[feature], "CLOUD ESP", "E5D0-C0DE"]);
    expect(await digestTree(fs)).toEqual(truth);
    const root = await fs.root();
    expect((await root.lookup("upper.txt"))?.sizeBytes).toBe(9);
    expect((await root.lookup("CROWD"))?.type).toBe("directory");
  });
});

test.skipIf(why)("FAT32 with fewer clusters than the rule book allows is still FAT32", async () => {
  const image = join(scratch("fat-few"), "few.img");
  writeFileSync(image, "");
  truncateSync(image, 4 << 20);
  run("mkfs.fat", ["-F", "32", "-s", "1", image]);
  const fs = await fat.open(memorySource(readFileSync(image), "few"));
  expect(fs.features).toEqual(["fat32"]);
  expect(await (await fs.root()).list()).toEqual([]);
});

test.skipIf(why)(
  "a folder of 16,384 names is listed and looked through in seconds",
  async () => {
    const image = join(scratch("fat-crowd"), "fat16.img");
    writeFileSync(image, "");
    truncateSync(image, 20 << 20);
    run("mkfs.fat", ["-F", "16", "-f", "1", "-r", "16384", image]);
    const bytes = readFileSync(image);
    const root = (bytes.readUInt16LE(14) + bytes.readUInt16LE(22)) * bytes.readUInt16LE(11);
    for (let i = 0; i < 16_384; i++) bytes.write(String(i).padEnd(11), root + 32 * i, "latin1");
    const started = performance.now();
    const found = await digestTree(await fat.open(memorySource(bytes, "x")));
    expect(Object.keys(found)).toHaveLength(16_384);
    expect(performance.now() - started).toBeLessThan(5_000);
  },
  120_000,
);

describe.skipIf(why)("one small image", async () => {
  const folder = scratch("fat-small");
  const tree = join(folder, "tree");
  const image = join(folder, "small.img");
  if (!why) {
    mkdirSync(tree);
    await writeConformanceFiles(tree, false);
    writeFileSync(image, "");
    truncateSync(image, 1440 << 10);
    run("mkfs.fat", ["-F", "12", image]);
    fill(image, tree);
  }
  const bytes = why ? new Uint8Array() : readFileSync(image);

  fileSystemConformance("FAT12", { open: () => fat.open(memorySource(bytes, "small")), links: false });

  test("mutants give an answer or a ScanError", async () => {
    const read = async (source: Parameters<typeof fat.open>[0]): Promise<void> =>
      void (await digestTree(await fat.open(source)));
    const count = await tryMutants(bytes, read, {
      count: 1500,
      hot: [[512, 16 << 10]],
    });
    console.log(`FAT: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
    expect(count.accepted).toBeGreaterThan(0);
    expect(count.refused).toBeGreaterThan(0);
  });
});

test.each([
  ["zeros", new Uint8Array(4096)],
  [
    "an NTFS boot sector",
    Uint8Array.from({ length: 512 }, (_, i) => [0xeb, 0x52, 0x90, ...Buffer.from("NTFS    ")][i] ?? 0),
  ],
])("%s is not FAT", async (_name, bytes) => {
  expect(await fat.probe(memorySource(bytes, "x"))).toBe(false);
});
