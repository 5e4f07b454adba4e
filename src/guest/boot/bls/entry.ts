/** Boot Loader Specification type #1 entries. Source: https://uapi-group.org/specifications/specs/boot_loader_specification/ */
import type { BootFiles, Content, TextFile } from "../files.ts";

export interface BlsField {
  readonly key: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

export interface BlsEntry {
  /** File name without `.conf`. */
  readonly id: string;
  readonly file: TextFile;
  readonly fields: readonly BlsField[];
}

/**
 * `strict`: stop at the first line that has no value, be it an empty one, as GRUB does; systemd-boot
 * reads on.
 */
export function parseBlsEntry(id: string, file: TextFile, strict: boolean): BlsEntry {
  const fields: BlsField[] = [];
  for (const [index, raw] of file.lines.entries()) {
    const text = raw.replaceAll("\r", "").replace(/^[ \t]+/, "");
    if (text.startsWith("#") || (index === file.lines.length - 1 && text === "")) continue;
    const found = /^([^ \t]+)[ \t]+(.+)$/s.exec(text);
    if (found === null) {
      if (strict) break;
      continue;
    }
    const [, key = "", value = ""] = found;
    fields.push({ key, value: strict ? value : value.trimEnd(), line: index + 1 });
  }
  return { id, file, fields };
}

export function firstField(entry: BlsEntry, key: string): BlsField | undefined {
  return entry.fields.find((field) => field.key === key);
}

/** Every `*.conf` of `folder`; `absent` when the folder is. One that cannot be read spoils the answer. */
export function blsFilesIn(
  folder: string,
  files: BootFiles,
): Content<readonly { id: string; file: TextFile }[]> {
  const names = files.names(folder, { extension: ".conf" });
  if (names.state !== "found") return names;
  const entries: { id: string; file: TextFile }[] = [];
  let unreadable: Content<never> | undefined;
  for (const name of names.value.filter((one) => one.endsWith(".conf") && one !== ".conf")) {
    const file = files.text(`${folder}/${name}`);
    if (file.state === "found") entries.push({ id: name.slice(0, -".conf".length), file: file.value });
    if (file.state === "unreadable") unreadable = file;
  }
  return unreadable ?? { state: "found", value: entries, locator: names.locator };
}
