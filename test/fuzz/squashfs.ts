import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { squashfs } from "../../src/disk/filesystems/squashfs/index.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { digestTree } from "../support/digests.ts";
import { run, scratch } from "../support/images.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const SEEDS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["gzip", ["-comp", "gzip", "-b", "4096"]],
  ["stored", ["-noI", "-noD", "-noF", "-noId", "-b", "4096"]],
  ["lz4", ["-comp", "lz4", "-b", "8192"]],
  ["lzo", ["-comp", "lzo", "-b", "8192"]],
  ["zstd", ["-comp", "zstd", "-b", "8192"]],
  ["xz", ["-comp", "xz", "-b", "8192"]],
];

export const target: FuzzTarget = {
  name: "squashfs",
  needs: ["mksquashfs"],
  async seeds() {
    const folder = scratch("fuzz-squashfs");
    const tree = join(folder, "tree");
    mkdirSync(tree);
    await writeConformanceFiles(tree, true);
    for (let i = 0; i < 300; i++)
      writeFileSync(join(tree, `crowd-${"x".repeat(i % 50)}-${i}`), i % 3 ? "" : `${i}`);
    return SEEDS.map(([name, options]): FuzzSeed => {
      const image = join(folder, name);
      run("mksquashfs", [tree, image, "-noappend", "-quiet", "-no-progress", "-nopad", ...options]);
      const bytes = new Uint8Array(readFileSync(image));
      const hot = [
        [0, 96],
        [bytes.length >> 1, bytes.length],
      ] as const;
      return { name, bytes, hot };
    });
  },
  read: async (source) => void (await digestTree(await squashfs.open(source))),
};
