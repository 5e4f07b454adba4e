import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Companions } from "../../src/disk/bytes/format.ts";
import { qcow2 } from "../../src/disk/containers/qcow2/qcow2.ts";
import { checkImage, fileSource, makeMaterial } from "../support/disks.ts";
import { corpusArchive, missing, run, scratch } from "../support/images.ts";

const why = missing("qemu-img", "qemu-io");
const folder = scratch("qcow2");
const MIB = 1 << 20;

function check(path: string, companions?: Companions): Promise<readonly string[]> {
  return checkImage(qcow2, path, companions);
}

const SCATTERED = [
  "write -P 0x11 0 3000",
  "write -P 0x22 70000 200000",
  "write -z 128k 80k",
  "write -P 0x33 1M 64k",
  "write -z 1088k 300k",
  "write -P 0x44 1100k 3k",
  "write -P 0x55 3M 1537k",
  "discard 3200k 128k",
  "write -z -u 5M 1M",
  "write -P 0x66 6291455 2",
];

function write(path: string, commands: readonly string[]): void {
  run("qemu-io", ["-f", "qcow2", ...commands.flatMap((one) => ["-c", one]), path]);
}

function create(name: string, options: string, size: string | number, extra: readonly string[] = []): string {
  const path = join(folder, name);
  run("qemu-img", ["create", "-q", "-f", "qcow2", "-o", options, ...extra, path, `${size}`]);
  return path;
}

/** The same file for every test. */
function material(): string {
  const path = join(folder, "material.raw");
  return existsSync(path) ? path : makeMaterial(path);
}

const FORMATS = ["512", "1k", "2k", "4k", "16k", "64k", "256k", "2M"].flatMap((cluster) =>
  ["compat=0.10", "compat=1.1"].map((compat) => `${compat},cluster_size=${cluster}`),
);

test
  .skipIf(why)
  .each([
    ...FORMATS,
    "lazy_refcounts=on",
    "refcount_bits=1",
    "refcount_bits=64",
    "extended_l2=on,cluster_size=16k",
    "extended_l2=on,cluster_size=64k",
    "extended_l2=on,cluster_size=2M",
    "preallocation=metadata",
    "preallocation=falloc",
    "preallocation=full",
    "preallocation=metadata,extended_l2=on,cluster_size=128k",
  ])("scattered writes, %s", async (options) => {
  const path = create(`scattered-${options}.qcow2`, options, 9 * MIB + 512 * 3);
  write(
    path,
    SCATTERED.filter((one) => !(options.includes("0.10") && one.includes("-z -u"))),
  );
  await check(path);
});

