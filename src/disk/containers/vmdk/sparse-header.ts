import { corrupt, limitReached, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { View } from "../../bytes/view.ts";

// Source: VMware, Virtual Disk Format 5.0, sections "Hosted Sparse Extents", "ESX Server Sparse Extents" and
// "Stream-Optimized Compressed Sparse Extents"; limits as in QEMU's block/vmdk.c.

export const SPARSE_MAGIC = "KDMV";
export const COWD_MAGIC = "COWD";

const SECTOR = 512;
const FRONT_BYTES = 4096;
/** Footer marker, footer, end-of-stream marker. */
const TAIL_SECTORS = 3;
const FOOTER_MARKER = 3;
const GD_AT_END = 0xffff_ffff_ffff_ffffn;
const DEFLATE = 1;
const GTES_MAX = 512;
const GRAIN_SECTORS_MAX = 0x20_0000;
const PACKED_GRAIN_BYTES_MAX = 4 << 20;
const COWD_GTES = 4096;
const COWD_ROOT = 1;
const COWD_INCONSISTENT = 4;

const REDUNDANT = 1 << 1;
const ZEROED = 1 << 2;
const MARKERS = 1 << 17;

export interface SparseHeader {
  readonly kind: "sparse" | "COWD";
  readonly sizeBytes: number;
  readonly grainBytes: number;
  /** Entries of one grain table. */
  readonly tableEntries: number;
  readonly directoryOffset: number;
  /** Absent when there is none. */
  readonly redundantOffset?: number;
  /** Grain-table entry 1 stands for a grain of zeros. */
  readonly zeroedGrains: boolean;
  readonly compressed: boolean;
  /** Every compressed grain begins with its address and size. */
  readonly markers: boolean;
  readonly footer: boolean;
  /** Shut down while it was written to. */
  readonly unclean: boolean;
  /** Only of COWD: holes show another disk, which the descriptor names. */
  readonly child: boolean;
  /** The embedded descriptor; absent for a piece of a split disk. */
  readonly descriptor?: { readonly offset: number; readonly length: number };
}

/** Reads and checks the header of a sparse extent, and its footer when the header points there. */
export async function readSparseHeader(source: ByteSource, label: string): Promise<SparseHeader> {
  const front = new View(await source.read(0, Math.min(FRONT_BYTES, source.size)), label);
  if (front.is(0, COWD_MAGIC)) return cowdHeader(front);
  if (!front.is(0, SPARSE_MAGIC)) throw corrupt(label, "no VMDK sparse magic", 0);
  const footer = front.big64le(56) === GD_AT_END;
  return hostedHeader(footer ? await readFooter(source, label) : front, footer, front);
}

/** The copy of the header at the end of a stream. Source: "Stream-Optimized ...", subsection on the footer. */
async function readFooter(source: ByteSource, label: string): Promise<View> {
  const start = source.size - TAIL_SECTORS * SECTOR;
  if (start < SECTOR || source.size % SECTOR !== 0)
    throw corrupt(label, `its footer is missing: is the file of ${source.size} bytes complete?`, source.size);
  const tail = new View(await source.read(start, TAIL_SECTORS * SECTOR), label, start);
  const marker = tail.u32le(8) === 0 && tail.u32le(12) === FOOTER_MARKER;
  const end = tail.big64le(2 * SECTOR) === 0n && tail.u32le(2 * SECTOR + 8) === 0;
  if (!marker || !end || tail.u32le(2 * SECTOR + 12) !== 0 || !tail.is(SECTOR, SPARSE_MAGIC))
    throw corrupt(label, "its footer is missing: is the file complete?", start);
  const footer = tail.sub(SECTOR, SECTOR);
  if (footer.big64le(56) === GD_AT_END) throw corrupt(label, "the footer points to itself", start + SECTOR);
  return footer;
}

function hostedHeader(view: View, footer: boolean, front: View): SparseHeader {
  const { label, base } = view;
  const version = view.u32le(4);
  if (version < 1 || version > 3) throw unsupported(label, `VMDK sparse version ${version}`, base + 4);
  const flags = view.u32le(8);
  const compression = view.u16le(77);
  if (compression > DEFLATE) throw unsupported(label, `compression method ${compression}`, base + 77);
  // A transfer in text mode changes these four characters.
  if ((flags & 1) !== 0 && !view.is(73, "\n \r\n"))
    throw corrupt(label, "line ends were converted in transfer: copy it again in binary mode", base + 73);
  const compressed = compression === DEFLATE;
  const geometry = geometryOf(view, view.u64le(12), view.u64le(20), view.u32le(44), GTES_MAX);
  if (compressed && geometry.grainBytes > PACKED_GRAIN_BYTES_MAX)
    throw limitReached(label, `compressed grains of ${geometry.grainBytes} bytes`, base + 20);
  const descriptor = { offset: front.u64le(28) * SECTOR, length: front.u64le(36) * SECTOR };
  const redundant = view.big64le(48);
  return {
    kind: "sparse",
    ...geometry,
    directoryOffset: sectors(view, 56),
    ...((flags & REDUNDANT) !== 0 && redundant !== 0n && redundant !== GD_AT_END
      ? { redundantOffset: sectors(view, 48) }
      : {}),
    zeroedGrains: (flags & ZEROED) !== 0,
    compressed,
    markers: (flags & MARKERS) !== 0,
    footer,
    unclean: view.u8(72) !== 0,
    child: false,
    ...(descriptor.offset > 0 && descriptor.length > 0 ? { descriptor } : {}),
  };
}

function cowdHeader(view: View): SparseHeader {
  const version = view.u32le(4);
  if (version !== 1) throw unsupported(view.label, `COWD version ${version}`, 4);
  const flags = view.u32le(8);
  return {
    kind: "COWD",
    ...geometryOf(view, view.u32le(12), view.u32le(16), COWD_GTES, COWD_GTES),
    directoryOffset: view.u32le(20) * SECTOR,
    zeroedGrains: false,
    compressed: false,
    markers: false,
    footer: false,
    unclean: (flags & COWD_INCONSISTENT) !== 0,
    child: (flags & COWD_ROOT) === 0,
  };
}

function geometryOf(
  { label, base }: View,
  capacity: number,
  grainSectors: number,
  tableEntries: number,
  tableEntriesMax: number,
): Pick<SparseHeader, "sizeBytes" | "grainBytes" | "tableEntries"> {
  const powerOfTwo = grainSectors > 0 && Number.isInteger(Math.log2(grainSectors));
  if (!powerOfTwo || grainSectors > GRAIN_SECTORS_MAX)
    throw corrupt(label, `grains of ${grainSectors} sectors are impossible`, base);
  if (tableEntries === 0 || tableEntries > tableEntriesMax)
    throw corrupt(label, `grain tables of ${tableEntries} entries are impossible`, base);
  if (!Number.isSafeInteger(capacity * SECTOR))
    throw corrupt(label, `a disk of ${capacity} sectors is impossible`, base);
  return { sizeBytes: capacity * SECTOR, grainBytes: grainSectors * SECTOR, tableEntries };
}

function sectors(view: View, offset: number): number {
  const bytes = view.u64le(offset) * SECTOR;
  if (!Number.isSafeInteger(bytes)) throw corrupt(view.label, "an offset is impossible", view.base + offset);
  return bytes;
}
