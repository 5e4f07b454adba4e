import type { ImageRef } from "../../src/model/image.ts";
import { aboutName, isImageName } from "./names.ts";

// Source: coreutils sha256sum(1), its two output formats; Fedora and openSUSE write the BSD one.

const LINES_MAX = 100_000;
const GNU = /^\\?([0-9a-f]{64}|[0-9a-f]{128}) [ *](.+)$/i;
const BSD = /^SHA(?:256|512) \((.+)\) = ([0-9a-f]{64}|[0-9a-f]{128})$/i;

/** The disk images in a list of checksums that lies at `url`. Names of other places are left out. */
export function checksumImages(text: string, url: URL): readonly ImageRef[] {
  const images = new Map<string, ImageRef>();
  for (const line of text.split("\n", LINES_MAX)) {
    const gnu = GNU.exec(line.trimEnd());
    const bsd = gnu ? undefined : BSD.exec(line.trimEnd());
    const name = (gnu?.[2] ?? bsd?.[1] ?? "").replace(/^\.\//, "");
    const hex = (gnu?.[1] ?? bsd?.[2] ?? "").toLowerCase();
    const place = URL.parse(name.split("/").map(encodeURIComponent).join("/"), url.href);
    if (!isImageName(name) || name.startsWith("/") || /\.\.|:\/\//.test(name) || place?.origin !== url.origin)
      continue;
    const digest = `${hex.length === 64 ? "sha256" : "sha512"}:${hex}`;
    images.set(name, { provider: "http", id: place.href, ...aboutName(name), digest });
  }
  return [...images.values()];
}
