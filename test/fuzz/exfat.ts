import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exfat } from "../../src/disk/filesystems/exfat/index.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { digestTree } from "../support/digests.ts";
import { EXFAT_NEEDS, makeExfat } from "../support/exfat.ts";
import type { FuzzTarget } from "./target.ts";

export const target: FuzzTarget = {
  name: "exfat",
  needs: EXFAT_NEEDS,
  async seeds() {
    const image = await makeExfat(4 << 20, ["-c", "4096"], async (folder) => {
      await writeConformanceFiles(folder, false);
      for (let i = 0; i < 100; i++) writeFileSync(join(folder, `crowd-${i}`), "x".repeat(i));
    });
    const bytes = new Uint8Array(readFileSync(image));
    // The boot region's checksum turns most mutants of it away: the heap is where it gets interesting.
    const hot = [
      [0, 128],
      [1 << 20, 2 << 20],
    ] as const;
    return [{ name: "4 KiB clusters", bytes, hot }];
  },
  read: async (source) => void (await digestTree(await exfat.open(source))),
};
