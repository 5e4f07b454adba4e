import { corrupt, unsupported } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { peek } from "../../bytes/signature.ts";
import { View } from "../../bytes/view.ts";
import { checksum } from "./checksum.ts";

// Source: LVM2 lib/label/label.h (label_header), lib/format_text/layout.h (pv_header, pv_header_extension).

const SECTOR = 512;
const LABEL_SECTORS = 4;
const AREAS_MAX = 16;
const PV_EXT_USED = 1;

/** What stands at the front of a physical volume. */
export interface PvHeader {
  /** 32 characters, without the hyphens that people see. */
  readonly uuid: string;
  readonly metadataAreas: readonly Area[];
  /** True when a volume group has it, false when none has; undefined where the header is too old to say. */
  readonly used: boolean | undefined;
}

/** In bytes from the start of the physical volume. */
export interface Area {
  readonly offset: number;
  readonly size: number;
}

/** True when one of the first four sectors is a label whose own checksum is right. */
export async function hasLabel(source: ByteSource): Promise<boolean> {
  return (await findLabel(source)) !== undefined;
}

/** @throws corrupt, unsupported */
export async function readLabel(source: ByteSource): Promise<PvHeader> {
  const label = await findLabel(source);
  if (!label) throw corrupt(source.label, "no LVM2 label with a good checksum in its first four sectors");
  const type = label.ascii(24, 8);
  if (type !== "LVM2 001") throw unsupported(source.label, `LVM label of type ${JSON.stringify(type)}`);
  const start = label.u32le(20);
  if (start < 32 || start > SECTOR - 40) throw corrupt(source.label, "label without a header", label.base);
  const data = readAreas(label, start + 40);
  const metadata = readAreas(label, data.end);
  const hasExtension = metadata.end + 8 <= SECTOR && label.u32le(metadata.end) >= 1;
  return {
    uuid: label.ascii(start, 32),
    metadataAreas: metadata.areas,
    used: hasExtension ? (label.u32le(metadata.end + 4) & PV_EXT_USED) !== 0 : undefined,
  };
}

async function findLabel(source: ByteSource): Promise<View | undefined> {
  const bytes = await peek(source, 0, LABEL_SECTORS * SECTOR);
  if (!bytes) return undefined;
  const front = new View(bytes, source.label);
  for (let sector = 0; sector < LABEL_SECTORS; sector++) {
    const label = front.sub(sector * SECTOR, SECTOR);
    const good =
      label.is(0, "LABELONE") &&
      label.big64le(8) === BigInt(sector) &&
      checksum(label.slice(20, SECTOR - 20)) === label.u32le(16);
    if (good) return label;
  }
  return undefined;
}

/** A list of offset and size, ended by an offset of 0. */
function readAreas(label: View, start: number): { readonly areas: readonly Area[]; readonly end: number } {
  const areas: Area[] = [];
  for (let at = start; ; at += 16) {
    const offset = label.u64le(at);
    if (offset === 0) return { areas, end: at + 16 };
    if (areas.length === AREAS_MAX) throw corrupt(label.label, "too many areas in its header", label.base);
    areas.push({ offset, size: label.u64le(at + 8) });
  }
}
