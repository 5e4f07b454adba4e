import { ScanError } from "../../src/errors.ts";
import type { ProviderContext } from "../contract.ts";
import { HttpClient } from "../ranges/client.ts";
import { pieces } from "../ranges/remote-file.ts";
import { shown } from "./names.ts";

const TEXT_MAX_BYTES = 64 << 20;

/** What the lists of checksums of a folder are called: Debian and Ubuntu; Debian; Fedora, Alma and Rocky. */
export const FOLDER_LISTS: readonly string[] = ["SHA256SUMS", "SHA512SUMS", "CHECKSUM"];

/** A text file whole. With `sameOrigin`, a redirect to another server is refused. @throws access, limit */
export async function text(url: URL, context: ProviderContext, sameOrigin = false): Promise<string> {
  const client = new HttpClient(url, shown(url), { signal: context.signal });
  try {
    return await client.get({}, async (reply) => {
      if (sameOrigin && client.address.origin !== url.origin)
        throw new ScanError("access", `the server redirects to another one, ${client.address.host}`, {
          at: [shown(url)],
        });
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of pieces(reply)) {
        bytes += piece.length;
        if (bytes > TEXT_MAX_BYTES)
          throw new ScanError("limit", `a listing of more than ${TEXT_MAX_BYTES} bytes`, {
            at: [shown(url)],
          });
        parts.push(piece);
      }
      return Buffer.concat(parts).toString("utf8");
    });
  } finally {
    client.close();
  }
}

/** Undefined for a file that the server does not have, or shows to nobody. */
export async function optional<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof ScanError && /answers (404|403|410)/.test(error.message)) return undefined;
    throw error;
  }
}
