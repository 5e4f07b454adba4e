import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { counted, newCost } from "../../src/disk/bytes/counted.ts";
import { squashfs } from "../../src/disk/filesystems/squashfs/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { target } from "../fuzz/squashfs.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";

const why = missing("mksquashfs", "unsquashfs");
const area = scratch("squashfs");
const tree = join(area, "tree");

/** Crowded, deep and long names, holes, tails that share a block, links, special files. */
async function writeTree(): Promise<void> {
  mkdirSync(tree);
  await writeConformanceFiles(tree, true);
  mkdirSync(join(tree, "crowd"));
  for (let i = 0; i < 1500; i++)
    writeFileSync(
      join(tree, "crowd", `${"n".repeat(i % 97)}-${i}`),
      i % 7 ? "" : `tail ${i}`.repeat(i % 400),
    );
  mkdirSync(join(tree, "names"));
  for (const name of ["-", " ", "ä".repeat(120), "x".repeat(255), "\u001b[31m", "a\nb"])
    writeFileSync(join(tree, "names", name), name);
  writeFileSync(join(tree, "sparse"), "start");
  truncateSync(join(tree, "sparse"), 3_000_000);
  writeFileSync(
    join(tree, "random"),
    Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i * 31) >> 5)),
  );
  symlinkSync("t".repeat(1000), join(tree, "names", "link"));
  spawnSync("mkfifo", [join(tree, "fifo")]);
  spawnSync("ln", [join(tree, "random"), join(tree, "hard-link")]);
}
if (!why) await writeTree();

const COMPRESSORS = ["gzip", "lzo", "lz4", "xz", "zstd"];
const VARIANTS: readonly (readonly [string, readonly string[]])[] = [
  ...COMPRESSORS.flatMap((comp) =>
    [4096, 131_072, 1 << 20].map((b) => [comp, ["-comp", comp, "-b", `${b}`]] as const),
  ),
  ["nothing packed", ["-noI", "-noD", "-noF", "-noId"]],
  ["no fragments", ["-no-fragments", "-nopad"]],
  ["fragments always", ["-always-use-fragments", "-nopad"]],
  ["no duplicates, no export", ["-no-duplicates", "-no-exports", "-no-xattrs"]],
];

describe.skipIf(why)("against mksquashfs", () => {
  const truth = why ? {} : digestFolder(tree);
  let count = 0;
  afterAll(() => console.log(`squashfs: ${count} images of ${Object.keys(truth).length} files compared`));

  test.each(VARIANTS)("%s %j", { timeout: 120_000 }, async (_name, options) => {
    const image = join(area, "x.sqfs");
    run("mksquashfs", [tree, image, "-noappend", "-quiet", "-no-progress", ...options]);
    const fs = await squashfs.open(memorySource(readFileSync(image), "x"));
    expect(await digestTree(fs)).toEqual(truth);
    count++;
  });

  test.each(["x86", "arm", "armthumb", "powerpc", "sparc", "x86,arm,powerpc"])(
    "xz with the filter for %s",
    async (filter) => {
      const programs = join(area, "programs");
      mkdirSync(programs, { recursive: true });
      for (const name of ["ls", "bash", "cp"]) copyFileSync(`/bin/${name}`, join(programs, name));
      const image = join(area, "bcj.sqfs");
      const packing = ["-comp", "xz", "-Xbcj", filter];
      run("mksquashfs", [programs, image, "-noappend", "-quiet", "-no-progress", ...packing]);
      const fs = await squashfs.open(memorySource(readFileSync(image), "x"));
      expect(await digestTree(fs)).toEqual(digestFolder(programs));
    },
  );

  test("a filter that is not read is refused by name", async () => {
    const image = join(area, "bcj.sqfs");
    const packing = ["-comp", "xz", "-Xbcj", "ia64"];
    run("mksquashfs", ["/bin/bash", image, "-noappend", "-quiet", "-no-progress", ...packing]);
    const fs = await squashfs.open(memorySource(readFileSync(image), "x"));
    const read = async (): Promise<Uint8Array> => {
      const content = await (await (await fs.root()).lookup("bash"))?.content();
      return content?.read(0, content.size) ?? new Uint8Array();
    };
    // It is used only where it helps.
    const seen = await read().catch((error: unknown) => error);
    if (seen instanceof Uint8Array) expect(Buffer.compare(seen, readFileSync("/bin/bash"))).toBe(0);
    else expect(seen).toMatchObject({ code: "unsupported", message: "xz with filter 6" });
  });

  test("a name among 1,500 costs a few reads", async () => {
    const image = join(area, "few.sqfs");
    run("mksquashfs", [tree, image, "-noappend", "-quiet", "-no-progress"]);
    const cost = newCost();
    const fs = await squashfs.open(cached(counted(memorySource(readFileSync(image), "x"), cost)));
    const crowd = await (await fs.root()).lookup("crowd");
    const before = cost.reads;
    expect((await crowd?.lookup(`${"n".repeat(1499 % 97)}-1499`))?.type).toBe("file");
    expect(cost.reads - before).toBeLessThanOrEqual(16);
  });

  test("other versions are refused by name", async () => {
    const bytes = new Uint8Array(readFileSync(join(area, "x.sqfs")));
    bytes[0x1c] = 3;
    await expect(squashfs.open(memorySource(bytes, "x"))).rejects.toThrow(/squashfs 3\.0: only 4\.0 is read/);
  });
});

if (!why) {
  const image = join(area, "conformance.sqfs");
  run("mksquashfs", [tree, image, "-noappend", "-quiet", "-no-progress"]);
  fileSystemConformance("squashfs", {
    open: () => squashfs.open(memorySource(readFileSync(image), "x")),
    links: true,
  });
}

test.skipIf(why)("mutants give an answer or a ScanError", { timeout: 120_000 }, async () => {
  let refused = 0;
  let mutants = 0;
  for (const { bytes, hot = [] } of await target.seeds()) {
    await target.read(memorySource(bytes, "seed"));
    const count = await tryMutants(bytes, (source) => target.read(source), { count: 60, hot });
    refused += count.refused;
    mutants += count.mutants;
  }
  console.log(`squashfs: ${mutants} mutants, ${refused} refused`);
  expect(refused).toBeGreaterThan(0);
});
