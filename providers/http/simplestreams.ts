import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import { dateIn, isImageName, shown } from "./names.ts";

// Source: simplestreams' own documentation (index:1.0 and products:1.0), as Canonical and LXD publish it.

const IMAGES_MAX = 100_000;

/** The files of products that an index names; undefined when the document is no index. */
export function indexPaths(document: unknown): readonly string[] | undefined {
  const index = field(document, "index");
  if (typeof index !== "object" || index === null) return undefined;
  return Object.values(index).flatMap((entry: unknown) => {
    const path = text(entry, "path");
    const type = text(entry, "datatype");
    return path !== undefined && (type === undefined || type === "image-downloads") ? path : [];
  });
}

/** Every disk image and root file system among the products; paths are relative to `base`. @throws limit */
export function productImages(document: unknown, base: URL): readonly ImageRef[] {
  const images: ImageRef[] = [];
  for (const [product, about] of entries(field(document, "products"))) {
    const arch = text(about, "arch");
    for (const [version, { items }] of entries(field(about, "versions")).map(
      ([key, value]) => [key, { items: field(value, "items") }] as const,
    )) {
      for (const [, item] of entries(items)) {
        if (images.length === IMAGES_MAX)
          throw new ScanError("limit", `products of more than ${IMAGES_MAX} images`, { at: [shown(base)] });
        const image = imageOf(item, base);
        if (!image) continue;
        const date = dateIn(version);
        images.push({
          ...image,
          family: product,
          ...(date === undefined ? {} : { date }),
          ...(arch === undefined ? {} : { arch }),
        });
      }
    }
  }
  return images;
}

function imageOf(item: unknown, base: URL): Omit<ImageRef, "family"> | undefined {
  const path = text(item, "path");
  if (path === undefined || !(isImageName(path) || text(item, "ftype") === "root.tar.xz")) return undefined;
  const url = URL.parse(path, base.href);
  if (!url || url.origin !== base.origin) return undefined;
  const size = field(item, "size");
  const sha256 = text(item, "sha256");
  return {
    provider: "http",
    id: url.href,
    name: path.slice(path.lastIndexOf("/") + 1),
    ...(typeof size === "number" && Number.isSafeInteger(size) ? { sizeBytes: size } : {}),
    ...(sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? { digest: `sha256:${sha256}` } : {}),
  };
}

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function text(value: unknown, key: string): string | undefined {
  const found = field(value, key);
  return typeof found === "string" ? found : undefined;
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  const found: unknown = Reflect.get(value, key);
  return found;
}
