/**
 * NTFS 1.2 to 3.1. Sources: the Linux-NTFS project's documentation of the format, [MS-FSCC] for reparse points,
 * [MS-XCA] for compression.
 */
import { corrupt, isReadError } from "../../../errors.ts";
import type { Format } from "../../bytes/format.ts";
import { View } from "../../bytes/view.ts";
import type { FileSystem } from "../driver.ts";
import { looksLikeNtfs, parseBootSector } from "./boot-sector.ts";
import { journalNote } from "./journal.ts";
import { type NtfsContext, NtfsNode } from "./node.ts";
import { TYPE, utf16 } from "./record.ts";
import { UpCase } from "./upcase.ts";
import { NtfsVolume } from "./volume.ts";

const SECTOR_BYTES = 512;
const RECORD = { volume: 3, root: 5, upcase: 10 } as const;
const VOLUME_DIRTY = 1;

export const ntfs: Format<FileSystem> = {
  name: "ntfs",

  async probe(source) {
    return source.size >= SECTOR_BYTES && looksLikeNtfs(await source.read(0, SECTOR_BYTES));
  },

  async open(source) {
    const boot = parseBootSector(await source.read(0, SECTOR_BYTES), source.label);
    const notes: string[] = [];
    const volume = await NtfsVolume.open(source, boot, notes);
    const [identity, journal] = await Promise.all([identify(volume, notes), journalNote(volume)]);
    if (journal !== undefined) notes.push(journal);
    let upcase: Promise<UpCase> | undefined;
    const context: NtfsContext = { volume, upcase: () => (upcase ??= openUpCase(volume)) };
    return {
      type: "ntfs",
      label: identity.label,
      uuid: boot.uuid,
      features: identity.features,
      notes,
      stale: journal,
      caseSensitive: false,
      root: () => NtfsNode.open(context, RECORD.root),
    };
  },
};

/** Label and version, from $Volume; a volume without them is still read. */
async function identify(
  volume: NtfsVolume,
  notes: string[],
): Promise<{ readonly label: string; readonly features: readonly string[] }> {
  try {
    const record = await volume.record(RECORD.volume);
    const [name, information] = await Promise.all([
      volume.stream(record, TYPE.volumeName),
      volume.stream(record, TYPE.volumeInformation),
    ]);
    const label = name?.value ? utf16(new View(name.value, name.label), 0, name.value.length >> 1) : "";
    if (!information?.value) return { label, features: [] };
    const view = new View(information.value, information.label);
    if ((view.u16le(10) & VOLUME_DIRTY) !== 0) notes.push("volume is marked dirty: chkdsk would run at boot");
    return { label, features: [`ntfs ${view.u8(8)}.${view.u8(9)}`] };
  } catch (error) {
    if (!isReadError(error)) throw error;
    notes.push(`$Volume cannot be read (${error.message})`);
    return { label: "", features: [] };
  }
}

async function openUpCase(volume: NtfsVolume): Promise<UpCase> {
  const record = await volume.record(RECORD.upcase);
  const stream = await volume.stream(record, TYPE.data);
  if (!stream) throw corrupt(record.label, "$UpCase has no content");
  return new UpCase(volume.content(stream));
}
