import type { Evidence } from "../../model/locator.ts";
import type { Observations } from "../../model/observations.ts";
import { CLOUDBASE_FILES, FOLDERS, type RunFolder, USER_STARTUP, USERS } from "./first-boot-files.ts";
import type { Script } from "./scripts.ts";
import { decodeText } from "./text.ts";

type File = Pick<Script, "path" | "what">;

interface InFolders {
  readonly files: readonly File[];
  /** Folders to be listed. */
  readonly wanted: readonly string[];
}

const SCRIPTS_PATH = /^[ \t]*local_scripts_path[ \t]*[=:](.*)$/gim;

/** In all folders that lie in others: a hostile one can lie in itself. What is beyond is not asked for, so not known. */
const INNER_NAMES_MAX = 2000;

interface Left {
  names: number;
}

/** The files of folders that run as they lie there. */
export function inFolders(observations: Observations): InFolders {
  const named = namedFolders(observations).flatMap(({ folder }) => (folder === undefined ? [] : [folder]));
  const left: Left = { names: INNER_NAMES_MAX };
  const parts = runFolders(observations).map((folder) => inFolder(observations, folder, left));
  return {
    files: parts.flatMap(({ files }) => files),
    wanted: [...named.map((path) => `${path}/*`), ...parts.flatMap(({ wanted }) => wanted)],
  };
}

/** Those that always run, those of users, and the one that cloudbase-init is told to take. */
export function runFolders(observations: Observations): readonly RunFolder[] {
  const known = new Set(FOLDERS.map(({ path }) => path.toLowerCase()));
  const more = namedFolders(observations).flatMap(({ folder }): readonly RunFolder[] => {
    if (folder === undefined || known.has(folder.toLowerCase())) return [];
    known.add(folder.toLowerCase());
    return [{ path: folder, what: "a script that cloudbase-init runs" }];
  });
  return [...FOLDERS, ...userFolders(observations), ...more];
}

/** Beside users' folders lie links to others (`Default User`), and files. */
function userFolders(observations: Observations): readonly RunFolder[] {
  const users = observations.list(USERS);
  if (users.state !== "found") return [];
  return users.value.flatMap(({ name, type }): readonly RunFolder[] => {
    const path = `${USERS}/${name}/${USER_STARTUP}`;
    const isThere =
      (type === "directory" || type === "unknown") && observations.list(path).state !== "absent";
    return isThere ? [{ path, what: "a file that a logon starts" }] : [];
  });
}

/** Folders that cloudbase-init takes its scripts from; `folder` is undefined when it lies on no drive that can be told. */
export function namedFolders(
  observations: Observations,
): readonly { readonly named: string; readonly folder: string | undefined; readonly evidence: Evidence }[] {
  return CLOUDBASE_FILES.flatMap(({ path }) => {
    const file = observations.file(path);
    if (file.state !== "found") return [];
    const text = decodeText(file.value.bytes);
    return [...text.matchAll(SCRIPTS_PATH)].flatMap(([all, value = ""]) => {
      const named = value.trim().replaceAll(/^["']|["']$/g, "");
      if (named === "") return [];
      const [, below] = /^(?:C:|%SystemDrive%)[\\/](.*)$/i.exec(named) ?? [];
      const folder = below === undefined ? undefined : `/${below.split(/[\\/]/).filter(Boolean).join("/")}`;
      return [{ named, folder, evidence: { locator: file.locator, text: all.trim() } }];
    });
  });
}

function inFolder(
  observations: Observations,
  { path, what, deep, without }: RunFolder,
  left: Left,
): InFolders {
  const names = observations.list(path);
  if (names.state !== "found") return { files: [], wanted: [] };
  const files = names.value
    .filter(({ type, name }) => type !== "directory" && !isForShell(name))
    .map(({ name }) => ({ path: `${path}/${name}`, what }));
  const inner = deep
    ? names.value.filter(({ type, name }) => type === "directory" && !isOf(name, without))
    : [];
  const parts = inner.map(({ name }): InFolders => {
    const folder = `${path}/${name}`;
    const listed = observations.list(folder);
    const count = listed.state === "found" ? listed.value.length : 0;
    const fits = count <= left.names;
    if (fits) left.names -= count;
    const below = fits ? inFolder(observations, { path: folder, what, deep: true }, left) : undefined;
    return below
      ? { files: below.files, wanted: [`${folder}/*`, ...below.wanted] }
      : { files: [{ path: folder, what }], wanted: [] };
  });
  return {
    files: [...files, ...parts.flatMap((one) => one.files)],
    wanted: parts.flatMap((one) => one.wanted),
  };
}

function isOf(name: string, other: string | undefined): boolean {
  return name.toLowerCase() === other?.toLowerCase();
}

/** What Windows shows a folder by. */
function isForShell(name: string): boolean {
  return name.toLowerCase() === "desktop.ini";
}
