import { ScanError } from "../../src/errors.ts";
import type { ImageRef } from "../../src/model/image.ts";
import { aboutName, isImageName } from "./names.ts";

// Source: coreutils sha256sum(1), its two output formats; Fedora and openSUSE write the BSD one.

const LINES_MAX = 100_000;
const GNU = /^\\?([0-9a-f]{64}|[0-9a-f]{128}) [ *](.+)$/i;
const BSD = /^SHA(?:256|512) \((.+)\) = ([0-9a-f]{64}|[0-9a-f]{128})$/i;

/** One line of a list of checksums. */
export interface NamedDigest {
  /** A path relative to the list's own place, as it is written there. */
  readonly name: string;
  /** `sha256:...` or `sha512:...`, lower case. */
  readonly digest: string;
}

/** The lines of a list of checksums that name a file; other lines (signatures, text) are left out. @throws limit */
export function checksumLines(text: string): readonly NamedDigest[] {
  const lines = text.split("\n", LINES_MAX + 1);
  if (lines.length > LINES_MAX)
    throw new ScanError("limit", `a list of checksums of more than ${LINES_MAX} lines`);
  return lines.flatMap((line) => {
    const gnu = GNU.exec(line.trimEnd());
    const bsd = gnu ? undefined : BSD.exec(line.trimEnd());
    const name = (gnu?.[2] ?? bsd?.[1] ?? "").replace(/^\.\//, "");
    const hex = (gnu?.[1] ?? bsd?.[2] ?? "").toLowerCase();
    return name === "" ? [] : [{ name, digest: `${hex.length === 64 ? "sha256" : "sha512"}:${hex}` }];
  });
}

/** The disk images in a list of checksums that lies at `url`. Names of other places are left out. */
export function checksumImages(text: string, url: URL): readonly ImageRef[] {
  const images = new Map<string, ImageRef>();
  for (const { name, digest } of checksumLines(text)) {
    const place = URL.parse(name.split("/").map(encodeURIComponent).join("/"), url.href);
    if (!isImageName(name) || name.startsWith("/") || /\.\.|:\/\//.test(name) || place?.origin !== url.origin)
      continue;
    images.set(name, { provider: "http", id: place.href, ...aboutName(name), digest });
  }
  return [...images.values()];
}
