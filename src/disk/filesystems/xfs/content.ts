import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import { type ByteSource, checkRange } from "../../bytes/byte-source.ts";
import { extentMap } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { Run } from "./mapping.ts";
import type { XfsVolume } from "./volume.ts";

/** One read larger than this is refused, before memory for it is: sizes are as untrusted as all else. */
const READ_MAX_BYTES = 2 ** 31;

/** The bytes of a file. Holes and unwritten extents read as zeros. */
export function contentOf(volume: XfsVolume, inode: Inode): ByteSource {
  const label = `${volume.label} > inode ${inode.number}`;
  if (inode.realtime) throw unsupported(label, "XFS real-time file: its data lies on the real-time device");
  if (inode.format === "local" || inode.format === "device")
    throw corrupt(label, `file with a data fork of format ${inode.format}`, inode.fork.base);
  const map = extentMap(volume, inode);
  const { blockBytes } = volume.superblock;
  const source: ByteSource = {
    size: inode.sizeBytes,
    label,
    async read(offset, length, signal) {
      signal?.throwIfAborted();
      checkRange(source, offset, length);
      if (length === 0) return new Uint8Array();
      if (length > READ_MAX_BYTES) throw limitReached(label, `read of ${length} bytes at once`, offset);
      const runs = await map(Math.floor(offset / blockBytes), Math.ceil((offset + length) / blockBytes));
      return readRuns(volume, runs, offset, length, signal);
    },
  };
  return source;
}

/** The file's bytes `offset .. offset+length`, which `runs` cover. All reads go out together. */
export async function readRuns(
  volume: XfsVolume,
  runs: readonly Run[],
  offset: number,
  length: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { blockBytes } = volume.superblock;
  const bytes = new Uint8Array(length);
  await Promise.all(
    runs.map(async ({ logical, length: blocks, physical, unwritten }) => {
      if (physical === undefined || unwritten) return;
      const start = Math.max(offset, logical * blockBytes);
      const end = Math.min(offset + length, (logical + blocks) * blockBytes);
      const at = physical * blockBytes + (start - logical * blockBytes);
      bytes.set(await volume.source.read(at, end - start, signal), start - offset);
    }),
  );
  return bytes;
}
