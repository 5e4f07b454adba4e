import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { vmdk } from "../../src/disk/containers/vmdk/vmdk.ts";
import {
  checkImage,
  fileSource,
  given,
  makeMaterial,
  rawOf,
  SCATTERED,
  writeWith,
} from "../support/disks.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";
import { craftSesparse, type SesparseGrain } from "../support/sesparse.ts";
import { pattern } from "../support/sources.ts";
import { type CraftedVmdk, craftCowd, craftVmdk, descriptorText, type GuestGrain } from "../support/vmdk.ts";

const why = missing("qemu-img", "qemu-io");
const folder = scratch("vmdk");
const MIB = 1 << 20;
const ALL = [
  "monolithicSparse",
  "streamOptimized",
  "monolithicFlat",
  "twoGbMaxExtentSparse",
  "twoGbMaxExtentFlat",
];

/** The extents that qemu-img put beside the descriptor. */
function extentsOf(path: string): string[] {
  const stem = `${path.slice(path.lastIndexOf("/") + 1, -".vmdk".length)}-`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(stem) && name.endsWith(".vmdk"))
    .map((name) => join(folder, name));
}

test.skipIf(why).each(ALL.flatMap((subformat) => [7, 0, 129].map((extra) => [subformat, extra] as const)))(
  "converted, %s, %d sectors past 12 MiB",
  async (subformat, extra) => {
    const path = join(folder, `converted${extra}${subformat}.vmdk`);
    const material = makeMaterial(join(folder, `material${extra}.raw`), extra);
    run("qemu-img", ["convert", "-f", "raw", "-O", "vmdk", "-o", `subformat=${subformat}`, material, path]);
    const details = await checkImage(vmdk, path, await given(extentsOf(path)));
    expect(details[0]).toBe(subformat);
  },
);

test
  .skipIf(why)
  .each([
    "subformat=monolithicSparse",
    "subformat=monolithicSparse,zeroed_grain=on",
    "subformat=monolithicSparse,compat6=on",
    "subformat=monolithicFlat",
    "subformat=twoGbMaxExtentSparse,zeroed_grain=on",
    "subformat=twoGbMaxExtentFlat",
  ])("scattered writes, %s", async (options) => {
  const path = join(folder, `scattered${options.replace(/\W/g, "")}.vmdk`);
  run("qemu-img", ["create", "-q", "-f", "vmdk", "-o", options, path, `${9 * MIB + 512 * 3}`]);
  writeWith("vmdk", path, SCATTERED);
  await checkImage(vmdk, path, await given(extentsOf(path)));
});

test.skipIf(why).each(["twoGbMaxExtentSparse", "twoGbMaxExtentFlat"])(
  "%s in three extents",
  async (subformat) => {
    const path = join(folder, `three${subformat}.vmdk`);
    const size = 2 * 2 ** 31 + 5 * MIB;
    run("qemu-img", ["create", "-q", "-f", "vmdk", "-o", `subformat=${subformat}`, path, `${size}`]);
    const edge = 2 ** 31;
    writeWith("vmdk", path, [
      "write -P 1 0 64k",
      `write -P 2 ${edge - 65_536} 128k`,
      `write -P 3 ${2 * edge - 512} 1k`,
      `write -P 4 ${size - 512} 512`,
    ]);
    const { disk } = await vmdk.open(await fileSource(path), await given(extentsOf(path)));
    expect(disk.size).toBe(size);
    for (const [at, byte] of [
      [edge, 2],
      [2 * edge, 3],
    ] as const) {
      const bytes = await disk.read(at - 256, 512);
      expect([...new Set(bytes)]).toEqual([byte]);
    }
    expect([...new Set(await disk.read(size - 512, 512))]).toEqual([4]);
    expect([...new Set(await disk.read(edge + 65_536, 4096))]).toEqual([0]);
    await expect(vmdk.open(await fileSource(path))).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(
        /three\w+-[sf]001\.vmdk", "three\w+-[sf]002\.vmdk", .*003\.vmdk".*--with/,
      ),
    });
  },
);

