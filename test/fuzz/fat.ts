import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fat } from "../../src/disk/filesystems/fat/index.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { digestTree } from "../support/digests.ts";
import { run, scratch } from "../support/images.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const SEEDS: readonly (readonly [name: string, bits: string, size: number])[] = [
  ["FAT12", "12", 1440 << 10],
  ["FAT16", "16", 9 << 20],
  ["FAT32", "32", 34 << 20],
];

export const target: FuzzTarget = {
  name: "fat",
  needs: ["mkfs.fat", "mcopy"],
  async seeds() {
    const folder = scratch("fuzz-fat");
    const tree = join(folder, "tree");
    mkdirSync(tree);
    await writeConformanceFiles(tree, false);
    const env = { ...process.env, MTOOLS_SKIP_CHECK: "1", LC_ALL: "C.UTF-8" };
    return SEEDS.map(([name, bits, size]): FuzzSeed => {
      const image = join(folder, `${bits}.img`);
      writeFileSync(image, "");
      truncateSync(image, size);
      run("mkfs.fat", ["-F", bits, ...(bits === "12" ? [] : ["-s", "1"]), image]);
      run("mcopy", ["-s", "-i", image, ...readdirSync(tree).map((one) => join(tree, one)), "::/"], { env });
      return {
        name,
        bytes: new Uint8Array(readFileSync(image)),
        hot: [
          [0, 512],
          [512, 48 << 10],
        ],
      };
    });
  },
  read: async (source) => void (await digestTree(await fat.open(source))),
};
