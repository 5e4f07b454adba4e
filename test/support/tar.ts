/** One member of a crafted archive; `data` is what stands behind its header. */
export interface CraftedMember {
  readonly path: string;
  readonly type?: string;
  readonly linkPath?: string;
  readonly data?: string | Uint8Array;
  /** What the header claims instead of the data's length, as it stands in the field. */
  readonly sizeField?: string;
  readonly mode?: number;
  /** For members of type S. */
  readonly sparse?: {
    readonly pieces: readonly (readonly [offset: number, length: number])[];
    readonly realSize: number;
  };
}

const BLOCK = 512;

/** An archive of these members, byte by byte as they are given: nothing is checked. */
export function craftTar(members: readonly CraftedMember[]): Uint8Array<ArrayBuffer> {
  const parts = members.flatMap((member) => {
    const data = Buffer.from(member.data ?? "");
    const header = Buffer.alloc(BLOCK);
    header.write(member.path.slice(0, 100), 0, "latin1");
    header.write((member.mode ?? 0o644).toString(8).padStart(7, "0"), 100);
    header.write("0000000", 108);
    header.write("0000000", 116);
    header.write(member.sizeField ?? data.length.toString(8).padStart(11, "0"), 124, "latin1");
    header.write("00000000000", 136);
    header.write(member.type ?? "0", 156);
    header.write((member.linkPath ?? "").slice(0, 100), 157, "latin1");
    header.write(member.sparse ? "ustar  \0" : "ustar\x0000", 257, "latin1");
    for (const [i, [offset, length]] of (member.sparse?.pieces ?? []).entries()) {
      header.write(offset.toString(8).padStart(11, "0"), 386 + i * 24);
      header.write(length.toString(8).padStart(11, "0"), 398 + i * 24);
    }
    if (member.sparse) header.write(member.sparse.realSize.toString(8).padStart(11, "0"), 483);
    return [header, data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)];
  });
  const bytes = Uint8Array.from(Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]));
  sealTar(bytes);
  return bytes;
}

/** Puts the checksum of every block right that looks like a header. */
export function sealTar(bytes: Uint8Array): void {
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const block = Buffer.from(bytes.buffer, bytes.byteOffset + at, BLOCK);
    if (block.toString("latin1", 257, 262) !== "ustar") continue;
    block.write("        ", 148);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
}

/** An archive of one text file, as text. */
export function tarOf(path: string, data: string): string {
  return Buffer.from(craftTar([{ path, data }])).toString("utf8");
}
