import type { ByteSource } from "./byte-source.ts";

/** Something that is recognised by its signature and not read: what it is, why not, and what to do. */
export interface Recognised {
  /** As `blkid` or `file` names it: `crypto_LUKS`, `swap`, `gzip`. */
  readonly name: string;
  readonly reason: string;
  /** False for what never holds files (swap, an empty partition): nothing is missed by not reading it. */
  readonly holdsFiles: boolean;
}

export interface Signature extends Recognised {
  /** True when the bytes carry the signature. Never throws for content. */
  probe(source: ByteSource): Promise<boolean>;
}

/** The bytes `offset .. offset+length`, or undefined when the source does not reach that far. */
export async function peek(
  source: ByteSource,
  offset: number,
  length: number,
): Promise<Uint8Array | undefined> {
  return offset < 0 || offset + length > source.size ? undefined : source.read(offset, length);
}

/** True when the Latin-1 text `magic` stands at `offset`. */
export async function has(source: ByteSource, offset: number, magic: string): Promise<boolean> {
  const bytes = await peek(source, offset, magic.length);
  return bytes?.every((byte, i) => byte === magic.charCodeAt(i)) ?? false;
}

/** The first in the table's order whose probe says yes. The probes run side by side. */
export async function firstRecognised(
  table: readonly Signature[],
  source: ByteSource,
): Promise<Recognised | undefined> {
  const answers = await Promise.all(table.map((one) => one.probe(source)));
  const found = table.find((_, index) => answers[index]);
  return found && { name: found.name, reason: found.reason, holdsFiles: found.holdsFiles };
}
