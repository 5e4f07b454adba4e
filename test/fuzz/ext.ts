import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ext } from "../../src/disk/filesystems/ext/index.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { digestTree } from "../support/digests.ts";
import { run, scratch } from "../support/images.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const SEEDS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["ext4, checksums", ["-t", "ext4", "-O", "metadata_csum,inline_data", "-I", "512"]],
  ["ext4, no checksums", ["-t", "ext4", "-O", "^metadata_csum"]],
  ["ext2, 1 KiB blocks", ["-t", "ext2", "-b", "1024"]],
];

export const target: FuzzTarget = {
  name: "ext",
  needs: ["mke2fs"],
  async seeds() {
    const folder = scratch("fuzz-ext");
    const tree = join(folder, "tree");
    mkdirSync(tree);
    await writeConformanceFiles(tree, true);
    return SEEDS.map(([name, options], index): FuzzSeed => {
      const image = join(folder, `${index}.img`);
      writeFileSync(image, "");
      truncateSync(image, 4 << 20);
      run("mke2fs", ["-q", "-F", ...options, "-d", tree, image]);
      return { name, bytes: new Uint8Array(readFileSync(image)), hot: [[1024, 256 << 10]] };
    });
  },
  read: async (source) => void (await digestTree(await ext.open(source))),
};
