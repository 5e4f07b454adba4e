import { corrupt, unsupported } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";

// Source: Microsoft, Virtual Hard Disk Image Format Specification 1.0 (2006), section "Hard Disk Footer Format".

export const FOOTER_MAGIC = "conectix";
export const FOOTER_BYTES = 512;
const CHECKSUM_OFFSET = 64;
/** The largest geometry there is: what is larger says so in the size only. */
const GEOMETRY_MAX_SECTORS = 65_535 * 16 * 255;
/** Writers that round the disk to their geometry, and read it so. Source: QEMU block/vpc.c, from experience. */
const BY_GEOMETRY = new Set(["vpc ", "qemu"]);
const KINDS = new Map<number, Footer["kind"]>([
  [2, "fixed"],
  [3, "dynamic"],
  [4, "differencing"],
]);

export interface Footer {
  readonly kind: "fixed" | "dynamic" | "differencing";
  readonly sizeBytes: number;
  /** Set when geometry and size field disagree: what was decided, for people. */
  readonly sizeNote?: string;
  /** Where the dynamic header begins; nothing for fixed. */
  readonly headerOffset: number;
  readonly creator: string;
  readonly uuid: string;
  readonly savedState: boolean;
}

/** True when the one's complement of the sum of all bytes but the checksum's own is what stands in it. */
export function checksumHolds(view: View, checksumOffset: number): boolean {
  let sum = 0;
  for (const byte of view.bytes) sum += byte;
  for (const byte of view.slice(checksumOffset, 4)) sum -= byte;
  return ~sum >>> 0 === view.u32be(checksumOffset);
}

/** True when `bytes` are a footer whose checksum holds. Footers written before 2004 lack their last byte. */
export function isSoundFooter(bytes: Uint8Array, label: string): boolean {
  const view = new View(bytes, label);
  return view.length >= FOOTER_BYTES - 1 && view.is(0, FOOTER_MAGIC) && checksumHolds(view, CHECKSUM_OFFSET);
}

/** @throws unsupported for other versions and types, corrupt for an impossible size */
export function parseFooter(view: View): Footer {
  const { label, base } = view;
  const version = view.u32be(12);
  if (version >>> 16 !== 1) throw unsupported(label, `VHD version ${version >>> 16}`, base + 12);
  const type = view.u32be(60);
  const kind = KINDS.get(type);
  if (!kind) throw unsupported(label, `VHD of type ${type}`, base + 60);
  const creator = String.fromCharCode(...view.slice(28, 4));
  return {
    kind,
    ...sizeOf(view, creator),
    headerOffset: kind === "fixed" ? 0 : view.u64be(16),
    creator: creator.replace(/[^\x21-\x7e]/g, ""),
    uuid: view.uuid(68),
    savedState: view.u8(84) !== 0,
  };
}

function sizeOf(view: View, creator: string): Pick<Footer, "sizeBytes" | "sizeNote"> {
  const field = view.u64be(48);
  if (field % 512 !== 0)
    throw corrupt(view.label, `size of ${field} bytes is not in sectors`, view.base + 48);
  const sectors = view.u16be(56) * view.u8(58) * view.u8(59);
  const byGeometry = BY_GEOMETRY.has(creator) && sectors !== GEOMETRY_MAX_SECTORS && sectors > 0;
  if (!byGeometry || sectors * 512 === field) return { sizeBytes: field };
  return {
    sizeBytes: sectors * 512,
    sizeNote: `size by geometry, ${sectors * 512}, where the footer says ${field}`,
  };
}
