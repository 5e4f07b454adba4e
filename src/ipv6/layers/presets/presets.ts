import { compareBytes, type Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { textFile } from "../../lines.ts";
import { matchesPattern } from "../../pattern.ts";

export const MACHINE_ID = "/etc/machine-id";
const FOLDERS = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map((top) => `${top}/systemd/system-preset`);

export const PRESET_WANTS: readonly Want[] = FOLDERS.map((folder) => ({ path: `${folder}/*.preset` }));

/** No machine-id at all, or the word for none. An empty file is none. Source: machine-id(5), "First Boot Semantics". */
export function isFirstBoot(observations: Observations): boolean {
  const file = textFile(observations, MACHINE_ID);
  return (
    file.state === "absent" || (file.state === "found" && file.lines[0]?.text.trim() === "uninitialized")
  );
}

/** Whether presets enable a unit: the first line that fits, of all files by name. Source: systemd.preset(5). */
export function isPreset(observations: Observations, unit: string): boolean {
  const chosen = new Map<string, string>();
  for (const folder of FOLDERS) {
    const listed = observations.list(folder);
    for (const { name } of listed.state === "found" ? listed.value : [])
      if (name.endsWith(".preset") && !chosen.has(name)) chosen.set(name, `${folder}/${name}`);
  }
  for (const [, path] of [...chosen].toSorted(([a], [b]) => compareBytes(a, b))) {
    const file = textFile(observations, path);
    for (const { text } of file.state === "found" ? file.lines : []) {
      const [word = "", pattern = ""] = text.trim().split(/\s+/);
      if (/^(enable|disable|ignore)$/.test(word) && matchesPattern(pattern, unit)) return word === "enable";
    }
  }
  return chosen.size > 0;
}
