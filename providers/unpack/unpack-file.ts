import { createHash } from "node:crypto";
import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { corrupt } from "../../src/errors.ts";
import type { ProviderContext } from "../contract.ts";
import type { OpenFile } from "../file-source.ts";
import { decompressed, type Packing, pieces } from "./decompress.ts";
import { SPOOL_MAX_BYTES, spool } from "./spool.ts";

/**
 * Unpacks a compressed file to a temporary one. With `sha256` (hex) the packed bytes have to have that digest.
 * @throws corrupt, unsupported, limit, access
 */
export async function unpackFile(
  source: ByteSource,
  packing: Packing,
  context: ProviderContext,
  sha256?: string,
): Promise<OpenFile> {
  const label = `${source.label} > ${packing}`;
  const { signal, onSpool, spoolMaxBytes } = context;
  const hash = sha256 === undefined ? undefined : createHash("sha256");
  const packed = pieces(source, signal, (piece) => hash?.update(piece));
  const file = await spool(decompressed(packed, packing, label), {
    label,
    maxBytes: spoolMaxBytes ?? SPOOL_MAX_BYTES,
    signal,
    onProgress: onSpool && ((bytes) => onSpool(source.label, bytes)),
  });
  const digest = hash?.digest("hex");
  if (digest === sha256) return file;
  await file.close();
  throw corrupt(source.label, `SHA-256 is ${digest}, not ${sha256} as its name says`);
}
