import { corrupt, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";

export const NAME = "EXFAT   ";
const SECTORS = 12;
/** The volume's flags and percentage in use change without the checksum. */
const UNSUMMED = [106, 107, 112];

/** Geometry and identity. Offsets are bytes from the start of the volume. */
export interface BootSector {
  readonly sectorBytes: number;
  readonly clusterBytes: number;
  readonly fatOffset: number;
  readonly fatBytes: number;
  readonly heapOffset: number;
  readonly clustersCount: number;
  readonly rootCluster: number;
  readonly uuid: string;
  readonly volumeBytes: number;
  readonly dirty: boolean;
}

/** Bytes of the boot region, which the checksum in its last sector covers. */
export function regionBytes(sector: Uint8Array, label: string): number {
  const shift = new View(sector, label).u8(0x6c);
  if (shift < 9 || shift > 12) throw corrupt(label, `exFAT: sectors of 2^${shift} bytes`, 0x6c);
  return SECTORS * 2 ** shift;
}

/** Source: Microsoft, exFAT file system specification, section 3.1 "Main and Backup Boot Sector", 3.4 "Boot Checksum". */
export function parseBootRegion(region: Uint8Array, label: string): BootSector {
  const view = new View(region, label);
  const sectorBytes = region.length / SECTORS;
  if (view.u32le(11 * sectorBytes) !== checksum(region.subarray(0, 11 * sectorBytes)))
    throw corrupt(label, "exFAT boot region: its checksum does not match", 11 * sectorBytes);
  const major = view.u8(0x69);
  if (major !== 1) throw unsupported(label, `exFAT revision ${major}`, 0x69);
  const clusterShift = view.u8(0x6d);
  const sectorShift = view.u8(0x6c);
  if (sectorShift + clusterShift > 25)
    throw corrupt(label, `exFAT: clusters of 2^${sectorShift + clusterShift} bytes`, 0x6d);
  const flags = view.u16le(0x6a);
  const fatSectors = view.u32le(0x54);
  const active = view.u8(0x6e) === 2 ? flags & 1 : 0;
  const clustersCount = view.u32le(0x5c);
  const fatBytes = fatSectors * sectorBytes;
  if ((clustersCount + 2) * 4 > fatBytes)
    throw corrupt(label, `exFAT: table of ${fatBytes} bytes for ${clustersCount} clusters`, 0x5c);
  const serial = view.u32le(0x64).toString(16).toUpperCase().padStart(8, "0");
  return {
    sectorBytes,
    clusterBytes: 2 ** (sectorShift + clusterShift),
    fatOffset: (view.u32le(0x50) + active * fatSectors) * sectorBytes,
    fatBytes,
    heapOffset: view.u32le(0x58) * sectorBytes,
    clustersCount,
    rootCluster: view.u32le(0x60),
    uuid: `${serial.slice(0, 4)}-${serial.slice(4)}`,
    volumeBytes: view.u64le(0x48) * sectorBytes,
    dirty: (flags & 2) !== 0,
  };
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of bytes.entries())
    if (!UNSUMMED.includes(at)) sum = (((sum & 1) !== 0 ? 0x80000000 : 0) + (sum >>> 1) + byte) >>> 0;
  return sum;
}
