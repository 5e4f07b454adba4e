import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memorySource } from "../../src/disk/bytes/byte-source.ts";
import { recogniseRefused as recogniseFile } from "../../src/disk/containers/refused.ts";
import { recogniseRefused as recogniseVolume } from "../../src/disk/volumes/refused.ts";
import { missing, run, scratch } from "../support/images.ts";

const folder = scratch("refused");
const PASSPHRASE = "--batch-mode --key-file - --pbkdf pbkdf2 --pbkdf-force-iterations 1000";
const tree = join(folder, "tree");
mkdirSync(tree);
writeFileSync(join(tree, "file"), "content");

function empty(name: string, mib: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, mib << 20);
  return path;
}

/** Program, arguments before the image, arguments after it, size in MiB. */
const MAKERS: readonly (readonly [string, string, string, number])[] = [
  ["mkswap", "-q", "", 16],
  ["mkswap", "-q -p 65536", "", 16],
  ["xorriso", "-as mkisofs -quiet -o", tree, 0],
  ["cryptsetup", `luksFormat --type luks1 ${PASSPHRASE}`, "", 32],
  ["cryptsetup", `luksFormat --type luks2 ${PASSPHRASE}`, "", 32],
];

describe("volumes have the name that blkid gives them", () => {
  for (const [program, before, after, mib] of MAKERS) {
    test.skipIf(missing(program, "blkid"))(`${program} ${before}`, async () => {
      const path = empty(`${program}-${before.length}.img`, mib);
      const words = `${before}\n${path}\n${after}`.split(/[ \n]+/).filter((word) => word !== "");
      run(program, words, program === "cryptsetup" ? { input: "passphrase" } : {});
      const truth = run("blkid", ["-p", "-o", "value", "-s", "TYPE", path]).toString().trim();
      expect((await recogniseVolume(memorySource(readFileSync(path), "x")))?.name).toBe(truth);
    });
  }
});

describe("files of other kinds", () => {
  test.skipIf(missing("qemu-img")).each([
    ["parallels", "parallels"],
    ["qed", "qed"],
  ])("%s", async (format, name) => {
    const path = join(folder, `x.${format}`);
    run("qemu-img", ["create", "-q", "-f", format, path, "16M"]);
    expect((await recogniseFile(memorySource(readFileSync(path), "x")))?.name).toBe(name);
  });

  test.skipIf(missing("tar", "gzip", "xz", "zstd", "bzip2")).each([
    ["tar", ""],
    ["gzip", "--gzip"],
    ["xz", "--xz"],
    ["zstd", "--zstd"],
    ["bzip2", "--bzip2"],
  ])("%s", async (name, option) => {
    const path = join(folder, `x.${name}`);
    run("tar", ["-cf", path, "-C", tree, ...(option ? [option] : []), "."]);
    expect((await recogniseFile(memorySource(readFileSync(path), "x")))?.name).toBe(name);
  });

  test.skipIf(missing("xorriso"))("an ISO with a GPT", async () => {
    const path = join(folder, "hybrid.iso");
    const part = join(folder, "part");
    writeFileSync(part, "x".repeat(2048));
    const hybrid = [
      "-partition_offset",
      "16",
      "-appended_part_as_gpt",
      "-append_partition",
      "2",
      "0xef",
      part,
    ];
    run("xorriso", ["-as", "mkisofs", "-quiet", "-o", path, ...hybrid, tree]);
    expect((await recogniseFile(memorySource(readFileSync(path), "x")))?.name).toBe("iso9660");
  });
});
