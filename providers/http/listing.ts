import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import type { ProviderContext } from "../contract.ts";
import { checksumImages } from "./checksums.ts";
import { FOLDER_LISTS, optional, text } from "./lists.ts";
import { shown } from "./names.ts";
import { indexPaths, productImages } from "./simplestreams.ts";

const FILES_MAX = 64;

/** The images that a listing names, newest first. Nothing of the images is fetched. @throws access, limit */
export async function listImages(url: URL, context: ProviderContext): Promise<readonly ImageRef[]> {
  const images = url.pathname.endsWith(".json")
    ? await simplestreams(url, context)
    : url.pathname.endsWith("/")
      ? await folder(url, context)
      : checksumImages(await text(url, context), url);
  if (images.length === 0)
    throw new ScanError("access", "the listing names no disk images", { at: [shown(url)] });
  const dated = (image: ImageRef): string => image.date ?? "";
  return images.toSorted((a, b) =>
    dated(a) === dated(b) ? (a.name < b.name ? -1 : 1) : dated(a) > dated(b) ? -1 : 1,
  );
}

/** The first list of checksums that a folder has. */
async function folder(url: URL, context: ProviderContext): Promise<readonly ImageRef[]> {
  for (const name of FOLDER_LISTS) {
    const list = new URL(name, url);
    const found = await optional(text(list, context));
    if (found !== undefined) return checksumImages(found, list);
  }
  throw new ScanError("access", `a folder without ${FOLDER_LISTS.join(", ")}: name the file of an image`, {
    at: [shown(url)],
  });
}

async function simplestreams(url: URL, context: ProviderContext): Promise<readonly ImageRef[]> {
  const index = parse(await text(url, context), url);
  const base = new URL(url.pathname.replace(/streams\/v1\/[^/]*$/, ""), url);
  const paths = indexPaths(index);
  if (!paths) return productImages(index, base);
  if (paths.length > FILES_MAX)
    throw new ScanError("limit", `an index of ${paths.length} files`, { at: [shown(url)] });
  const files = paths.map((path) => inside(path, base));
  const texts = await Promise.all(files.map((file) => text(file, context)));
  return texts.flatMap((one, at) => productImages(parse(one, files[at] ?? base), base));
}

/** What a listing names lies on the same server. */
function inside(path: string, base: URL): URL {
  const url = URL.parse(path, base.href);
  if (!url || url.origin !== base.origin)
    throw new ScanError("access", "the listing names a file on another server", { at: [shown(base)] });
  return url;
}

function parse(json: string, url: URL): unknown {
  try {
    const parsed: unknown = JSON.parse(json);
    return parsed;
  } catch {
    throw new ScanError("access", "the listing is no JSON", { at: [shown(url)] });
  }
}
