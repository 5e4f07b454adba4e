import { qcow2 } from "../../src/disk/containers/qcow2/qcow2.ts";
import { type CraftedQcow2, craftQcow2, type GuestCluster } from "../support/qcow2.ts";
import { readDisk } from "../support/read-disk.ts";
import { pattern } from "../support/sources.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const CLUSTER = 4096;
const CLUSTERS: readonly GuestCluster[] = Array.from({ length: 24 }, (_, i) =>
  i % 5 === 0 ? "zero" : { bytes: pattern(CLUSTER + i).subarray(i), compressed: i % 2 === 0 },
);

function seed(name: string, image: CraftedQcow2): FuzzSeed {
  const { bytes, l1Offset, l2Offset } = image;
  return {
    name,
    bytes,
    hot: [
      [0, 300],
      [l1Offset, l1Offset + 8],
      [l2Offset, l2Offset + 200],
    ],
  };
}

export const target: FuzzTarget = {
  name: "qcow2",
  needs: [],
  async seeds() {
    const extensions = [{ type: 0x6803f857, data: new Uint8Array(144) }];
    return [
      seed("zlib", craftQcow2(CLUSTERS, { extensions })),
      seed("zstd", craftQcow2(CLUSTERS, { extensions, zstd: true })),
      seed(
        "version 2",
        craftQcow2(
          CLUSTERS.map((one) => (one === "zero" ? "hole" : one)),
          { version: 2 },
        ),
      ),
    ];
  },
  async read(source) {
    await readDisk((await qcow2.open(source)).disk);
  },
};
