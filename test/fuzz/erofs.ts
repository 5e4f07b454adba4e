import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { erofs } from "../../src/disk/filesystems/erofs/index.ts";
import { makeErofs, REPACK_NEEDS } from "../support/erofs.ts";
import { run, scratch } from "../support/images.ts";
import { readTree } from "../support/read-tree.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const SEEDS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["plain", []],
  ["LZ4", ["-zlz4"]],
  ["LZ4, full index", ["-zlz4", "-Elegacy-compress"]],
  ["LZ4, 16 KiB clusters, packed tails", ["-zlz4hc", "-C16384", "-Eztailpacking"]],
  ["chunks", ["--chunksize=4096"]],
];

export const target: FuzzTarget = {
  name: "erofs",
  needs: REPACK_NEEDS,
  async seeds() {
    const folder = scratch("fuzz-erofs");
    const tree = join(folder, "tree");
    mkdirSync(join(tree, "crowd"), { recursive: true });
    for (let i = 0; i < 150; i++) writeFileSync(join(tree, "crowd", `${i}`.padEnd(40, "n")), "");
    symlinkSync("t".repeat(200), join(tree, "link"));
    writeFileSync(join(tree, "file"), Array.from({ length: 9000 }, (_, i) => `${i * 7919} text`).join());
    const images = SEEDS.map(([name, options]) => {
      const image = join(folder, `${name}.erofs`);
      run("mkfs.erofs", [...options, image, tree]);
      return { name, image };
    });
    for (const name of ["DEFLATE", "Zstandard", "MicroLZMA"] as const) {
      const image = join(folder, `${name}.erofs`);
      await makeErofs(image, tree, name);
      images.push({ name, image });
    }
    return images.map(({ name, image }): FuzzSeed => {
      const bytes = new Uint8Array(readFileSync(image));
      // Without the checksum's flag mutants of the superblock get past it.
      bytes[1032] = (bytes[1032] ?? 0) & ~1;
      return {
        name,
        bytes,
        hot: [
          [1024, 1152],
          [1152, 16 << 10],
          [1152, 4096],
        ],
      };
    });
  },
  async read(source) {
    await readTree(await erofs.open(source));
  },
};
