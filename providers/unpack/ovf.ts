import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { quoteName } from "../../src/disk/bytes/names.ts";
import { limitReached, unsupported } from "../../src/errors.ts";
import { type Drive, firstDrives, hasOwnBootOrder, virtualSystems } from "./ovf-hardware.ts";
import { attribute, elementsOnly, tags } from "./ovf-xml.ts";

// Source: DMTF DSP0243 (OVF 2.1), sections References, DiskSection and VirtualSystem.

const DESCRIPTOR_MAX_BYTES = 4 << 20;
const ONE = "unpack it (tar -xf) and scan the disk that boots";

/** A disk that a file of the archive fills; one without a file begins empty. */
interface Disk {
  readonly id: string;
  readonly fileId: string;
  readonly isDelta: boolean;
}

/**
 * The file of the disk that a machine made from this descriptor would boot: the first in its hardware that a file fills;
 * where no hardware has a drive, the first in its DiskSection. Only tags and attributes are looked at; nothing in an
 * XML file is resolved or loaded.
 * @throws unsupported, limit
 */
export async function bootDiskName(
  descriptor: ByteSource,
): Promise<{ readonly name: string; readonly notes: readonly string[] }> {
  const { label } = descriptor;
  if (descriptor.size > DESCRIPTOR_MAX_BYTES)
    throw limitReached(label, `OVF descriptor of ${descriptor.size} bytes`);
  const text = elementsOnly(Buffer.from(await descriptor.read(0, descriptor.size)).toString("utf8"));
  const machines = virtualSystems(text);
  if (machines > 1) throw unsupported(label, `OVF of ${machines} virtual machines: ${ONE}`);
  const files = new Map(tags(text, "File").map((tag) => [attribute(tag, "id"), tag]));
  const disks = tags(text, "Disk").map(
    (tag): Disk => ({
      id: attribute(tag, "diskId"),
      fileId: attribute(tag, "fileRef"),
      isDelta: attribute(tag, "parentRef") !== "",
    }),
  );
  const filled = disks.filter(({ fileId }) => fileId !== "" && files.has(fileId));
  const first = bootDisk(text, filled, label) ?? filled[0];
  const file = files.get(first?.fileId ?? "") ?? "";
  const name = attribute(file, "href");
  if (!first || name === "") throw unsupported(label, "OVF descriptor that names no disk with a file");
  if (attribute(file, "chunkSize") !== "")
    throw unsupported(label, `OVF disk ${quoteName(name)} in several parts: put them together with cat`);
  if (first.isDelta)
    throw unsupported(label, `OVF disk ${quoteName(name)} that holds only what differs from another disk`);
  if (name.includes("/")) throw unsupported(label, `OVF disk outside the archive: ${quoteName(name)}`);
  const notes = filled
    .filter((disk) => disk !== first)
    .map(({ fileId }) => attribute(files.get(fileId) ?? "", "href"))
    .map((other) => `OVA: the disk ${quoteName(other)} was not looked at`);
  return { name, notes };
}

/** By the hardware; undefined where that has no drive with a file. */
function bootDisk(text: string, filled: readonly Disk[], label: string): Disk | undefined {
  if (filled.length < 2) return undefined;
  if (hasOwnBootOrder(text))
    throw unsupported(label, `OVF of ${filled.length} disks with a boot order: ${ONE}`);
  const firsts = firstDrives(text, (drive) => diskIn(drive, filled) !== undefined).map((drive) => {
    const disk = drive && diskIn(drive, filled);
    if (!disk)
      throw unsupported(label, `OVF whose disks are on several controllers, none of them first: ${ONE}`);
    return disk;
  });
  if (new Set(firsts).size > 1)
    throw unsupported(label, `OVF of several kinds of hardware that boot different disks: ${ONE}`);
  return firsts[0];
}

function diskIn({ kind, id }: Drive, filled: readonly Disk[]): Disk | undefined {
  return filled.find((disk) => (kind === "disk" ? disk.id : disk.fileId) === id);
}

/** References are URIs; not everybody who writes them knows. */
export function unescapeUri(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
