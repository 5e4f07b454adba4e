import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
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

const why = missing(...NTFS_NEEDS, "blkid", "ntfs-3g.probe");

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

/** Source: ntfs-3g.probe(8), "Exit codes": the volume was not unmounted cleanly. */
const PROBE_UNCLEAN = 15;

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

  test("a $LogFile with changes is told, as ntfs-3g sees it; emptied or closed it is clean", async () => {
    const image = `${await conformance()}.log`;
    const bytes = new Uint8Array(readFileSync(await conformance()));
    const stale = async (): Promise<string | undefined> =>
      (await ntfs.open(memorySource(bytes, "image"))).stale;
    const log = Buffer.from(bytes).indexOf(Buffer.alloc(8192, 0xff), 1 << 16);
    expect(log).toBeGreaterThan(0);
    const isClean = (): boolean => {
      writeFileSync(image, bytes);
      const { status } = spawnSync("ntfs-3g.probe", ["--readwrite", image]);
      expect([0, PROBE_UNCLEAN]).toContain(status);
      return status === 0;
    };
    expect([await stale(), isClean()]).toEqual([undefined, true]);
    for (const [client, flags, clean] of [
      [0, 0, false],
      [0, 2, true],
      [0xffff, 0, true],
    ] as const) {
      for (const page of [0, 4096]) bytes.set(restartPage(client, flags), log + page);
      const note = await stale();
      expect([note === undefined, isClean()], `${client} ${flags}`).toEqual([clean, clean]);
      if (!clean) expect(note).toMatch(/^dirty \$LogFile: the volume was not cleanly unmounted/);
    }
    bytes.fill(0, log, log + 8192);
    expect(await stale()).toMatch(/no valid restart page/);
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

/** A restart page of version 1.1 with one client. Source: Linux-NTFS project documentation, "$LogFile". */
function restartPage(client: number, flags: number): Uint8Array {
  const page = Buffer.alloc(4096);
  const area = 0x30;
  page.write("RSTR", 0, "latin1");
  page.writeUInt16LE(0x1e, 4); // update sequence: at, words
  page.writeUInt16LE(9, 6);
  page.writeUInt32LE(4096, 0x10); // system page, log page
  page.writeUInt32LE(4096, 0x14);
  page.writeUInt16LE(area, 0x18);
  page.writeUInt16LE(1, 0x1a); // version 1.1
  page.writeUInt16LE(1, 0x1c);
  page.writeBigUInt64LE(0x1234n, area); // current LSN
  page.writeUInt16LE(1, area + 8); // clients
  page.writeUInt16LE(client === 0xffff ? 0 : 0xffff, area + 10); // free list
  page.writeUInt16LE(client, area + 12); // list in use
  page.writeUInt16LE(flags, area + 14);
  page.writeUInt32LE(45, area + 16); // bits of a sequence number
  page.writeUInt16LE(0x30 + 0xa0, area + 20); // length of the area with its client
  page.writeUInt16LE(0x30, area + 22); // clients at
  page.writeBigInt64LE(2n << 20n, area + 24); // file size
  page.writeUInt16LE(0x30, area + 36); // log record header
  page.writeUInt16LE(0x40, area + 38); // log page data
  page.writeUInt32LE(0xffffffff, area + 0x30 + 16); // the client's neighbours: none
  page.writeUInt16LE(1, 0x1e); // update sequence number
  for (let sector = 1; sector <= 8; sector++) page.writeUInt16LE(1, sector * 512 - 2);
  return page;
}
