import type { Stats } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { limitReached, ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ImageProvider, OpenImage, ProviderContext } from "../contract.ts";
import { cannotOpen, codeOf, type OpenFile, openFile, refuseOthers, statOf } from "../file-source.ts";
import { unpack, unpackLayout } from "../unpack/unpack.ts";
import { folderFileSystem } from "./folder.ts";
import { refOf } from "./ref.ts";

/**
 * Whole sectors of what is asked for, and no more; but reads are fewer than the places asked for: what lies near,
 * and often is wanted next, comes with them. Measured on a Debian image: 49 reads of 339 KiB with blocks of 4 KiB.
 */
const READING = { blockBytes: 512, gapMaxBytes: 16 << 10 };

/** Image files and root file systems that lie on this machine. */
export const file: ImageProvider = {
  id: "file",

  async *list(path) {
    if (!GLOB.test(path) || (await exists(path))) {
      yield refOf(path);
      return;
    }
    const found = await Array.fromAsync(glob(path));
    // What matches nothing is a target that cannot be opened: said once, by `open`.
    if (found.length === 0) yield refOf(path);
    for (const one of found.toSorted()) yield refOf(one);
  },

  async describe(image) {
    const stats = await statsOf(image.id);
    return stats.isFile() ? { ...image, sizeBytes: stats.size } : image;
  },

  async mark(image) {
    return (await import("./mark.ts")).markFile(image.id);
  },

  async open(image, context) {
    const stats = await statsOf(image.id);
    if (stats.isDirectory()) return openFolder(image, context);
    refuseOthers(stats, image.id);
    return BUNDLE.test(image.id) ? openBundle(image.id, stats.size) : openDiskFile(image, context);
  },
};

const GLOB = /[*?[{]/;

/** What stands at a path that the user named. @throws access */
async function statsOf(path: string): Promise<Stats> {
  try {
    return await statOf(path);
  } catch (error) {
    const cannot = await cannotOpen(error, path);
    if (!GLOB.test(path) || codeOf(error) !== "ENOENT") throw cannot;
    throw new ScanError("access", "nothing matches: check the path and the pattern", { at: [path] });
  }
}

/** What `sixray extract` calls its evidence bundles. */
const BUNDLE = /\.sixray\.tar\.gz$/i;

async function openBundle(path: string, sizeBytes: number): Promise<OpenImage> {
  const { BUNDLE_BYTES_MAX, readBundle } = await import("../../src/bundle/read.ts");
  if (sizeBytes > BUNDLE_BYTES_MAX) throw limitReached(path, "larger than any evidence bundle: 64 MiB");
  const bytes = await readFile(path).catch(async (error: unknown) => {
    throw await cannotOpen(error, path);
  });
  const { extract } = await readBundle(bytes, path);
  return { target: { kind: "evidence", extract }, close: () => Promise.resolve() };
}

async function openFolder(image: ImageRef, context: ProviderContext): Promise<OpenImage> {
  const folder = resolve(image.id);
  const fs = folderFileSystem(folder);
  if (await exists(join(folder, "oci-layout"))) return unpackLayout(fs, image.id, context);
  return { target: { kind: "files", fs, locator: image.id }, close: () => Promise.resolve() };
}

async function openDiskFile(image: ImageRef, context: ProviderContext): Promise<OpenImage> {
  const opened: OpenFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.close()));
  };
  try {
    const disk = await openFile(image.id, image.id);
    opened.push(disk);
    if (context.digest) {
      const { checkDigest } = await import("../unpack/digest.ts");
      await checkDigest(disk.source, context.digest, context.signal);
    }
    const byName = new Map<string, ByteSource>();
    for (const path of context.companions ?? []) {
      const companion = await openFile(path, path);
      opened.push(companion);
      const name = basename(path);
      if (byName.has(name))
        throw new ScanError("usage", `two companions are named ${name}: images know them by that name`);
      byName.set(name, companion.source);
    }
    const packed = { source: disk.source, companions: { byName }, reading: READING };
    const unpacked = await unpack(packed, context);
    return {
      target: unpacked.target,
      close: async () => {
        await unpacked.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return statOf(path).then(
    () => true,
    () => false,
  );
}
