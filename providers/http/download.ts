import { createHash } from "node:crypto";
import type { ProviderContext } from "../contract.ts";
import type { OpenFile } from "../file-source.ts";
import { type HttpClient, TryAgain } from "../ranges/client.ts";
import { checkEncoding, contentLength, pieces } from "../ranges/remote-file.ts";
import { type Digest, wrongDigest } from "../unpack/digest.ts";
import { SPOOL_MAX_BYTES, spool } from "../unpack/spool.ts";

/**
 * Fetches a whole file to a temporary one. A connection that breaks means starting again: servers that are asked for
 * this often cannot do otherwise. With `digest` the bytes have to have it.
 * @throws access, limit, corrupt
 */
export function download(
  client: HttpClient,
  label: string,
  context: ProviderContext,
  digest: Digest | undefined,
): Promise<OpenFile> {
  const { signal, onSpool, spoolMaxBytes } = context;
  return client.get({}, async (reply) => {
    checkEncoding(reply, label);
    const length = contentLength(reply);
    const hash = digest && createHash(digest.algorithm);
    async function* whole(): AsyncGenerator<Uint8Array> {
      let have = 0;
      for await (const piece of pieces(reply)) {
        hash?.update(piece);
        have += piece.length;
        yield piece;
      }
      if (length !== undefined && have !== length)
        throw new TryAgain(`the connection ended after ${have} of ${length} bytes`);
    }
    const file = await spool(whole(), {
      label,
      maxBytes: spoolMaxBytes ?? SPOOL_MAX_BYTES,
      signal,
      onProgress: onSpool && ((bytes) => onSpool(label, bytes)),
    });
    if (!digest || hash?.digest("hex") === digest.hex) return file;
    await file.close();
    throw wrongDigest(label, digest);
  });
}
