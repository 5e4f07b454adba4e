import type { View } from "../../bytes/view.ts";
import type { Journal } from "./journal-superblock.ts";

/** One block of a transaction: where it belongs. */
export interface Tag {
  readonly block: number;
  /** Its first four bytes were the journal's magic and are stored as zeros. */
  readonly escaped: boolean;
  readonly checksum: number;
}

const HEADER_BYTES = 12;
const UUID_BYTES = 16;
const FLAGS = { escaped: 1, sameUuid: 2, last: 8 } as const;

/** The tags of a descriptor block. Source: journal.rst, "Descriptor Block". */
export function parseTags(
  view: View,
  { wide, checksums }: Pick<Journal, "wide" | "checksums">,
): readonly Tag[] {
  const tagBytes = checksums === "v3" ? 16 : 8 + (checksums === "v2" ? 2 : 0) + (wide ? 4 : 0);
  const end = view.length - (checksums === "v2" || checksums === "v3" ? 4 : 0);
  const tags: Tag[] = [];
  for (let at = HEADER_BYTES; at + tagBytes <= end; ) {
    const flags = checksums === "v3" ? view.u32be(at + 4) : view.u16be(at + 6);
    const high = wide ? view.u32be(at + 8) : 0;
    tags.push({
      block: view.u32be(at) + high * 2 ** 32,
      escaped: (flags & FLAGS.escaped) !== 0,
      checksum: checksums === "v3" ? view.u32be(at + 12) : view.u16be(at + 4),
    });
    if ((flags & FLAGS.last) !== 0) break;
    at += tagBytes + ((flags & FLAGS.sameUuid) === 0 ? UUID_BYTES : 0);
  }
  return tags;
}

/** The block numbers of a revocation block. Source: journal.rst, "Revocation Block". */
export function parseRevocations(view: View, { wide }: Pick<Journal, "wide">): readonly number[] {
  const used = Math.min(view.u32be(12), view.length);
  const blocks: number[] = [];
  const bytes = wide ? 8 : 4;
  for (let at = 16; at + bytes <= used; at += bytes) blocks.push(wide ? view.u64be(at) : view.u32be(at));
  return blocks;
}
