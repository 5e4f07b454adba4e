import { createHash } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { file } from "../../providers/file/index.ts";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { newCost } from "../../src/disk/bytes/counted.ts";
import { type Disk, fileSystemNamed } from "../../src/disk/disk.ts";
import { Tree } from "../../src/disk/filesystems/tree.ts";
import { isReadError, ScanError } from "../../src/errors.ts";
import { withView } from "../../src/scan/view.ts";

/** One image of the manifest, as far as it is compared. */
export interface Entry {
  readonly path: string;
  readonly container: string;
  /** `p1/lvm:vg/lv:ext4`, `whole:vfat`. */
  readonly filesystems: readonly string[];
  readonly files: readonly {
    readonly volume?: string | undefined;
    readonly path: string;
    readonly size: number;
    readonly sha256: string | null;
  }[];
  readonly notes?: string | undefined;
}

export const MANIFEST: z.ZodType<readonly Entry[]> = z.array(
  z.object({
    path: z.string(),
    container: z.string(),
    filesystems: z.array(z.string()),
    files: z.array(
      z.object({
        volume: z.string().optional(),
        path: z.string(),
        size: z.number(),
        sha256: z.string().nullable(),
      }),
    ),
    notes: z.string().optional(),
  }),
);

/** What became of one image. */
export interface Outcome {
  /** Files whose size and SHA-256 are the manifest's. */
  readonly equal: number;
  /** What was refused, each with its clear error. */
  readonly refused: readonly string[];
  /** What differs from the manifest, or was left out without a word. */
  readonly wrong: readonly string[];
}

/** How the Sleuth Kit lists a FAT's label, which is no file. */
const SLEUTH_KIT_LABEL = "(Volume Label Entry)";
const CHUNK_BYTES = 1 << 20;

/** Compares one image with what the manifest says of it. */
export async function checkImage(entry: Entry, path: string): Promise<Outcome> {
  const image = { provider: "file", id: path, name: basename(path), family: "corpus" };
  const options = { signal: undefined, cost: newCost() };
  try {
    return await withView(
      image,
      () => file.open(image, {}),
      options,
      async ({ disk }) =>
        disk ? compare(entry, disk) : { equal: 0, refused: [], wrong: ["opened as a folder"] },
    );
  } catch (error) {
    if (!isReadError(error)) throw error;
    return { equal: 0, refused: [error.line], wrong: [] };
  }
}

async function compare(entry: Entry, disk: Disk): Promise<Outcome> {
  const wrong: string[] = [];
  const refused = new Set<string>();
  let equal = 0;
  for (const { content } of disk.volumes) if (content.kind === "unread") refused.add(content.error.line);
  for (const named of entry.filesystems) {
    const [where, type] = splitLast(named);
    const volume = disk.volumes.find(({ name, aliases }) => name === where || aliases?.includes(where));
    if (!volume)
      wrong.push(`${where}: no such volume; there are ${disk.volumes.map(({ name }) => name).join(", ")}`);
    else if (volume.content.kind === "filesystem" && volume.content.fs.type !== type && type !== "None")
      wrong.push(`${where}: ${volume.content.fs.type}, the manifest says ${type}`);
  }
  const trees = new Map<string, Tree>();
  for (const { volume = "whole", path, size, sha256 } of entry.files) {
    if (path.endsWith(SLEUTH_KIT_LABEL)) continue;
    try {
      const tree = trees.get(volume) ?? treeOf(disk, volume);
      trees.set(volume, tree);
      const difference = await differs(tree, path, size, sha256);
      if (difference === undefined) equal++;
      else wrong.push(`${volume}:${path}: ${difference}`);
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      if (error.code === "usage") wrong.push(`${volume}:${path}: ${error.line}`);
      else refused.add(error.line);
    }
  }
  return { equal, refused: [...refused], wrong };
}

function treeOf(disk: Disk, volume: string): Tree {
  const { fs, locator } = fileSystemNamed(disk, volume);
  return new Tree([{ path: "/", locator, fs }]);
}

/** What is not as the manifest has it. Without a digest there, the size alone is compared. */
async function differs(
  tree: Tree,
  path: string,
  size: number,
  sha256: string | null,
): Promise<string | undefined> {
  const located = await tree.resolve(path, { followLast: false });
  if (located.state === "unreadable") throw located.error;
  if (located.state === "absent") return "is absent";
  const { node } = located;
  if (node.sizeBytes !== size) return `${node.sizeBytes} bytes, the manifest says ${size}`;
  if (sha256 === null || node.type !== "file") return undefined;
  const digest = await sha256Of(await node.content());
  return digest === sha256 ? undefined : `SHA-256 ${digest}, the manifest says ${sha256}`;
}

async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash("sha256");
  for (let at = 0; at < source.size; at += CHUNK_BYTES)
    hash.update(await source.read(at, Math.min(CHUNK_BYTES, source.size - at)));
  return hash.digest("hex");
}

/** `p1/lvm:vg/lv:ext4` to its volume and its type. */
function splitLast(named: string): readonly [string, string] {
  const at = named.lastIndexOf(":");
  return at < 0 ? ["whole", named] : [named.slice(0, at), named.slice(at + 1)];
}
