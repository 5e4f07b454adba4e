/**
 * The name of a file's content in the archive: `files` and its path, with every byte but letters, digits and `._-`
 * percent-encoded. Two paths never share a name, and no name leaves the folder it is unpacked in.
 */
export function memberOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  return ["files", ...parts.map(encoded)].join("/");
}

function encoded(part: string): string {
  // A part of dots alone would be a way out.
  if (/^\.+$/.test(part)) return part.replaceAll(".", "%2E");
  return Array.from(part, (character) =>
    /[A-Za-z0-9._-]/.test(character) ? character : bytesOf(character).map(percent).join(""),
  ).join("");
}

/** A byte that is not UTF-8 stands in names as U+DC80..U+DCFF. */
function bytesOf(character: string): readonly number[] {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0xdc80 && code <= 0xdcff ? [code & 0xff] : [...new TextEncoder().encode(character)];
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

const MEMBER = /^(?:manifest\.json|files(?:\/(?!\.+(?:\/|$))[A-Za-z0-9._%-]+)+)$/;

/** Whether a bundle may have a member of this name. */
export function isMember(name: string): boolean {
  return MEMBER.test(name);
}
