import { corrupt, unsupported } from "../../../errors.ts";
import { isPowerOfTwo } from "../../bytes/power-of-two.ts";
import { View } from "../../bytes/view.ts";

/** The geometry and identity of an NTFS volume. */
export interface BootSector {
  readonly clusterBytes: number;
  readonly clustersCount: number;
  readonly mftOffset: number;
  readonly mirrorOffset: number;
  readonly recordBytes: number;
  readonly uuid: string;
}

const CLUSTER_MAX_BYTES = 2 << 20; // Windows 10 1709
const RECORD_MAX_BYTES = 4096;

/** True when the first sector says it is NTFS. */
export function looksLikeNtfs(sector: Uint8Array): boolean {
  return new View(sector, "boot sector").is(3, "NTFS    ");
}

/** Source: Linux-NTFS project documentation, "$Boot"; NTFS.com, "NTFS Partition Boot Sector". */
export function parseBootSector(sector: Uint8Array, label: string): BootSector {
  const view = new View(sector, label, 0);
  const sectorBytes = view.u16le(0x0b);
  if (![256, 512, 1024, 2048, 4096].includes(sectorBytes))
    throw corrupt(label, `NTFS sectors of ${sectorBytes} bytes`, 0x0b);
  const perCluster = view.u8(0x0d);
  // Above 128 it is a negative exponent: clusters of more than 128 sectors do not fit a byte otherwise.
  const sectorsPerCluster = perCluster > 128 ? 2 ** (256 - perCluster) : perCluster;
  const clusterBytes = sectorBytes * sectorsPerCluster;
  if (!isPowerOfTwo(clusterBytes) || clusterBytes > CLUSTER_MAX_BYTES)
    throw corrupt(label, `NTFS clusters of ${clusterBytes} bytes`, 0x0d);
  const volumeBytes = view.u64le(0x28) * sectorBytes;
  const clustersCount = Math.floor(volumeBytes / clusterBytes);
  const mft = view.u64le(0x30);
  const mirror = view.u64le(0x38);
  if (mft >= clustersCount) throw corrupt(label, `$MFT at cluster ${mft} of ${clustersCount}`, 0x30);
  const recordBytes = structureBytes(view.u8(0x40), clusterBytes);
  if (!isPowerOfTwo(recordBytes) || recordBytes < 512)
    throw corrupt(label, `MFT records of ${recordBytes} bytes`, 0x40);
  if (recordBytes > RECORD_MAX_BYTES) throw unsupported(label, `MFT records of ${recordBytes} bytes`, 0x40);
  return {
    clusterBytes,
    clustersCount,
    mftOffset: mft * clusterBytes,
    mirrorOffset: mirror * clusterBytes,
    recordBytes,
    uuid: view.big64le(0x48).toString(16).toUpperCase().padStart(16, "0"),
  };
}

/** A count of clusters, or, above 127, a negative exponent of bytes. */
function structureBytes(count: number, clusterBytes: number): number {
  return count > 127 ? 2 ** (256 - count) : count * clusterBytes;
}