test
  .skipIf(why)
  .each([
    ...FORMATS.filter((_, i) => i % 3 !== 1),
    "compression_type=zstd",
    "compression_type=zstd,cluster_size=512",
    "compression_type=zstd,cluster_size=2M",
    "compression_type=zstd,extended_l2=on",
    "compression_type=zlib,extended_l2=on,cluster_size=16k",
  ])("compressed, %s", async (options) => {
  const path = join(folder, `compressed-${options}.qcow2`);
  run("qemu-img", ["convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, material(), path]);
  await check(path);
  write(path, ["write -P 0x77 101k 3", "write -P 0x78 6M 100k", "write -z 8M 70k"]);
  await check(path);
});

test.skipIf(why).each(["cluster_size=64k", "cluster_size=512", "cluster_size=2M"])(
  "converted, %s",
  async (options) => {
    const path = join(folder, `converted-${options}.qcow2`);
    run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", "-o", options, material(), path]);
    await check(path);
  },
);

test.skipIf(why)("snapshots do not change what the disk holds", async () => {
  const path = create("snapshots.qcow2", "cluster_size=4k", 4 * MIB);
  write(path, ["write -P 1 0 1M"]);
  run("qemu-img", ["snapshot", "-c", "one", path]);
  write(path, ["write -P 2 512k 1M"]);
  run("qemu-img", ["snapshot", "-c", "two", path]);
  write(path, ["write -z 0 256k"]);
  expect(await check(path)).toContain("2 snapshots (ignored)");
});

test.skipIf(why)("backing files that the user gave, shorter and longer than the disk", async () => {
  const base = create("base.qcow2", "cluster_size=4k", 3 * MIB + 512);
  write(base, ["write -P 7 0 1M", "write -P 8 3M 512"]);
  const middle = create("middle.qcow2", "extended_l2=on", 5 * MIB, ["-b", base, "-F", "qcow2"]);
  write(middle, ["write -P 9 100k 3k", "write -z 700k 5k", "write -P 10 4M 100k"]);
  const top = create("top.qcow2", "cluster_size=64k", 4 * MIB + 3584, ["-b", middle, "-F", "qcow2"]);
  write(top, ["write -P 11 4M 512", "write -z 0 64k"]);
  await expect(check(top)).rejects.toMatchObject({ code: "unsupported" });
  await check(top, {
    byName: new Map([
      ["base.qcow2", await fileSource(base)],
      ["middle.qcow2", await fileSource(middle)],
    ]),
  });
});

/** Cuts out what says of which format the backing file is. */
function undeclare(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.from("e2792aca", "hex"));
  bytes.writeUInt32BE(0x12345678, at);
  writeFileSync(path, bytes);
}

test.skipIf(why).each(["qcow2", "raw", "vmdk", "vdi", "vhdx", "vpc", "qed", "parallels"])(
  "a backing file whose format the image does not say: %s",
  async (format) => {
    const base = join(folder, `undeclared.${format}`);
    const top = join(folder, `over-${format}.qcow2`);
    run("qemu-img", ["convert", "-f", "raw", "-O", format, material(), base]);
    run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", base, "-F", format, top]);
    undeclare(top);
    const seen = run("qemu-img", ["info", "--backing-chain", top]).toString();
    expect(seen.match(/^file format: (\w+)$/gm)?.[1]).toBe(`file format: ${format}`);
    const files = { byName: new Map([[`undeclared.${format}`, await fileSource(base)]]) };
    if (format === "qcow2" || format === "raw") {
      expect(await check(top, files)).toContain(
        `format of the backing file missing: ${format} by its content, as QEMU takes it`,
      );
    } else
      await expect(check(top, files)).rejects.toThrow(
        `backing file of format "${format}", by its content: the image does not say`,
      );
  },
);

test.skipIf(why).each(["off", "on"])("an external data file that the user gave, raw %s", async (isRaw) => {
  const data = join(folder, `external-${isRaw}.data`);
  const path = create(`external-${isRaw}.qcow2`, `data_file=${data},data_file_raw=${isRaw}`, 9 * MIB);
  write(path, SCATTERED);
  await check(path, { byName: new Map([[`external-${isRaw}.data`, await fileSource(data)]]) });
});

test.skipIf(why).each([
  ["encrypt.format=aes", "AES"],
  ["encrypt.format=luks,encrypt.iter-time=10", "LUKS"],
  // On a busy machine qemu-img may fail to time how fast it derives keys, and then makes no LUKS image at all.
])("encryption is refused, %s", { retry: 5 }, async (option, name) => {
  const path = join(folder, `${option}.qcow2`);
  const secret = ["--object", "secret,id=s,data=12345678"];
  const options = ["-o", `${option},encrypt.key-secret=s`];
  run("qemu-img", ["create", "-q", "-f", "qcow2", ...secret, ...options, path, "1M"]);
  await expect(qcow2.open(await fileSource(path))).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining(name),
  });
});

const corpus = corpusArchive();

test.skipIf(why ?? missing("tar", "zstd") ?? (corpus ? undefined : "needs the corpus"))(
  "images of other projects",
  async () => {
    const target = scratch("qcow2-corpus");
    run("tar", ["--zstd", "-xf", corpus?.archive ?? "", "-C", target, "--wildcards", "*.qcow2"]);
    const images = readdirSync(target, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".qcow2"),
    );
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) {
      const path = join(target, image);
      if (image.includes("encrypted"))
        await expect(qcow2.open(await fileSource(path))).rejects.toMatchObject({ code: "unsupported" });
      else await check(path);
    }
  },
);
