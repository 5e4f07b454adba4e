import { isReadError } from "../../../errors.ts";
import { undoFixups } from "./fixup.ts";
import { TYPE } from "./record.ts";
import type { NtfsVolume } from "./volume.ts";

const LOG_FILE = 2;
const PAGE_BYTES = 4096;
const NO_CLIENT = 0xffff;
const RESTART_CLEAN = 0x0002;

/**
 * What to say of a $LogFile that still holds changes: it is not replayed. Undefined when it is clean.
 * Source: Linux-NTFS project documentation, "$LogFile", restart area.
 */
export async function journalNote(volume: NtfsVolume): Promise<string | undefined> {
  try {
    const stream = await volume.stream(await volume.record(LOG_FILE), TYPE.data);
    if (!stream || stream.sizeBytes < 2 * PAGE_BYTES)
      return "$LogFile is too small to tell whether it is clean";
    const source = volume.content(stream);
    const pages = await Promise.all([0, PAGE_BYTES].map((at) => source.read(at, PAGE_BYTES)));
    if (pages.every((page) => page.every((byte) => byte === 0xff))) return undefined; // emptied
    const states = pages.flatMap((page, i) => restartState(page, source.label, i * PAGE_BYTES));
    const [newest] = states.toSorted((a, b) => (a.lsn < b.lsn ? 1 : -1));
    if (!newest) return "$LogFile has no valid restart page: it cannot be told whether changes are pending";
    return newest.isClean
      ? undefined
      : "dirty $LogFile: the volume was not cleanly unmounted; its log was not replayed";
  } catch (error) {
    if (!isReadError(error)) throw error;
    return `$LogFile cannot be read (${error.message})`;
  }
}

function restartState(
  page: Uint8Array,
  label: string,
  offset: number,
): readonly { readonly lsn: bigint; readonly isClean: boolean }[] {
  try {
    const view = undoFixups(page, "RSTR", label, offset);
    const area = view.u16le(0x18);
    const isClean = view.u16le(area + 12) === NO_CLIENT || (view.u16le(area + 14) & RESTART_CLEAN) !== 0;
    return [{ lsn: view.big64le(area), isClean }];
  } catch (error) {
    if (!isReadError(error)) throw error;
    return [];
  }
}
