import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { quoteName } from "../../src/disk/bytes/names.ts";
import { limitReached, unsupported } from "../../src/errors.ts";

// Source: DMTF DSP0243 (OVF 2.1), sections References, DiskSection and VirtualSystem.

const DESCRIPTOR_MAX_BYTES = 4 << 20;

/**
 * The file of the disk that a machine made from this descriptor would boot: the first in its DiskSection. Only tags
 * and attributes are looked at; nothing in an XML file is resolved or loaded.
 * @throws unsupported, limit
 */
export async function bootDiskName(
  descriptor: ByteSource,
): Promise<{ readonly name: string; readonly notes: readonly string[] }> {
  const { label } = descriptor;
  if (descriptor.size > DESCRIPTOR_MAX_BYTES)
    throw limitReached(label, `OVF descriptor of ${descriptor.size} bytes`);
  const text = withoutComments(Buffer.from(await descriptor.read(0, descriptor.size)).toString("utf8"));
  const files = new Map(tags(text, "File").map((tag) => [attribute(tag, "id"), attribute(tag, "href")]));
  const disks = tags(text, "Disk").flatMap((tag) => files.get(attribute(tag, "fileRef")) ?? []);
  const [name] = disks;
  if (name === undefined || name === "")
    throw unsupported(label, "OVF descriptor that names no disk with a file");
  if (tags(text, "File").some((tag) => attribute(tag, "href") === name && attribute(tag, "chunkSize") !== ""))
    throw unsupported(label, `OVF disk ${quoteName(name)} in several parts: put them together with cat`);
  if (name.includes("/")) throw unsupported(label, `OVF disk outside the archive: ${quoteName(name)}`);
  const notes = disks.slice(1).map((other) => `OVA: the disk ${quoteName(other)} was not looked at`);
  return { name, notes };
}

/** References are URIs; not everybody who writes them knows. */
export function unescapeUri(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What is commented out is not there. One without an end takes the rest with it. */
function withoutComments(text: string): string {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const start = text.indexOf("<!--", at);
    parts.push(text.slice(at, start < 0 ? undefined : start));
    const end = start < 0 ? -1 : text.indexOf("-->", start + 4);
    at = end < 0 ? text.length : end + 3;
  }
  return parts.join("");
}

function tags(text: string, name: string): readonly string[] {
  return [...text.matchAll(new RegExp(`<(?:[\\w-]+:)?${name}\\s([^<>]*)>`, "g"))].map(
    (match) => match[1] ?? "",
  );
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`(?:^|\\s)(?:[\\w-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag);
  return (value?.[1] ?? value?.[2] ?? "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}
