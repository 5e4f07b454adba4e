import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { cached } from "../../src/disk/bytes/cached.ts";
import { vhdx } from "../../src/disk/containers/vhdx/vhdx.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { walk } from "../../src/disk/filesystems/walk.ts";
import { xfs } from "../../src/disk/filesystems/xfs/index.ts";
import { gpt } from "../../src/disk/partitions/gpt.ts";
import { mbr } from "../../src/disk/partitions/mbr.ts";
import { fileSource } from "../support/file-source.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";

const MANIFEST = z.array(
  z.object({
    path: z.string(),
    files: z.array(
      z.object({
        volume: z.string().optional(),
        path: z.string(),
        size: z.number(),
        sha256: z.string().nullable(),
      }),
    ),
    volumes: z
      .array(
        z.object({
          where: z.string(),
          fs: z.string().nullish(),
          log: z.string().optional(),
          counts: z.record(z.string(), z.number()).optional(),
          /** What counted; absent is the kernel. GRUB's count of the version 4 image misses three of four folders. */
          reader: z.string().optional(),
        }),
      )
      .optional(),
  }),
);

const corpus = corpusArchive();
const without = missing("tar", "zstd") ?? (corpus ? undefined : "needs the corpus");

test.skipIf(without)(
  "XFS in images of other projects: version 4 and 5, in VHDX and raw",
  async () => {
    const folder = scratch("xfs-corpus");
    const wanted = ["*/xfs*.vhdx", "*/AmazonLinux2.img"];
    run("tar", ["--zstd", "-xSf", corpus?.archive ?? "", "-C", folder, "--wildcards", ...wanted]);
    const manifest = MANIFEST.parse(JSON.parse(readFileSync(corpus?.manifest ?? "", "utf8")));
    let compared = 0;
    let volumesCount = 0;
    for (const { path, files, volumes = [] } of manifest) {
      if (!/xfs\w*\.vhdx$|AmazonLinux2\.img$/.test(path)) continue;
      const image = fileSource(join(folder, path));
      const disk = path.endsWith(".vhdx") ? (await vhdx.open(image)).disk : image;
      for (const { where, fs: type, log, counts = {}, reader } of volumes) {
        if (type !== "xfs") continue;
        volumesCount++;
        const fs = await xfs.open(cached(await partition(disk, where)));
        expect(fs.stale === undefined, path).toBe(log === "CLEAN");
        const tree = new Tree([{ path: "/", locator: "xfs", fs }]);
        for (const file of files.filter(({ volume = where }) => volume === where)) {
          const found = await tree.resolve(file.path);
          if (found.state !== "found") throw new Error(`${path}: ${file.path} is ${found.state}`);
          expect([file.path, found.node.type, found.node.sizeBytes]).toEqual([file.path, "file", file.size]);
          compared++;
          if (file.sha256 === null) continue;
          const bytes = await (await found.node.content()).read(0, file.size);
          expect(createHash("sha256").update(bytes).digest("hex"), file.path).toBe(file.sha256);
        }
        const root = await tree.resolve("/");
        if (root.state !== "found") throw new Error(`${path}: no root`);
        let regular = 0;
        for await (const one of walk(tree, root, true)) {
          if (one.state !== "found") throw new Error(`${path}: an entry is ${one.state}`);
          if (one.node.type === "file") regular++;
        }
        if (reader === undefined) expect(regular, path).toBe(counts.regular);
        else expect(regular, path).toBe(4006); // xfs_db: icount - ifree, less 5 folders and the 2 real-time inodes
      }
    }
    console.log(`xfs: ${compared} files in ${volumesCount} volumes of other projects' images compared`);
    expect(volumesCount).toBe(3);
    expect(compared).toBeGreaterThan(100);
  },
  60_000,
);

/** The partition that the manifest calls `p2`. */
async function partition(disk: ByteSource, where: string): Promise<ByteSource> {
  const format = (await gpt.probe(disk)) ? gpt : mbr;
  const { partitions } = await format.open(disk);
  const found = partitions.find(({ number }) => `p${number}` === where);
  if (!found) throw new Error(`${disk.label}: no ${where}`);
  return found.data;
}