test.skipIf(why)("an extent alone is read, and says that more may be missing", async () => {
  const path = join(folder, "alonetwoGbMaxExtentSparse.vmdk");
  run("qemu-img", ["create", "-q", "-f", "vmdk", "-o", "subformat=twoGbMaxExtentSparse", path, "9M"]);
  writeWith("vmdk", path, SCATTERED);
  const [extent = ""] = extentsOf(path);
  const details = await checkImage(vmdk, extent, undefined, rawOf(path));
  expect(details[0]).toMatch(/missing/);
});

test.skipIf(why)("a chain of parents that the user gave", async () => {
  const make = (name: string, ...rest: string[]): string => {
    const path = join(folder, name);
    run("qemu-img", ["create", "-q", "-f", "vmdk", ...rest, path, ...(rest.length ? [] : ["5M"])]);
    return path;
  };
  const base = make("base.vmdk");
  writeWith("vmdk", base, ["write -P 7 0 1M", "write -P 8 3M 512"]);
  const middle = make("middle.vmdk", "-b", base, "-F", "vmdk", "-o", "zeroed_grain=on");
  writeWith("vmdk", middle, ["write -P 9 100k 3k", "write -z 704k 64k", "write -P 10 4M 100k"]);
  const top = make("top.vmdk", "-b", middle, "-F", "vmdk");
  writeWith("vmdk", top, ["write -P 11 4M 512"]);
  await expect(vmdk.open(await fileSource(top))).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("middle.vmdk"),
  });
  await checkImage(vmdk, top, await given([middle, base]));
  writeWith("vmdk", base, ["write -P 12 0 512"]);
  await expect(vmdk.open(await fileSource(top), await given([middle, base]))).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringContaining("changed"),
  });
});

test.skipIf(why)("a split disk shows its parent in every extent", async () => {
  const base = join(folder, "wide.vmdk");
  const top = join(folder, "wide-child.vmdk");
  const options = ["-o", "subformat=twoGbMaxExtentSparse"];
  run("qemu-img", ["create", "-q", "-f", "vmdk", ...options, base, "4100M"]);
  writeWith("vmdk", base, ["write -P 1 0 64k", "write -P 2 3G 128k", "write -P 3 4098M 1M"]);
  run("qemu-img", ["create", "-q", "-f", "vmdk", "-b", base, "-F", "vmdk", ...options, top]);
  writeWith("vmdk", top, ["write -P 4 3G 64k"]);
  const files = [base, ...extentsOf(base), ...extentsOf(top)];
  const { disk } = await vmdk.open(await fileSource(top), await given(files));
  for (const [at, bytes] of [
    [0, [1]],
    [3 * 2 ** 30, [4, 2]],
    [4098 * MIB, [3]],
  ] as const)
    expect([...new Set(await disk.read(at, 65_536 * bytes.length))]).toEqual([...bytes]);
});

const corpus = corpusArchive();

test.skipIf(why ?? missing("tar", "zstd") ?? (corpus ? undefined : "needs the corpus"))(
  "images of other projects",
  async () => {
    const target = scratch("vmdk-corpus");
    run("tar", ["--zstd", "-xf", corpus?.archive ?? "", "-C", target, "--wildcards", "*.vmdk"]);
    const images = readdirSync(target, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".vmdk"))
      .map((name) => join(target, name));
    expect(images.filter(existsSync).length).toBeGreaterThan(0);
    for (const path of images) {
      let truth: Uint8Array | undefined;
      try {
        truth = rawOf(path);
      } catch {
        await expect(vmdk.open(await fileSource(path))).rejects.toMatchObject({ code: "corrupt" });
      }
      if (truth) await checkImage(vmdk, path, undefined, truth);
    }
  },
);

const GRAIN = 4096;
const GRAINS: readonly GuestGrain[] = Array.from({ length: 40 }, (_, i) =>
  i % 3 === 1 ? "hole" : pattern(GRAIN + i).subarray(i),
);

