import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { vmdk } from "../../src/disk/containers/vmdk/vmdk.ts";
import { readDisk } from "../support/read-disk.ts";
import { craftSesparse } from "../support/sesparse.ts";
import { pattern } from "../support/sources.ts";
import { type CraftedVmdk, craftCowd, craftVmdk, descriptorText, type GuestGrain } from "../support/vmdk.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const GRAIN = 4096;
const GRAINS: readonly GuestGrain[] = Array.from({ length: 24 }, (_, i) =>
  i % 5 === 0 ? "hole" : pattern(GRAIN + i).subarray(i),
);

function seed(name: string, { bytes, directory, tables, redundantDirectory, grains }: CraftedVmdk): FuzzSeed {
  return {
    name,
    bytes,
    hot: [
      [0, 90],
      [512, 800],
      [bytes.length - 1536, bytes.length],
      [directory, directory + 8],
      [redundantDirectory, redundantDirectory + 8],
      ...tables.map((table) => [table, table + 100] as const),
      ...grains.filter((at) => at > 0).map((at) => [at, at + 20] as const),
    ],
  };
}

const DESCRIPTOR = descriptorText([
  'RW 8 FLAT "self" 0',
  'RW 1 FLAT "self" 0',
  "RW 3 ZERO",
  'RW 8 SPARSE "sparse"',
  'RDONLY 8 VMFS "self"',
]);

const SESPARSE = craftSesparse(
  24 * GRAIN,
  new Map(GRAINS.map((one, i) => [i, one === "hole" ? "zero" : one])),
);
const SESPARSE_DESCRIPTOR = descriptorText(['RW 192 SESPARSE "self"']);

function sesparseHot(): (readonly [number, number])[] {
  const { directory, tables } = SESPARSE;
  return [
    [0, 208],
    [512, 544],
    [directory, directory + 8],
    [tables + 32_768, tables + 32_768 + 24 * 8],
  ];
}

export const target: FuzzTarget = {
  name: "vmdk",
  needs: [],
  async seeds() {
    return [
      seed("plain, two directories", craftVmdk(GRAINS, { redundant: true, tableEntries: 8 })),
      seed("compressed", craftVmdk(GRAINS, { compressed: true })),
      seed("compressed, footer", craftVmdk(GRAINS, { compressed: true, footer: true, tableEntries: 8 })),
      seed("compressed, no markers", craftVmdk(GRAINS, { compressed: true, markers: false })),
      seed("zeroed grains", craftVmdk(["zero", ...GRAINS], { zeroedGrains: true })),
      seed("COWD", craftCowd(GRAINS)),
      { name: "SESparse", bytes: SESPARSE.bytes, hot: sesparseHot() },
      { name: "descriptor", bytes: new TextEncoder().encode(DESCRIPTOR.padEnd(4096)), hot: [[0, 300]] },
    ];
  },
  async read(source) {
    const sparse = memorySource(craftVmdk([pattern(GRAIN)]).bytes, "sparse");
    const byName = new Map([
      ["self", source],
      ["sparse", sparse],
    ]);
    if (source.size >= 8 && (await source.read(0, 2))[0] === 0xbe) {
      const descriptor = memorySource(new TextEncoder().encode(SESPARSE_DESCRIPTOR), "descriptor");
      await readDisk((await vmdk.open(descriptor, { byName })).disk);
    } else await readDisk((await vmdk.open(source, { byName })).disk);
  },
};
