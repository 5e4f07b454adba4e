import { corrupt } from "../../../errors.ts";
import { View } from "../../bytes/view.ts";

/** Protection is in steps of 512 bytes whatever the sector size. */
const STEP_BYTES = 512;

/**
 * Checks and undoes the protection of a record that spans sectors: the last two bytes of each 512 hold the update
 * sequence number, the true ones stand in the array. Returns a copy. A torn write shows as a mismatch.
 * Source: Linux-NTFS project documentation, "Fixup".
 */
export function undoFixups(protectedBytes: Uint8Array, magic: string, label: string, offset: number): View {
  const raw = new View(protectedBytes, label, offset);
  if (!raw.is(0, magic))
    throw corrupt(label, `record has the signature "${shown(raw)}", not "${magic}"`, offset);
  const at = raw.u16le(4);
  const count = raw.u16le(6);
  if (count !== protectedBytes.length / STEP_BYTES + 1 || at % 2 !== 0 || at + count * 2 > STEP_BYTES - 2)
    throw corrupt(label, `update sequence of ${count} at ${at}`, offset + 4);
  const bytes = new Uint8Array(protectedBytes);
  for (let i = 1; i < count; i++) {
    const end = i * STEP_BYTES - 2;
    if (raw.u16le(end) !== raw.u16le(at))
      throw corrupt(
        label,
        `sector ${i - 1} of the record was not written whole (fix-up mismatch)`,
        offset + end,
      );
    bytes.set(raw.slice(at + i * 2, 2), end);
  }
  return new View(bytes, label, offset);
}

function shown(view: View): string {
  return view.ascii(0, 4).replace(/[^\x20-\x7e]/g, ".");
}
