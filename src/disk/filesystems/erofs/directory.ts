import { corrupt, limitReached } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { compareNames, decodeName } from "../../bytes/names.ts";
import { View } from "../../bytes/view.ts";
import { allOf, DIRECTORY_MAX_BYTES, PIECE_BYTES, WHOLE_BYTES } from "../directory-pieces.ts";
import type { NodeType } from "../driver.ts";
import { entryTypeOf } from "../posix-node.ts";

export interface Dirent {
  readonly name: string;
  readonly type: NodeType | undefined;
  readonly inode: number;
}

const ENTRY_BYTES = 12;

/** Every entry but `.` and `..`. Source: Documentation/filesystems/erofs.rst, "Directories". */
export async function listDirectory(content: ByteSource, blockBytes: number): Promise<readonly Dirent[]> {
  return allOf(pieces(content, blockBytes), content.label);
}

async function* pieces(content: ByteSource, blockBytes: number): AsyncGenerator<readonly Dirent[]> {
  if (content.size > DIRECTORY_MAX_BYTES)
    throw limitReached(content.label, `directory of ${content.size} bytes`);
  const pieceBytes = Math.max(PIECE_BYTES, blockBytes);
  for (let start = 0; start < content.size; start += pieceBytes) {
    const piece = await content.read(start, Math.min(pieceBytes, content.size - start));
    for (let at = 0; at < piece.length; at += blockBytes) {
      const block = new View(piece.subarray(at, at + blockBytes), content.label, start + at);
      yield direntsIn(block).filter(({ name }) => name !== "." && name !== "..");
    }
  }
}

/** Names are sorted through all blocks: of a large directory only the blocks of a binary search are read. */
export async function findDirent(
  content: ByteSource,
  blockBytes: number,
  name: string,
): Promise<Dirent | undefined> {
  if (content.size <= WHOLE_BYTES)
    return (await listDirectory(content, blockBytes)).find((one) => one.name === name);
  let low = 0;
  let high = Math.ceil(content.size / blockBytes) - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = middle * blockBytes;
    const bytes = await content.read(at, Math.min(blockBytes, content.size - at));
    const dirents = direntsIn(new View(bytes, content.label, at));
    const [first] = dirents;
    const last = dirents.at(-1);
    if (!first || !last) throw corrupt(content.label, "directory block without entries", at);
    if (compareNames(name, first.name) < 0) high = middle - 1;
    else if (compareNames(name, last.name) > 0) low = middle + 1;
    else return dirents.find((one) => one.name === name);
  }
  return undefined;
}

function direntsIn(view: View): readonly Dirent[] {
  const { label, base } = view;
  const namesAt = view.u16le(8);
  const count = namesAt / ENTRY_BYTES;
  if (namesAt === 0 || !Number.isInteger(count)) throw corrupt(label, `directory names at ${namesAt}`, base);
  const dirents: Dirent[] = [];
  for (let i = 0; i < count; i++) {
    const at = i * ENTRY_BYTES;
    const from = view.u16le(at + 8);
    const to = i + 1 < count ? view.u16le(at + ENTRY_BYTES + 8) : view.length;
    if (from < namesAt || to <= from) throw corrupt(label, `directory name from ${from} to ${to}`, base + at);
    const raw = view.slice(from, to - from);
    const end = i + 1 < count ? -1 : raw.indexOf(0);
    dirents.push({
      name: decodeName(end < 0 ? raw : raw.subarray(0, end)),
      type: entryTypeOf(view.u8(at + 10)),
      inode: view.u64le(at),
    });
  }
  return dirents;
}
