import { unsupported } from "../../../errors.ts";
import { blake2b } from "../../bytes/blake2b.ts";
import { crc32c } from "../../bytes/crc32c.ts";
import { xxhash64 } from "../../bytes/xxhash64.ts";

/** The checksum of a file system, by the type in its superblock. Source: Btrfs documentation, "Checksumming". */
export interface Checksum {
  readonly name: string;
  /** Bytes that a data checksum takes in the checksum tree; metadata always leaves 32. */
  readonly bytes: number;
  of(bytes: Uint8Array): Uint8Array;
}

/** @throws unsupported for a type that is not known */
export async function checksumOf(type: number, label: string): Promise<Checksum> {
  switch (type) {
    case 0:
      return { name: "crc32c", bytes: 4, of: (bytes) => littleEndian(BigInt(crc32c(bytes)), 4) };
    case 1:
      return { name: "xxhash64", bytes: 8, of: (bytes) => littleEndian(xxhash64(bytes), 8) };
    case 2: {
      const { createHash } = await import("node:crypto");
      return { name: "sha256", bytes: 32, of: (bytes) => createHash("sha256").update(bytes).digest() };
    }
    case 3:
      return { name: "blake2b", bytes: 32, of: (bytes) => blake2b(bytes, 32) };
    default:
      throw unsupported(label, `Btrfs checksum type ${type}`);
  }
}

/** True when `stored` begins with the checksum of `bytes`. */
export function matches(checksum: Checksum, bytes: Uint8Array, stored: Uint8Array): boolean {
  return checksum.of(bytes).every((byte, i) => byte === stored[i]);
}

function littleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
