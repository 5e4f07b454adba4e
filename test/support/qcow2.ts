import { deflateRawSync, zstdCompressSync } from "node:zlib";

/** One guest cluster of a crafted image. */
export type GuestCluster = "hole" | "zero" | { readonly bytes: Uint8Array; readonly compressed?: boolean };

export interface Qcow2Options {
  readonly version?: 2 | 3;
  readonly clusterBits?: number;
  readonly zstd?: boolean;
  readonly backingName?: string;
  /** Header extensions, in order. */
  readonly extensions?: readonly { readonly type: number; readonly data: Uint8Array }[];
  readonly sizeBytes?: number;
}

export interface CraftedQcow2 {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  readonly l1Offset: number;
  readonly l2Offset: number;
}

/**
 * A qcow2 image with one L2 table: header, L1, L2, then the clusters in order. Source: QEMU docs/interop/qcow2.
 * Refcounts are left out; readers ignore them.
 */
export function craftQcow2(clusters: readonly GuestCluster[], options: Qcow2Options = {}): CraftedQcow2 {
  const clusterBits = options.clusterBits ?? 12;
  const size = 2 ** clusterBits;
  const version = options.version ?? 3;
  if (clusters.length > size / 8) throw new Error("one L2 table only");
  const stored = clusters.map((one) => (typeof one === "string" ? undefined : packed(one, options.zstd)));
  const bytes = new Uint8Array(
    3 * size + stored.reduce((sum, one) => sum + roundUp(one?.length ?? 0, size), 0),
  );
  const view = new DataView(bytes.buffer);
  const headerBytes = version === 2 ? 72 : 112;
  bytes.set([0x51, 0x46, 0x49, 0xfb]);
  view.setUint32(4, version);
  view.setUint32(20, clusterBits);
  view.setBigUint64(24, BigInt(options.sizeBytes ?? clusters.length * size));
  view.setUint32(36, 1);
  view.setBigUint64(40, BigInt(size));
  if (version === 3) {
    view.setBigUint64(72, options.zstd ? 8n : 0n);
    view.setUint32(96, 4);
    view.setUint32(100, headerBytes);
    view.setUint8(104, options.zstd ? 1 : 0);
  }
  let at = headerBytes;
  for (const { type, data } of options.extensions ?? []) {
    view.setUint32(at, type);
    view.setUint32(at + 4, data.length);
    bytes.set(data, at + 8);
    at += 8 + roundUp(data.length, 8);
  }
  if (options.backingName !== undefined) {
    const name = new TextEncoder().encode(options.backingName);
    view.setBigUint64(8, BigInt(at + 8));
    view.setUint32(16, name.length);
    bytes.set(name, at + 8);
  }
  view.setBigUint64(size, BigInt(2 * size) | (1n << 63n));
  let free = 3 * size;
  for (const [index, one] of clusters.entries()) {
    const data = stored[index];
    let entry = one === "zero" ? 1n : 0n;
    if (data && typeof one !== "string") {
      entry = one.compressed ? descriptor(free, data.length, clusterBits) : BigInt(free) | (1n << 63n);
      bytes.set(data, free);
      free += roundUp(data.length, size);
    }
    view.setBigUint64(2 * size + index * 8, entry);
  }
  return { bytes, view, l1Offset: size, l2Offset: 2 * size };
}

/** An L2 entry of a compressed cluster. */
export function descriptor(offset: number, length: number, clusterBits: number): bigint {
  const sectors = Math.ceil(((offset % 512) + length) / 512) - 1;
  return BigInt(offset) | (BigInt(sectors) << BigInt(70 - clusterBits)) | (1n << 62n);
}

function packed(
  one: { readonly bytes: Uint8Array; readonly compressed?: boolean },
  zstd = false,
): Uint8Array {
  if (!one.compressed) return one.bytes;
  return zstd ? zstdCompressSync(one.bytes) : deflateRawSync(one.bytes, { windowBits: 12 });
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
