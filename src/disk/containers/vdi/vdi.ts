import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import type { Container, ContainerFormat } from "../../bytes/format.ts";
import { byBlock, type Extent, mapped } from "../../bytes/mapped.ts";
import { has } from "../../bytes/signature.ts";
import { tablePieces } from "../../bytes/table-pieces.ts";
import { View } from "../../bytes/view.ts";

// Source: VirtualBox, include/VBox/vdi.h and Storage/VDICore.h (version 1.1); limits as in QEMU's block/vdi.c.

const MAGIC_OFFSET = 64;
const MAGIC = "\x7f\x10\xda\xbe";
const HEADER_BYTES = 512;
const VERSION = 0x0001_0001;
const DYNAMIC = 1;
const FIXED = 2;
const KINDS = new Map([
  [3, "undo image"],
  [4, "differencing image"],
]);
const NO_UUID = "00000000-0000-0000-0000-000000000000";
const UNALLOCATED = 0xffff_ffff;
const DISCARDED = 0xffff_fffe;
const ENTRY = 4;

interface Header {
  readonly kind: "dynamic" | "fixed";
  readonly mapOffset: number;
  readonly dataOffset: number;
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly blocks: number;
}

export const vdi: ContainerFormat = {
  name: "vdi",
  probe: (source) => has(source, MAGIC_OFFSET, MAGIC),
  async open(source): Promise<Container> {
    const label = `${source.label} > vdi`;
    const header = readHeader(
      new View(await source.read(0, Math.min(HEADER_BYTES, source.size)), label),
      source.size,
    );
    return { disk: vdiDisk(source, header, label), details: [header.kind, `block ${header.blockBytes}`] };
  },
};

function readHeader(view: View, fileBytes: number): Header {
  const { label } = view;
  const version = view.u32le(68);
  if (version !== VERSION) throw unsupported(label, `VDI version ${version >>> 16}.${version & 0xffff}`, 68);
  const type = view.u32le(76);
  const parented = view.uuid(440) !== NO_UUID;
  if (parented || (type !== DYNAMIC && type !== FIXED))
    throw unsupported(
      label,
      `a VDI ${KINDS.get(type) ?? (parented ? "image with a parent" : `image of type ${type}`)}: merge it ` +
        "(VBoxManage clonemedium) and scan the result",
      76,
    );
  if (view.u32le(360) !== 512) throw unsupported(label, `sectors of ${view.u32le(360)} bytes`, 360);
  const header: Header = {
    kind: type === DYNAMIC ? "dynamic" : "fixed",
    mapOffset: view.u32le(340),
    dataOffset: view.u32le(344),
    sizeBytes: view.u64le(368),
    blockBytes: view.u32le(376),
    blocks: view.u32le(384),
  };
  if (header.blockBytes < 4096 || !Number.isInteger(Math.log2(header.blockBytes)))
    throw corrupt(label, `blocks of ${header.blockBytes} bytes are impossible`, 376);
  if (view.u32le(380) !== 0) throw unsupported(label, "extra data before every block", 380);
  if (header.sizeBytes > header.blocks * header.blockBytes)
    throw corrupt(label, `${header.blocks} blocks are too few for ${header.sizeBytes} bytes`, 384);
  if (header.mapOffset + header.blocks * ENTRY > fileBytes)
    throw corrupt(label, `block map lies outside the file of ${fileBytes} bytes: is the file complete?`, 340);
  return header;
}

function vdiDisk(source: ByteSource, header: Header, label: string): ByteSource {
  const { blockBytes, mapOffset, dataOffset } = header;
  const piece = tablePieces(source, label);
  return mapped(header.sizeBytes, label, (offset, length) =>
    byBlock(offset, length, blockBytes, async (block, within, part): Promise<readonly Extent[]> => {
      const at = mapOffset + block * ENTRY;
      const { view, at: entry } = await piece(at, ENTRY, "block map");
      const index = view.u32le(entry);
      if (index === UNALLOCATED || index === DISCARDED) return [{ kind: "zeros", length: part }];
      const start = dataOffset + index * blockBytes + within;
      if (index >= header.blocks || start + part > source.size)
        throw corrupt(
          label,
          `block ${index} lies outside the file of ${source.size} bytes: is it complete?`,
          at,
        );
      return [{ kind: "stored", length: part, source, offset: start }];
    }),
  );
}
