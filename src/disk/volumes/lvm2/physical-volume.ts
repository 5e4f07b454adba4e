import { isReadError, type ScanError } from "../../../errors.ts";
import type { ByteSource } from "../../bytes/byte-source.ts";
import { groupOf, type VolumeGroup } from "./group.ts";
import { type PvHeader, readLabel } from "./label.ts";
import { type MetadataText, readMetadata } from "./metadata-area.ts";
import { parseText } from "./text.ts";

/** A physical volume as it lies on the disk, with the copies of its group's metadata that it carries. */
export interface PhysicalVolume extends Pick<PvHeader, "uuid" | "used"> {
  /** As `--volume` names what it lies in: `whole`, `p1`. */
  readonly name: string;
  readonly data: ByteSource;
  readonly copies: readonly VolumeGroup[];
  /** Why a copy could not be read. */
  readonly errors: readonly ScanError[];
}

/** Reads label and metadata. @throws corrupt, unsupported when there is no usable label */
export async function openPhysicalVolume(data: ByteSource, name: string): Promise<PhysicalVolume> {
  const { uuid, used, metadataAreas } = await readLabel(data);
  const errors: ScanError[] = [];
  const failed = (error: unknown): undefined => {
    if (!isReadError(error)) throw error;
    errors.push(error);
  };
  const texts = await Promise.all(metadataAreas.map((area) => readMetadata(data, area).catch(failed)));
  const copies = different(texts).flatMap(({ text }) => {
    try {
      return [groupOf(parseText(text, data.label))];
    } catch (error) {
      failed(error);
      return [];
    }
  });
  return { uuid, used, name, data, copies, errors };
}

/** Copies are equal as a rule: one of a kind is enough. */
function different(texts: readonly (MetadataText | undefined)[]): readonly MetadataText[] {
  const byCrc = new Map(texts.flatMap((text) => (text ? [[`${text.crc} ${text.text.length}`, text]] : [])));
  return [...byCrc.values()];
}
