import { copyFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ByteSource, memorySource } from "../../src/disk/bytes/byte-source.ts";
import { crc32c } from "../../src/disk/bytes/crc32c.ts";
import { btrfs } from "../../src/disk/filesystems/btrfs/index.ts";
import { isReadError } from "../../src/errors.ts";
import { writeConformanceFiles } from "../conformance/file-system.ts";
import { BTRFS_NEEDS, makeBtrfs, sample, writeSubvolumes } from "../support/btrfs.ts";
import { digestTree } from "../support/digests.ts";
import { run, scratch } from "../support/images.ts";
import type { FuzzSeed, FuzzTarget } from "./target.ts";

const SUPERBLOCK_OFFSET = 65_536;
const BLOCK_BYTES = 4096;
/** Superblock and nodes have the UUID at the same place. */
const UUID_OFFSET = 32;
const UUID_BYTES = 16;

/** Reads a mutant as it is and, so that changes get past the checksums, once more with these put right. */
export const target: FuzzTarget = {
  name: "btrfs",
  needs: BTRFS_NEEDS,
  seeds: () => Promise.all(["zlib", "lzo", "zstd"].map(seed)),
  async read(source) {
    const [plain] = await Promise.all([attempt(source), attempt(sealed(source))]);
    if (plain) throw plain;
  },
  readsMax: 100_000,
};

async function attempt(source: ByteSource): Promise<unknown> {
  try {
    const fs = await btrfs.open(source);
    await digestTree(fs);
    await fs.subvolumes?.list();
    await digestTree((await fs.subvolumes?.open("@/.snapshots/1")) ?? fs);
    return undefined;
  } catch (error) {
    if (!isReadError(error)) throw error;
    return error;
  }
}

/** The smallest Btrfs there is: data and metadata mixed, nodes of one sector. */
async function seed(compression: string): Promise<FuzzSeed> {
  const folder = scratch("fuzz-btrfs");
  const image = join(folder, "image");
  await makeBtrfs(
    image,
    join(folder, "mount"),
    {
      size: "16M",
      mkfs: ["--mixed", "-m", "single", "-d", "single", "-n", `${BLOCK_BYTES}`],
      mount: `compress-force=${compression}`,
    },
    async (mount) => {
      await writeConformanceFiles(mount, true);
      for (let i = 0; i < 40; i++) mkdirSync(join(mount, `folder-${"x".repeat(i)}`));
      for (const size of [500, 9000, 200_000]) writeFileSync(join(mount, `${size}`), sample(size, size));
      writeSubvolumes(mount);
      run("sync", ["-f", mount]);
      // A log tree.
      for (const name of ["500", "9000", "logged"]) {
        writeFileSync(join(mount, name), "logged");
        linkSync(join(mount, name), join(mount, `${name}-linked`));
        run("sync", [join(mount, name)]);
      }
      copyFileSync(image, `${image}.dirty`);
    },
  );
  const bytes = new Uint8Array(readFileSync(compression === "zlib" ? `${image}.dirty` : image));
  const uuid = await uuidOf(memorySource(bytes, "seed"));
  const hot: [number, number][] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES)
    if (isNode(bytes.subarray(at, at + BLOCK_BYTES), uuid)) hot.push([at, at + BLOCK_BYTES]);
  return { name: `mixed, ${compression}`, bytes, hot };
}

async function uuidOf(source: ByteSource): Promise<Uint8Array> {
  const at = SUPERBLOCK_OFFSET + UUID_OFFSET;
  return source.size < at + UUID_BYTES ? new Uint8Array(UUID_BYTES) : source.read(at, UUID_BYTES);
}

function isNode(block: Uint8Array, uuid: Uint8Array): boolean {
  return block.length === BLOCK_BYTES && uuid.every((byte, i) => block[UUID_OFFSET + i] === byte);
}

function sealed(inner: ByteSource): ByteSource {
  return {
    size: inner.size,
    label: inner.label,
    async read(offset, length, signal) {
      const bytes = new Uint8Array(await inner.read(offset, length, signal));
      if (isNode(bytes, await uuidOf(inner)))
        new DataView(bytes.buffer).setUint32(0, crc32c(bytes.subarray(UUID_OFFSET)), true);
      return bytes;
    },
  };
}
