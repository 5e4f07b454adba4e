import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { isMask } from "./config-folders.ts";
import { evidenceIn, textFile } from "./lines.ts";
import { ELSEWHERE, OWN_UNITS, UNIT_FOLDERS } from "./unit-folders.ts";

/** What an image's own unit files and drop-ins change of a service that a package brings. */

/**
 * Lines of a drop-in with which the service does not run, fails, runs something else, or does not reach the machine's
 * network. Sources: systemd.unit(5), "Conditions and Asserts"; systemd.service(5); systemd.exec(5).
 */
const CHANGES =
  /^\s*(?:ExecStart|ExecStartPre|ExecCondition|(?:Condition|Assert)\w+|Requires|Requisite|BindsTo|Conflicts|User|DynamicUser|CapabilityBoundingSet|Root(?:Directory|Image)|ProtectKernelTunables|ReadOnlyPaths|InaccessiblePaths|TemporaryFileSystem|BindReadOnlyPaths|PrivateNetwork|NetworkNamespacePath)\s*=/;
/** Its failure is ignored; systemd.service(5), table "Special executable prefixes". */
const MAY_FAIL = /^\s*ExecStartPre\s*=\s*[@:+!]*-/;
/** Lines of a unit in the vendor's place; what confines it is the vendor's, too, and two of the conditions. */
const UNIT_CHANGES =
  /^\s*(?:ExecCondition|(?:Condition|Assert)(?!Capability\s*=|PathIsReadWrite\s*=\s*\/proc\/sys\/net\/?\s*$)\w+)\s*=\s*\S/;

/**
 * Folders of the image's own whose drop-ins count for a unit: of its name, of each prefix of it that ends with a dash,
 * of its type. Source: systemd.unit(5), "Drop-in files".
 */
export function dropInFoldersOf(observations: Observations, unit: string): readonly string[] {
  const named = dropInNames(unit);
  return UNIT_FOLDERS.flatMap((folder) =>
    namesIn(observations, folder)
      .filter((name) => named.includes(name))
      .map((name) => `${folder}/${name}`),
  );
}

function dropInNames(unit: string): readonly string[] {
  const dot = unit.lastIndexOf(".");
  const [stem, type] = [unit.slice(0, dot), unit.slice(dot + 1)];
  const prefixes = [...stem.slice(0, -1).matchAll(/-/g)].map(({ index }) => stem.slice(0, index + 1));
  return [`${unit}.d`, ...prefixes.map((prefix) => `${prefix}.${type}.d`), `${type}.d`];
}

function namesIn(observations: Observations, folder: string): readonly string[] {
  const listed = observations.list(folder);
  return listed.state === "found" ? listed.value.map(({ name }) => name) : [];
}

/** What `changesOf` looks at, as far as it is there. */
export function changeWants(observations: Observations, unit: string): readonly Want[] {
  return [
    ...ELSEWHERE.map((path): Want => ({ path, what: "list" })),
    ...UNIT_FOLDERS.filter((folder) => namesIn(observations, folder).includes(unit)).map((folder) => ({
      path: `${folder}/${unit}`,
    })),
    ...dropInFoldersOf(observations, unit).map((folder) => ({ path: `${folder}/*.conf` })),
  ];
}

/**
 * Where the image changes what a service runs, or whether. `program`: a word that the command of the unit has. Of what
 * could not be read, too.
 */
export function changesOf(observations: Observations, unit: string, program: string): readonly Evidence[] {
  return [
    ...changesInUnit(observations, `${OWN_UNITS}/${unit}`, program),
    ...unitsElsewhere(observations, unit, program),
    ...dropInFoldersOf(observations, unit).flatMap((folder) => changesInDropIns(observations, folder)),
    ...againstIt(observations, unit),
  ];
}

/** Other units of the image's own that cannot run beside it, as far as they were read. Source: systemd.unit(5), Conflicts=. */
function againstIt(observations: Observations, unit: string): readonly Evidence[] {
  return namesIn(observations, OWN_UNITS).flatMap((name): readonly Evidence[] => {
    const file = textFile(observations, `${OWN_UNITS}/${name}`);
    if (file.state !== "found") return [];
    const line = file.lines.find(({ text }) => /^\s*Conflicts\s*=/.test(text) && text.includes(unit));
    return line ? [evidenceIn(file, line)] : [];
  });
}

/** Another unit in the vendor's place there, or a mask of it. */
export function unitsElsewhere(
  observations: Observations,
  unit: string,
  program: string,
): readonly Evidence[] {
  return ELSEWHERE.map((folder) => `${folder}/${unit}`).flatMap((path) => {
    const { state, locator } = observations.entry(path);
    if (state === "absent" || !namesIn(observations, path.slice(0, path.lastIndexOf("/"))).includes(unit))
      return [];
    const isUnit = observations.file(path).state === "found" && !isMask(observations, path);
    return isUnit ? changesInUnit(observations, path, program) : [{ locator }];
  });
}

/** The line of a unit in the vendor's place with which it may not run, or the unit where it runs something else. */
export function changesInUnit(
  observations: Observations,
  path: string,
  program: string,
): readonly Evidence[] {
  const file = textFile(observations, path);
  if (file.state !== "found") return [];
  const changed = file.lines.find(({ text }) => UNIT_CHANGES.test(text));
  if (changed) return [evidenceIn(file, changed)];
  const runsIt = file.lines.some(({ text }) => /^\s*ExecStart\s*=/.test(text) && text.includes(program));
  return runsIt ? [] : [{ locator: file.locator }];
}

/** Lines of the drop-ins of one folder that change whether the service runs, or what; those that could not be read. */
export function changesInDropIns(observations: Observations, folder: string): readonly Evidence[] {
  const listed = observations.list(folder);
  if (listed.state === "unreadable") return [{ locator: listed.locator }];
  const names = listed.state === "found" ? listed.value.map(({ name }) => name) : [];
  return names
    .filter((name) => name.endsWith(".conf"))
    .map((name) => `${folder}/${name}`)
    .filter((path) => !isMask(observations, path))
    .flatMap((path): readonly Evidence[] => {
      const file = textFile(observations, path);
      if (file.state === "unreadable") return [{ locator: file.locator }];
      if (file.state === "absent") return [];
      const line = file.lines.find(({ text }) => CHANGES.test(text) && !MAY_FAIL.test(text));
      return line ? [evidenceIn(file, line)] : [];
    });
}
