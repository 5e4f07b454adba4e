import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import type { Companions } from "../../src/disk/bytes/format.ts";
import type { FileSystem } from "../../src/disk/filesystems/driver.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import type { Reading, Target } from "../../src/disk/target.ts";
import { limitReached } from "../../src/errors.ts";
import type { OpenImage, ProviderContext } from "../contract.ts";
import { type Packing, packingOf } from "./decompress.ts";

/** What a provider reached: bytes that are a disk, or that a disk or files are packed in. */
export interface Packed {
  readonly source: ByteSource;
  readonly companions?: Companions;
  readonly reading: Reading;
}

const FRONT_BYTES = 512;
const DEPTH_MAX = 4;

/** What an archive turned out to hold: something to look at in its turn, or files. */
export type Held =
  | { readonly kind: "file"; readonly source: ByteSource; readonly notes: readonly string[] }
  | { readonly kind: "files"; readonly fs: FileSystem; readonly notes: readonly string[] };

/**
 * Opens bytes down to a disk or a tree of files: compressed files are unpacked to temporary files, archives are read
 * in place. What is neither is the disk. Nothing is loaded for plain disks. `close` removes what was made.
 */
export async function unpack(packed: Packed, context: ProviderContext): Promise<OpenImage> {
  return withSpools(context, (unpacked) => open(packed, context, unpacked));
}

/** Opens a folder that holds a container image as an OCI layout. */
export async function unpackLayout(
  fs: FileSystem,
  label: string,
  context: ProviderContext,
): Promise<OpenImage> {
  const { openContainerImage } = await import("./container-image.ts");
  const tree = new Tree([{ path: "/", locator: label, fs }]);
  return withSpools(context, async (unpacked) => ({
    ...(await openContainerImage(tree, label, unpacked)),
    locator: label,
  }));
}

/** Lets `use` unpack files; what it unpacked stays until the image is closed, or goes at once when it fails. */
async function withSpools(
  context: ProviderContext,
  use: (unpacked: Unpacker) => Promise<Target>,
): Promise<OpenImage> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((one) => one()));
  };
  try {
    const target = await use(async (source, packing, sha256) => {
      const { unpackFile } = await import("./unpack-file.ts");
      const file = await unpackFile(source, packing, context, sha256);
      opened.push(file.close);
      return file.source;
    });
    return { target, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type Unpacker = (source: ByteSource, packing: Packing, sha256?: string) => Promise<ByteSource>;

/** Temporary files answer a small read as fast as a large one. */
const SPOOLED: Reading = { blockBytes: 512, gapMaxBytes: 16 << 10 };

async function open(packed: Packed, context: ProviderContext, unpacked: Unpacker): Promise<Target> {
  let { source, reading } = packed;
  const notes: string[] = [];
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    const front = await source.read(0, Math.min(FRONT_BYTES, source.size), context.signal);
    const packing = packingOf(front);
    if (packing) {
      source = await unpacked(source, packing);
      reading = SPOOLED;
      notes.push(`unpacked from ${packing}: ${source.size} bytes`);
      continue;
    }
    if (!mayBeTar(front)) return diskTarget(packed, source, reading, notes);
    const { openArchive } = await import("./archive.ts");
    const held = await openArchive(source, unpacked, context);
    if (!held) return diskTarget(packed, source, reading, notes);
    notes.push(...held.notes);
    if (held.kind === "files") return { kind: "files", fs: held.fs, locator: source.label, notes };
    source = held.source;
  }
  throw limitReached(packed.source.label, `packed more than ${DEPTH_MAX} times over`);
}

function diskTarget(packed: Packed, source: ByteSource, reading: Reading, notes: readonly string[]): Target {
  const { companions } = packed;
  return { kind: "disk", source, ...(companions ? { companions } : {}), reading, notes };
}

/** A tar header has its checksum in octal digits at 148; what has is looked at more closely. */
function mayBeTar(front: Uint8Array): boolean {
  return (
    front.length === 512 && /^[ 0-7]+[\0 ]/.test(Buffer.from(front.subarray(148, 156)).toString("latin1"))
  );
}
