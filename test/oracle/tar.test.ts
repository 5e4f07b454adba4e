import { linkSync, mkdirSync, openSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFile } from "../../providers/file-source.ts";
import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import { readTar, tarFileSystem } from "../../src/disk/filesystems/tar/index.ts";
import { fileSystemConformance, writeConformanceFiles } from "../conformance/file-system.ts";
import { digestFolder, digestTree } from "../support/digests.ts";
import { missing, run, scratch } from "../support/images.ts";
import { random } from "../support/mutate.ts";

const why = missing("tar", "bsdtar");
const folder = scratch("tar");

async function open(path: string): Promise<FileSystem> {
  const file = await openFile(path, path);
  onTestFinished(() => file.close());
  return tarFileSystem(await readTar(file.source), path);
}

/** Deep folders, long names and links, hard links, empty files, odd names; `limits` of ustar kept when asked. */
function makeTree(name: string, limits: boolean): string {
  const tree = join(folder, name);
  const next = random(11);
  for (let i = 0; i < 40; i++) {
    const dir = join(tree, `d${i % 7}`, "sub".repeat(limits ? 3 : 20), `d${i}`);
    mkdirSync(dir, { recursive: true });
    for (let k = 0; k < 5; k++)
      writeFileSync(
        join(dir, `f${k}`),
        Uint8Array.from({ length: next() * 3000 }, () => next() * 256),
      );
    symlinkSync(`../${"x/".repeat(limits ? 20 : 80)}target`, join(dir, "link"));
    linkSync(join(dir, "f0"), join(dir, "hard"));
  }
  mkdirSync(join(tree, "empty"));
  writeFileSync(join(tree, "a name with spaces"), "");
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/bad-`), Buffer.from([0xff, 0xc3])]), "x");
  if (!limits) writeFileSync(join(tree, `${"long".repeat(60)}`), "long");
  return tree;
}

/** Data and holes of odd sizes, at the ends too. */
function sparseTree(): string {
  const tree = join(folder, "sparse");
  mkdirSync(tree, { recursive: true });
  const next = random(12);
  for (const [name, pieces] of [
    ["holes", 3],
    ["many", 60],
    ["none", 0],
  ] as const) {
    const path = join(tree, name);
    writeFileSync(path, "");
    truncateSync(path, 3_000_000);
    const file = openSync(path, "r+");
    for (let i = 0; i < pieces; i++)
      writeSync(file, Buffer.alloc(1 + next() * 5000, 1 + i), 0, undefined, Math.floor(next() * 2_990_000));
  }
  const path = join(tree, "begins-with-data");
  writeFileSync(path, "data");
  truncateSync(path, 100_001);
  return tree;
}

describe.skipIf(why)("against GNU tar and libarchive", () => {
  test.each([
    ["tar", ["--format=v7"], true],
    ["tar", ["--format=ustar"], true],
    ["tar", ["--format=oldgnu"], false],
    ["tar", ["--format=gnu"], false],
    ["tar", ["--format=posix"], false],
    ["bsdtar", ["--format=ustar"], true],
    ["bsdtar", ["--format=pax"], false],
    ["bsdtar", ["--format=gnutar"], false],
  ] as const)("%s %s", async (program, options, limits) => {
    const tree = makeTree(`${program}${options.join("")}`, limits);
    const path = `${tree}.tar`;
    run(program, [...options, "-cf", path, "-C", tree, "."]);
    expect(await digestTree(await open(path))).toEqual(digestFolder(tree));
  });

  test.each([
    ["tar", ["--format=oldgnu", "-S"]],
    ["tar", ["--format=gnu", "-S", "--hole-detection=raw"]],
    ["tar", ["--format=posix", "-S", "--sparse-version=0.0"]],
    ["tar", ["--format=posix", "-S", "--sparse-version=0.1"]],
    ["tar", ["--format=posix", "-S", "--sparse-version=1.0"]],
    ["tar", ["--format=posix", "-S", "--sparse-version=1.0", "--hole-detection=raw"]],
    ["bsdtar", ["--format=pax", "--read-sparse"]],
  ] as const)("sparse files, %s %s", async (program, options) => {
    const tree = sparseTree();
    const path = join(folder, "sparse.tar");
    run(program, [...options, "-cf", path, "-C", tree, "."]);
    expect(await digestTree(await open(path))).toEqual(digestFolder(tree));
  });

  test("sizes beyond what octal digits hold", async () => {
    const huge = join(folder, "huge");
    writeFileSync(huge, "start");
    truncateSync(huge, 9 * 2 ** 30);
    const path = join(folder, "huge.tar");
    run("tar", ["--format=gnu", "-S", "-cf", path, "-C", folder, "huge"]);
    const node = await (await (await open(path)).root()).lookup("huge");
    expect(node?.sizeBytes).toBe(9 * 2 ** 30);
    const content = await node?.content();
    expect(Buffer.from((await content?.read(0, 7)) ?? []).toString()).toBe("start\0\0");
  });
});

if (!why) {
  const tree = join(folder, "conformance");
  await writeConformanceFiles(tree, true);
  run("tar", ["-cf", `${tree}.tar`, "-C", tree, "."]);
  const file = await openFile(`${tree}.tar`, "x.tar");
  fileSystemConformance("tar", {
    open: async () => tarFileSystem(await readTar(file.source), "x.tar"),
    links: true,
  });
}
