import { assembled } from "../../bytes/assembled.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { FileSystem } from "../driver.ts";
import { type TarEntry, tarEntries } from "./archive.ts";
import { isWhiteout, TreeBuilder } from "./builder.ts";

export { isTar, type TarEntry } from "./archive.ts";

/** Every member of an archive, in order. @throws corrupt, limit */
export function readTar(archive: ByteSource): Promise<readonly TarEntry[]> {
  return Array.fromAsync(tarEntries(archive));
}

/** The bytes of a member that is a file: a view into the archive, holes of sparse members put back. */
export function memberContent(entry: TarEntry, label: string): ByteSource {
  return assembled(entry.extents, entry.size, label);
}

/** The tree that the members of an archive make. Files are read from the archive when asked for. @throws limit */
export function tarFileSystem(entries: readonly TarEntry[], label: string): FileSystem {
  const builder = new TreeBuilder(label);
  for (const entry of entries) builder.add(entry);
  return builder.fileSystem("tar");
}

/**
 * The tree of a container image: its layers in order, each taking away from and adding to those before.
 * @throws corrupt, limit
 */
export async function layeredFileSystem(
  layers: readonly ByteSource[],
  label: string,
  notes: readonly string[],
): Promise<FileSystem> {
  const builder = new TreeBuilder(label);
  for (const layer of layers) {
    const entries = await readTar(layer);
    builder.remove(entries);
    for (const entry of entries) if (!isWhiteout(entry)) builder.add(entry);
  }
  return builder.fileSystem("oci", notes);
}
