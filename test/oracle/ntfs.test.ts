import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { ntfs } from "../../src/disk/filesystems/ntfs/index.ts";
import { FILESYSTEMS } from "../../src/disk/formats.ts";
import { fileSystemConformance } from "../conformance/file-system.ts";
import { target } from "../fuzz/ntfs.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run } from "../support/images.ts";
import { tryMutants } from "../support/mutate.ts";
import { makeNtfs, NTFS_NEEDS, withNtfs } from "../support/ntfs.ts";
import { fillNtfs } from "../support/ntfs-tree.ts";
import { imageFile } from "../support/sources.ts";

const why = missing(...NTFS_NEEDS, "blkid");

const VARIANTS: readonly (readonly [name: string, options: readonly string[], crowd: number])[] = [
  ["defaults", [], 3000],
  ["clusters of 512", ["-c", "512"], 300],
  ["clusters of 64 KiB", ["-c", "65536"], 300],
  ["clusters of 256 KiB", ["-c", "262144"], 60],
  ["sectors of 256", ["-s", "256", "-c", "4096"], 60],
  ["sectors of 1 KiB", ["-s", "1024", "-c", "2048"], 60],
  ["sectors of 4 KiB, records of 4 KiB", ["-s", "4096"], 300],
  ["clusters of 2 MiB", ["-c", "2097152"], 20],
];

/** Images are sparse and large: read from the file as they are needed. */
function open(path: string): Promise<Awaited<ReturnType<typeof ntfs.open>>> {
  return ntfs.open(imageFile(path));
}

describe.skipIf(why)("against ntfs-3g", () => {
  test.each(VARIANTS)(
    "%s: every file, folder and link is the same",
    async (_name, options, crowd) => {
      const compress =
        !options.includes("-c") || ["512", "2048", "4096"].some((size) => options.includes(size));
      const size = options.includes("2097152") ? 768 << 20 : 256 << 20;
      const pieces = options.includes("2097152") ? 20 : 700;
      const image = await makeNtfs(size, options, (folder) => fillNtfs(folder, { crowd, pieces, compress }));
      const truth = await withNtfs(image, "ro,streams_interface=none", digestFolder);
      const fs = await open(image);
      expect(await digestTree(fs)).toEqual(truth);
      const blkid = run("blkid", ["-p", "-o", "export", image]).toString();
      expect(blkid).toContain(`UUID=${fs.uuid}\n`);
      expect([fs.label, fs.features, fs.notes]).toEqual(["Windows", ["ntfs 3.1"], []]);
      const root = await fs.root();
      expect((await root.lookup("SIZE-1000"))?.sizeBytes).toBe(1000);
      expect((await root.lookup("longfi~1.txt"))?.sizeBytes).toBe(5);
      expect((await root.lookup("äöü SS.txt"))?.id).toBe(undefined);
      expect((await root.lookup("äöü ß.TXT"))?.sizeBytes).toBe(13);
      for (const name of ["Case", "CASE", "case"]) {
        const content = await (await root.lookup(name))?.content();
        expect(Buffer.from((await content?.read(0, 4)) ?? []).toString()).toBe(name);
      }
      console.log(`NTFS, ${_name}: ${Object.keys(truth).length} paths equal`);
    },
    120_000,
  );

  fileSystemConformance("NTFS", {
    open: async () => open(await conformance()),
    links: true,
  });
});

let made: Promise<string> | undefined;
function conformance(): Promise<string> {
  made ??= makeNtfs(64 << 20, [], (folder) => fillNtfs(folder, { crowd: 50, pieces: 700, compress: true }));
  return made;
}

describe.skipIf(why)("damage", () => {
  test("a bad first MFT record: its mirror is used, and a note says so", async () => {
    const bytes = new Uint8Array(readFileSync(await conformance()));
    const view = new DataView(bytes.buffer);
    const mft = Number(view.getBigUint64(0x30, true)) * 4096;
    bytes.fill(0xff, mft, mft + 512);
    const fs = await ntfs.open(memorySource(bytes, "image"));
    expect(fs.notes).toEqual([expect.stringContaining("$MFTMirr was used")]);
    expect(Object.keys(await digestTree(fs)).length).toBeGreaterThan(100);
  });

  test("a torn record is corrupt, and told by number", async () => {
    const bytes = new Uint8Array(readFileSync(await conformance()));
    const mft = Number(new DataView(bytes.buffer).getBigUint64(0x30, true)) * 4096;
    bytes[mft + 5 * 1024 + 510] = (bytes[mft + 5 * 1024 + 510] ?? 0) ^ 1;
    const fs = await ntfs.open(memorySource(bytes, "image"));
    await expect(fs.root()).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("fix-up"),
    });
  });

  test("a volume that is marked dirty says so", async () => {
    const bytes = new Uint8Array(readFileSync(await conformance()));
    const mft = Number(new DataView(bytes.buffer).getBigUint64(0x30, true)) * 4096;
    const volume = mft + 3 * 1024;
    const at = Buffer.from(bytes).indexOf(Buffer.from([3, 1, 0, 0]), volume + 0x38);
    bytes[at + 2] = 1;
    const fs = await ntfs.open(memorySource(bytes, "image"));
    expect(fs.notes).toEqual([expect.stringContaining("marked dirty")]);
  });

  test("stale ext superblocks do not hide NTFS", async () => {
    const bytes = new Uint8Array(readFileSync(await conformance()));
    bytes.set([0x53, 0xef], 1024 + 56);
    const source = memorySource(bytes, "image");
    const probes = await Promise.all(FILESYSTEMS.map((format) => format.probe(source)));
    expect(FILESYSTEMS[probes.indexOf(true)]?.name).toBe("ntfs");
  });

  test("mutants give an answer or a ScanError", async () => {
    for (const seed of await target.seeds()) {
      const count = await tryMutants(seed.bytes, target.read, { count: 500, hot: seed.hot ?? [] });
      console.log(`NTFS: ${count.mutants} mutants, ${count.accepted} read, ${count.refused} refused`);
      expect(count.accepted).toBeGreaterThan(0);
      expect(count.refused).toBeGreaterThan(0);
    }
  }, 60_000);
});

test("what is not NTFS is not taken for it", async () => {
  const probe = (bytes: Uint8Array): Promise<boolean> => ntfs.probe(memorySource(bytes, "x"));
  expect(await probe(new Uint8Array(4096))).toBe(false);
  expect(await probe(new Uint8Array(10))).toBe(false);
});
