import type { Tree } from "../disk/filesystems/tree.ts";

/** How `escapeText` writes what does not print, and bytes that are not UTF-8. */
const ESCAPE = /\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{5,6})\}/gi;
const CODE_POINT_MAX = 0x10ffff;

/**
 * The path that a person means: the one given or, where nothing has that name, the one that `ls` shows like it
 * (`/etc/caf\xe9.conf`): no argument can hold a byte that is not UTF-8.
 */
export async function meantPath(tree: Tree, given: string): Promise<string> {
  const shown = given.replace(ESCAPE, (whole, byte?: string, unit?: string, point?: string) => {
    const code = Number.parseInt(byte ?? unit ?? point ?? "", 16);
    if (byte !== undefined && code >= 0x80) return String.fromCharCode(0xdc00 + code);
    return code > CODE_POINT_MAX ? whole : String.fromCodePoint(code);
  });
  if (shown === given || (await tree.resolve(given)).state !== "absent") return given;
  return shown;
}
