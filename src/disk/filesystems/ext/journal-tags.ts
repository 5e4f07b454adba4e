import type { View } from "../../bytes/view.ts";

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
  { wide, checksums }: { readonly wide: boolean; readonly checksums: "none" | "v2" | "v3" },
): readonly Tag[] {
  const tagBytes = checksums === "v3" ? 16 : 8 + (checksums === "v2" ? 2 : 0) + (wide ? 4 : 0);
  const end = view.length - (checksums === "none" ? 0 : 4);
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
