import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { isMask } from "./config-folders.ts";
import { initOf } from "./init.ts";
import { withLib } from "./split-usr.ts";
import { UNIT_FOLDERS, VENDOR_UNITS } from "./unit-folders.ts";
import { NOT_ASKED } from "./vendors.ts";

/** Where systemd finds a unit, or makes one out of a SysV script. Source: systemd.unit(5), "Unit File Load Path". */
function placesOf(observations: Observations, unit: string): readonly string[] {
  const folders = [...UNIT_FOLDERS, ...withLib(observations, [VENDOR_UNITS])];
  return [...folders.map((folder) => `${folder}/${unit}`), `/etc/init.d/${unit.replace(/\.service$/, "")}`];
}

/** Asked for where an off rests on what that unit does: its folder lies deep, and a link to it is nearly always enough. */
export function unitFileWants(observations: Observations, unit: string): readonly Want[] {
  if (initOf(observations) !== "systemd") return [];
  return placesOf(observations, unit).map((path) => ({ path, what: "names" }));
}

/** `there`: or nobody has asked, or no systemd boots. `gone`: a link to it starts nothing. */
export type UnitFile =
  | { readonly state: "there" | "gone" }
  | { readonly state: "unreadable"; readonly reason: string; readonly locator: string };

export function unitFile(observations: Observations, unit: string): UnitFile {
  if (initOf(observations) !== "systemd") return { state: "there" };
  let unread: UnitFile | undefined;
  for (const path of placesOf(observations, unit)) {
    const entry = observations.entry(path);
    if (entry.state === "found") return { state: isMask(observations, path) ? "gone" : "there" };
    if (entry.state === "absent") continue;
    if (NOT_ASKED.test(entry.reason) || entry.reason === "was not extracted") return { state: "there" };
    unread ??= { state: "unreadable", reason: entry.reason, locator: entry.locator };
  }
  return unread ?? withoutPackages(observations) ?? { state: "gone" };
}

/** Without the folder of all packages' units not even systemd is there: it is somewhere else. */
function withoutPackages(observations: Observations): UnitFile | undefined {
  const folders = withLib(observations, [VENDOR_UNITS]).map((folder) => observations.entry(folder));
  const [first] = folders;
  if (!first || folders.some(({ state }) => state !== "absent")) return undefined;
  return { state: "unreadable", reason: `there is no ${VENDOR_UNITS}`, locator: first.locator };
}
