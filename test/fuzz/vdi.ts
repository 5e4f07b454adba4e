import { vdi } from "../../src/disk/containers/vdi/vdi.ts";
import { readDisk } from "../support/read-disk.ts";
import { pattern } from "../support/sources.ts";
import { craftVdi } from "../support/vdi.ts";
import type { FuzzTarget } from "./target.ts";

export const target: FuzzTarget = {
  name: "vdi",
  needs: [],
  async seeds() {
    const blocks = Array.from({ length: 24 }, (_, i) =>
      i % 5 === 0 ? ("hole" as const) : i % 7 === 0 ? ("discarded" as const) : pattern(4096),
    );
    const { bytes, map } = craftVdi(blocks);
    return [
      {
        name: "dynamic",
        bytes,
        hot: [
          [64, 80],
          [340, 456],
          [map, map + 96],
        ],
      },
    ];
  },
  async read(source) {
    await readDisk((await vdi.open(source)).disk);
  },
};
