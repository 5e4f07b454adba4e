import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";
import { REMOTE_SYMLINK, verifyBlock } from "./checksum.ts";
import { bytesOf } from "./content.ts";
import { extentMap } from "./extents.ts";
import type { Inode } from "./inode.ts";
import type { XfsVolume } from "./volume.ts";

const TARGET_MAX_BYTES = 1024;
const HEADER_BYTES = 56;

/** The target's bytes. Source: XFS Algorithms & Data Structures, "Symbolic Links". */
export async function linkTarget(volume: XfsVolume, inode: Inode): Promise<Uint8Array> {
  const { sizeBytes, fork, format, number } = inode;
  const wrong = (what: string): Error => corrupt(volume.label, `link of inode ${number}: ${what}`, fork.base);
  if (sizeBytes === 0 || sizeBytes > TARGET_MAX_BYTES) throw wrong(`${sizeBytes} bytes`);
  if (format === "local") {
    if (sizeBytes > fork.length) throw wrong(`${sizeBytes} bytes in a fork of ${fork.length}`);
    return fork.slice(0, sizeBytes);
  }
  const { blockBytes, version } = volume.superblock;
  const headerBytes = version === 5 ? HEADER_BYTES : 0;
  const blocks = Math.ceil(sizeBytes / (blockBytes - headerBytes));
  if (headerBytes === 0) return bytesOf(volume, inode, sizeBytes, volume.label).read(0, sizeBytes);
  const runs = await extentMap(volume, inode)(0, blocks);

  // Each extent is one buffer with one header, however many blocks it has.
  const pieces = await Promise.all(
    runs.map(async ({ physical, length }) => {
      if (physical === undefined) throw wrong("has a hole");
      const offset = physical * blockBytes;
      return new View(await volume.source.read(offset, length * blockBytes), volume.label, offset);
    }),
  );
  const target = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    const bytes = piece.u32be(8);
    if (!piece.is(0, "XSLM")) throw wrong("bad magic");
    verifyBlock(piece, volume.superblock, REMOTE_SYMLINK, { what: "link", inode: number });
    if (piece.u32be(4) !== at || at + bytes > sizeBytes) throw wrong(`${bytes} bytes at ${piece.u32be(4)}`);
    target.set(piece.slice(HEADER_BYTES, bytes), at);
    at += bytes;
  }
  if (at !== sizeBytes) throw wrong(`${at} of ${sizeBytes} bytes`);
  return target;
}
