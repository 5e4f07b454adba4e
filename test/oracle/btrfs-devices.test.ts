import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openDisk } from "../../src/disk/disk.ts";
import { btrfs } from "../../src/disk/filesystems/btrfs/index.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { BTRFS_NEEDS } from "../support/btrfs.ts";
import { type Digests, digestFolder, digestTree } from "../support/digests.ts";
import { fileSource } from "../support/file-source.ts";
import { missing, run, scratch } from "../support/images.ts";

const why = missing(...BTRFS_NEEDS);
const area = scratch("btrfs-devices");
let folders = 0;
function fresh(): string {
  const folder = join(area, `${folders++}`);
  mkdirSync(folder);
  return folder;
}

describe.skipIf(why)("one of several devices", () => {
  test.each([
    ["raid1", "raid1", true],
    ["raid1", "single", true],
    ["raid0", "raid0", false],
    ["single", "single", undefined],
  ])("metadata %s, data %s", async (metadata, data, readable) => {
    const folder = fresh();
    const images = [join(folder, "one"), join(folder, "two")];
    for (const image of images) run("truncate", ["-s", "300M", image]);
    const loops = images.map((image) => run("losetup", ["-f", "--show", image]).toString().trim());
    const mount = join(folder, "mount");
    mkdirSync(mount);
    let truth: Digests = {};
    try {
      run("mkfs.btrfs", ["-q", "-f", "-m", metadata, "-d", data, ...loops]);
      run("mount", ["-t", "btrfs", "-o", `device=${loops[1]}`, loops[0] ?? "", mount]);
      await writeConformanceFiles(mount, true);
      truth = digestFolder(mount);
      run("sync", ["-f", mount]);
      run("umount", [mount]);
    } finally {
      for (const loop of loops) run("losetup", ["-d", loop]);
    }
    for (const image of images) {
      const fs = await btrfs.open(fileSource(image));
      expect(fs.notes.join()).toMatch(/device [12] of 2/);
      const look = digestTree(fs);
      if (readable === false) await expect(look).rejects.toMatchObject({ code: "unsupported" });
      else if (data === "raid1") expect(await look).toEqual(truth);
      else {
        const seen = await look.catch((error: { code: string }) => error.code);
        if (typeof seen === "string") expect(seen).toBe("unsupported");
        else
          for (const [path, what] of Object.entries(seen))
            expect([truth[path], "unsupported"]).toContain(
              what.startsWith("unsupported") ? "unsupported" : what,
            );
      }
    }
  });
});

test.skipIf(why ?? missing("sfdisk"))("of two devices, the one that missed changes is not read", async () => {
  const folder = fresh();
  const disk = join(folder, "disk");
  const sizeBytes = 150 << 20;
  run("truncate", ["-s", "302M", disk]);
  const part = (start: number): string => `start=${start}MiB,size=150MiB\n`;
  run("sfdisk", ["-q", disk], { input: `label: gpt\n${part(1)}${part(151)}` });
  const loops = [1, 151].map((start) =>
    run("losetup", ["-f", "--show", `--offset=${start << 20}`, `--sizelimit=${sizeBytes}`, disk])
      .toString()
      .trim(),
  );
  const [one = "", two = ""] = loops;
  const mount = join(folder, "mount");
  mkdirSync(mount);
  let truth: Digests = {};
  try {
    run("mkfs.btrfs", ["-q", "-f", "-m", "raid1", "-d", "raid1", one, two]);
    run("mount", ["-t", "btrfs", "-o", `device=${two}`, one, mount]);
    writeFileSync(join(mount, "state"), "old");
    run("umount", [mount]);
    run("btrfs", ["device", "scan", "--forget"]);
    run("mount", ["-t", "btrfs", "-o", "degraded", two, mount]);
    writeFileSync(join(mount, "state"), "new");
    truth = digestFolder(mount);
    run("umount", [mount]);
  } finally {
    for (const loop of loops) run("losetup", ["-d", loop]);
  }
  const { volumes } = await openDisk(fileSource(disk));
  expect(volumes.map(({ content }) => content.kind)).toEqual(["unread", "filesystem"]);
  const [first, second] = volumes;
  if (first?.content.kind !== "unread") throw new Error("read");
  expect(first.content.error.message).toMatch(/missed changes: it is at generation/);
  if (second?.content.kind !== "filesystem") throw new Error("not read");
  expect(await digestTree(second.content.fs)).toEqual(truth);
});