/** What VMware writes and qemu-img reads, but does not write. */
test.skipIf(why).each<[string, CraftedVmdk]>([
  ["directory, tables and footer at the end", craftVmdk(GRAINS, { compressed: true, footer: true })],
  ["several tables", craftVmdk(GRAINS, { compressed: true, footer: true, tableEntries: 16 })],
  ["a redundant directory", craftVmdk(GRAINS, { redundant: true, tableEntries: 16 })],
  ["zeroed grains", craftVmdk([...GRAINS, "zero", "zero"], { zeroedGrains: true })],
  ["no markers", craftVmdk(GRAINS, { compressed: true, markers: false })],
])("crafted: %s", async (name, { bytes }) => {
  const path = join(folder, `crafted ${name}.vmdk`);
  writeFileSync(path, bytes);
  await checkImage(vmdk, path);
});

test.skipIf(why)("crafted: a descriptor of COWD, flat and sparse extents", async () => {
  const files = {
    "mixed-cowd.vmdk": craftCowd(GRAINS).bytes,
    "mixed-flat.vmdk": pattern(1 << 16),
    "mixed-sparse.vmdk": craftVmdk(GRAINS, { descriptor: "", tableEntries: 8 }).bytes,
  };
  const lines = [
    'RW 320 VMFSSPARSE "mixed-cowd.vmdk"',
    'RW 100 FLAT "mixed-flat.vmdk" 7',
    'RW 320 SPARSE "mixed-sparse.vmdk"',
    'RW 9 VMFS "mixed-flat.vmdk"',
  ];
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  for (const [createType, kept] of [
    ["vmfsSparse", lines.slice(0, 1)],
    ["vmfs", lines.slice(3)],
    ["monolithicFlat", lines.slice(1, 2)],
    ["twoGbMaxExtentSparse", lines],
  ] as const) {
    const path = join(folder, `mixed ${createType}.vmdk`);
    writeFileSync(path, descriptorText(kept, { createType: `"${createType}"` }));
    await checkImage(vmdk, path, await given(Object.keys(files).map((name) => join(folder, name))));
  }
});

/** Around the ends of tables, and more than 4,096 of them: their numbers are cut in two. */
const SESPARSE_GUEST = new Map<number, SesparseGrain>([
  ...Array.from({ length: 4300 }, (_, i): [number, SesparseGrain] => [
    i + 20,
    pattern(GRAIN).fill(i & 0xff, 7, 2000),
  ]),
  [0, "zero"],
  [1, "unmapped"],
  [3, pattern(GRAIN)],
  [8191, pattern(GRAIN + 9).subarray(9)],
  [8192, "zero"],
  [9999, pattern(GRAIN + 5).subarray(5)],
]);

test.skipIf(why)("crafted: SESparse extents, alone and above a parent", async () => {
  const size = 10_000 * GRAIN;
  const { bytes } = craftSesparse(size, SESPARSE_GUEST);
  writeFileSync(join(folder, "delta-sesparse.vmdk"), bytes);
  writeFileSync(join(folder, "parent-flat.vmdk"), pattern(size));
  const parent = join(folder, "parent.vmdk");
  const line = `RW ${size / 512} VMFS "parent-flat.vmdk"`;
  writeFileSync(parent, descriptorText([line], { createType: '"vmfs"', CID: "0badcafe" }));
  const files = await given(
    ["delta-sesparse.vmdk", "parent-flat.vmdk", "parent.vmdk"].map((name) => join(folder, name)),
  );
  const extent = `RW ${size / 512} SESPARSE "delta-sesparse.vmdk"`;
  for (const [name, settings] of [
    ["alone", {}],
    ["child", { parentCID: "0badcafe", parentFileNameHint: `"${parent}"` }],
  ] as const) {
    const path = join(folder, `sesparse ${name}.vmdk`);
    writeFileSync(path, descriptorText([extent], { createType: '"seSparse"', ...settings }));
    const details = await checkImage(vmdk, path, files);
    expect(details[0]).toBe("seSparse");
  }
});
