import { compareBytes, type Observations } from "../model/observations.ts";
import type { BlindSpot } from "../model/prediction.ts";
import type { Want } from "../model/snapshot.ts";
import { unseen } from "./config-folders.ts";
import { textFile } from "./lines.ts";
import { matchesPattern } from "./pattern.ts";
import { withLib } from "./split-usr.ts";

export const MACHINE_ID = "/etc/machine-id";
const FOLDERS = ["/etc", "/run", "/usr/local/lib", "/usr/lib"].map((top) => `${top}/systemd/system-preset`);

export function presetWants(observations: Observations): readonly Want[] {
  return withLib(observations, FOLDERS).map((folder) => ({ path: `${folder}/*.preset` }));
}

/**
 * No machine-id at all, or the word for none; one that cannot be read may be either. An empty file is one.
 * Source: machine-id(5), "First Boot Semantics".
 */
export function isFirstBoot(observations: Observations): boolean {
  const file = textFile(observations, MACHINE_ID);
  if (file.state === "found") return file.lines[0]?.text.trim() === "uninitialized";
  return file.state === "absent" || file.reason !== "was not extracted";
}

/** The machine-id that could not be read, or, where it is the first boot, presets. */
export function unreadPresets(observations: Observations, isFirst: boolean): readonly BlindSpot[] {
  const listed = (isFirst ? withLib(observations, FOLDERS) : []).map((folder) => ({
    path: folder,
    seen: observations.list(folder),
  }));
  const files = listed.flatMap(({ path, seen }) =>
    seen.state === "found"
      ? seen.value
          .filter(({ name }) => name.endsWith(".preset"))
          .map(({ name }) => ({ path: `${path}/${name}`, seen: observations.file(`${path}/${name}`) }))
      : [],
  );
  return [{ path: MACHINE_ID, seen: observations.file(MACHINE_ID) }, ...listed, ...files].flatMap(
    ({ path, seen }) =>
      seen.state === "unreadable" ? [unseen("presets", path, seen.reason, seen.locator)] : [],
  );
}

/** Whether presets enable a unit: the first line that fits, of all files by name. Source: systemd.preset(5). */
export function isPreset(observations: Observations, unit: string): boolean {
  const chosen = new Map<string, string>();
  for (const folder of withLib(observations, FOLDERS)) {
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
