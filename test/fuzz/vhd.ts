import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { vhd } from "../../src/disk/containers/vhd/vhd.ts";
import { isReadError } from "../../src/errors.ts";
import { readDisk } from "../support/read-disk.ts";
import { pattern } from "../support/sources.ts";
import { craftDynamicVhd, craftFixedVhd, sealVhd } from "../support/vhd.ts";
import type { FuzzTarget } from "./target.ts";

const BLOCK = 4096;
const DISK = pattern(24 * BLOCK);

/** The same bytes with checksums that match again, so that what they guard is reached. */
function sealed(mutant: Uint8Array): Uint8Array {
  const bytes = mutant.slice();
  if (bytes.length < 2048) return bytes;
  sealVhd(bytes, 0, 512);
  sealVhd(bytes, 512, 1024);
  sealVhd(bytes, bytes.length - 512, 512);
  return bytes;
}

export const target: FuzzTarget = {
  name: "vhd",
  needs: [],
  async seeds() {
    const blocks = Array.from({ length: 24 }, (_, i) =>
      i % 5 === 0
        ? undefined
        : {
            bytes: DISK.subarray(i * BLOCK, (i + 1) * BLOCK),
            ...(i % 3 === 0 ? { written: (sector: number) => sector !== 2 } : {}),
          },
    );
    const parent = { name: "self", uuid: Uint8Array.from({ length: 16 }, (_, i) => i + 1) };
    const fixed = craftFixedVhd(DISK);
    const hot = [
      [0, 96],
      [512, 640],
      [1536, 1536 + 96],
    ] as const;
    return [
      { name: "dynamic", bytes: craftDynamicVhd(blocks).bytes, hot },
      { name: "differencing", bytes: craftDynamicVhd(blocks, { parent }).bytes, hot },
      { name: "fixed", bytes: fixed, hot: [[DISK.length, DISK.length + 96]] },
    ];
  },
  async read(source) {
    const companions = { byName: new Map([["self", memorySource(craftFixedVhd(DISK), "self")]]) };
    try {
      await readDisk((await vhd.open(source, companions)).disk);
    } catch (error) {
      if (!isReadError(error)) throw error;
    }
    const bytes = sealed(await source.read(0, source.size));
    await readDisk((await vhd.open(memorySource(bytes, source.label), companions)).disk);
  },
};
