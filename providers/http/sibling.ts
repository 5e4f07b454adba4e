import { ScanError } from "../../src/errors.ts";
import type { ProviderContext } from "../contract.ts";
import { type Digest, parseDigest } from "../unpack/digest.ts";
import { checksumLines } from "./checksums.ts";
import { FOLDER_LISTS, optional, text } from "./lists.ts";

/**
 * The digest of an image that was named by its address: from the list of checksums that lies beside it, on the same
 * server. The address's query stays out of it: it may be a secret, and is the image's own.
 * @throws usage when no list names the image
 */
export async function siblingDigest(url: URL, context: ProviderContext): Promise<Digest> {
  const file = url.pathname.split("/").at(-1) ?? "";
  const name = decodeName(file);
  const lists = [...FOLDER_LISTS, `${file}.sha256`, `${file}.CHECKSUM`];
  const seen: string[] = [];
  for (const list of lists) {
    const place = new URL(list, `${url.origin}${url.pathname}`);
    const found = await optional(text(place, context, true));
    if (found === undefined) continue;
    const digests = new Set(
      checksumLines(found).flatMap((line) => (line.name === name ? [line.digest] : [])),
    );
    const [digest] = digests;
    const parsed = digest === undefined ? undefined : parseDigest(digest);
    // One of each algorithm may stand there, two of one may not.
    if (parsed && [...digests].filter((one) => one.startsWith(`${parsed.algorithm}:`)).length > 1)
      throw new ScanError(
        "access",
        `${list} names the image with two digests: give the right one with --digest`,
        {
          at: [`${url.origin}${url.pathname}`],
        },
      );
    if (parsed) return parsed;
    seen.push(list);
  }
  const why =
    seen.length === 0
      ? `none of ${lists.join(", ")} lies beside it`
      : `${seen.join(", ")} beside it ${seen.length === 1 ? "does" : "do"} not name it`;
  throw new ScanError(
    "usage",
    `--verify-digest needs to know the digest, and ${why}: give it with --digest`,
    {
      at: [`${url.origin}${url.pathname}`],
    },
  );
}

function decodeName(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
