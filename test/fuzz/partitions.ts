import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gpt } from "../../src/disk/partitions/gpt.ts";
import { mbr } from "../../src/disk/partitions/mbr.ts";
import { run, scratch } from "../support/images.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const GPT = "label: gpt\nstart=2048, size=2048, type=U\nstart=4096, size=2048, type=L\n";
const MBR =
  "label: dos\nstart=2048, size=2048, type=83\nstart=4096, size=8192, type=5\nstart=5120, size=1024, type=83\nstart=7168, size=1024, type=83\n";

export const target: FuzzTarget = {
  name: "partitions",
  needs: ["sfdisk"],
  async seeds() {
    const folder = scratch("fuzz-partitions");
    return Object.entries({ GPT, MBR }).map(([name, script]): FuzzSeed => {
      const image = join(folder, name);
      writeFileSync(image, "");
      truncateSync(image, 8 << 20);
      run("sfdisk", ["-q", image], { input: script });
      const hot = [
        [0, 4096],
        [4096 * 512, 4096 * 512 + 512],
      ] as const;
      return { name, bytes: new Uint8Array(readFileSync(image)), hot };
    });
  },
  async read(source) {
    for (const format of [gpt, mbr]) {
      if (!(await format.probe(source))) continue;
      const table = await format.open(source);
      for (const { data } of table.partitions) await data.read(0, Math.min(512, data.size));
    }
  },
};
