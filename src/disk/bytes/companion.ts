import { unsupported } from "../../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import type { Companions } from "./format.ts";
import { quoteName } from "./names.ts";

/** The last part of a path as an image writes it: of any Unix or Windows machine. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/**
 * Files that an image names. Only what the user gave is used: no name is ever opened on this machine.
 * @param what what they are to the image: `backing file`, `extents`
 * @throws unsupported that names every file that is missing
 */
export function companionFiles(
  names: readonly string[],
  what: string,
  companions: Companions | undefined,
  label: string,
): readonly ByteSource[] {
  const found = names.map((name) => companions?.byName.get(name) ?? companions?.byName.get(baseName(name)));
  const sources = found.filter((source) => source !== undefined);
  if (sources.length === names.length) return sources;
  const missing = names.filter((_, i) => found[i] === undefined);
  throw unsupported(
    label,
    `needs its ${what} ${listed(missing)}, which ${missing.length > 1 ? "are" : "is"} not opened by name: ` +
      `give ${missing.length > 1 ? "these files" : "that file"} along with the image (--with FILE), ` +
      "or make one file of all with qemu-img convert -O qcow2",
  );
}

export function companionFile(
  name: string,
  what: string,
  companions: Companions | undefined,
  label: string,
): ByteSource {
  const [source] = companionFiles([name], what, companions, label);
  if (source) return source;
  throw unsupported(label, `needs its ${what} ${quoteName(name)}`);
}

const SHOWN_MAX = 12;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_MAX).map(quoteName).join(", ");
  return names.length > SHOWN_MAX ? `${shown} and ${names.length - SHOWN_MAX} more` : shown;
}
