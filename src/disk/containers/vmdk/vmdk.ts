import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { companionFile } from "../../bytes/companion.ts";
import type { Companions, Container, ContainerFormat } from "../../bytes/format.ts";
import { quoteName } from "../../bytes/names.ts";
import { has } from "../../bytes/signature.ts";
import { describedDisk } from "./described.ts";
import { DESCRIPTOR_BYTES_MAX, type Descriptor, parseDescriptor } from "./descriptor.ts";
import { sparseExtent } from "./sparse-extent.ts";
import { COWD_MAGIC, readSparseHeader, SPARSE_MAGIC, type SparseHeader } from "./sparse-header.ts";

// Source: VMware, Virtual Disk Format 5.0; where it is silent, QEMU's block/vmdk.c.
// Not read: raw device mappings, change tracking (which does not change what the disk holds).

const DESCRIPTOR_MAGICS = ["# Disk DescriptorFile", "#Disk DescriptorFile"];
const FRONT_BYTES = 4096;
const PARENT_DEPTH_MAX = 16;

export const vmdk: ContainerFormat = {
  name: "vmdk",
  async probe(source) {
    const magics = [SPARSE_MAGIC, COWD_MAGIC, ...DESCRIPTOR_MAGICS];
    return (await Promise.all(magics.map((magic) => has(source, 0, magic)))).includes(true);
  },
  open: async (source, companions) => (await openLayer(source, companions, 0)).container,
};

/** A disk with what its children check: its content identifier. */
interface Layer {
  readonly container: Container;
  readonly cid: string;
}

async function openLayer(
  source: ByteSource,
  companions: Companions | undefined,
  depth: number,
): Promise<Layer> {
  const label = `${source.label} > vmdk`;
  if (depth > PARENT_DEPTH_MAX) throw limitReached(label, `more than ${PARENT_DEPTH_MAX} parents`);
  const front = await source.read(0, Math.min(FRONT_BYTES, source.size));
  const text = front[0] === 0x23;
  const header = text ? undefined : await readSparseHeader(source, label);
  const descriptor = text
    ? parseDescriptor(await wholeText(source, front, label), label)
    : header && (await embeddedDescriptor(source, header, label));
  const parent = descriptor && (await openParent(descriptor, companions, label, depth));
  if (header?.child && !parent)
    throw unsupported(label, "a COWD delta: scan its descriptor, and give it the rest");
  const details = [...detailsOf(header, descriptor)];
  const onRedundant = (): void =>
    void details.push("grain directory corrupt: the redundant one was used in its place");
  const disk = header
    ? sparseExtent(source, header, label, onRedundant, parent)
    : await describedDisk(descriptor ?? NOTHING, companions, label, onRedundant, parent);
  return { container: { disk, details }, cid: descriptor?.cid ?? "" };
}

const NOTHING: Descriptor = { createType: "", cid: "", extents: [] };

async function wholeText(source: ByteSource, front: Uint8Array, label: string): Promise<Uint8Array> {
  if (source.size > DESCRIPTOR_BYTES_MAX)
    throw limitReached(label, `descriptor of ${source.size} bytes is above ${DESCRIPTOR_BYTES_MAX}`);
  return source.size <= front.length ? front : source.read(0, source.size);
}

/** The descriptor inside a sparse extent; almost always in the 4 KiB that were read already. */
async function embeddedDescriptor(
  source: ByteSource,
  header: SparseHeader,
  label: string,
): Promise<Descriptor | undefined> {
  if (!header.descriptor) return undefined;
  const { offset, length } = header.descriptor;
  if (length > DESCRIPTOR_BYTES_MAX) throw limitReached(label, `descriptor of ${length} bytes`, 36);
  if (offset + length > source.size)
    throw corrupt(label, `descriptor lies outside the file of ${source.size} bytes`, 28);
  const near = Math.min(length, Math.max(0, FRONT_BYTES - offset));
  const begin = await source.read(offset, near);
  const descriptor = parseDescriptor(
    begin.includes(0) ? begin : await source.read(offset, length),
    `${label} > descriptor`,
  );
  if (descriptor.extents.length > 1)
    throw unsupported(label, `a sparse file as one of ${descriptor.extents.length} extents`, offset);
  return descriptor;
}

async function openParent(
  { parent }: Descriptor,
  companions: Companions | undefined,
  label: string,
  depth: number,
): Promise<ByteSource | undefined> {
  if (!parent) return undefined;
  const source = companionFile(parent.name, "parent disk", companions, label);
  const { container, cid } = await openLayer(source, companions, depth + 1);
  if (cid !== parent.cid)
    throw corrupt(
      label,
      `its parent ${quoteName(parent.name)} changed after it was made: content is ${quoteName(cid)}, not ${quoteName(parent.cid)}`,
    );
  return container.disk;
}

function detailsOf(header: SparseHeader | undefined, descriptor: Descriptor | undefined): string[] {
  const { createType = "", extents = [], parent } = descriptor ?? {};
  return [
    createType ||
      (header?.kind === "COWD" ? "COWD" : "no descriptor: one extent, and what belongs to it may be missing"),
    ...(header ? [`grain ${header.grainBytes}`] : [`${extents.length} extents`]),
    ...(header?.compressed ? ["compression zlib"] : []),
    ...(header?.footer ? ["footer"] : []),
    ...(header?.unclean ? ["marked dirty: it was not shut down cleanly"] : []),
    ...(parent ? [`parent ${quoteName(parent.name)}`] : []),
  ];
}
