import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { LIBRARY_FOLDERS, namesIn, releaseOf } from "./release.ts";

/** systemd's version in releases that keep it; used only where the image does not show its libraries. */
const SYSTEMD_OF_RELEASE: Readonly<Record<string, readonly (readonly [release: number, systemd: number])[]>> =
  {
    debian: [
      [8, 215],
      [9, 232],
      [10, 241],
      [11, 247],
      [12, 252],
      [13, 257],
    ],
    ubuntu: [
      [16, 229],
      [18, 237],
      [20, 245],
      [22, 249],
      [24, 255],
    ],
    rhel: [
      [7, 219],
      [8, 239],
      [9, 252],
      [10, 257],
    ],
    amzn: [
      [2, 219],
      [2023, 252],
    ],
    photon: [
      [3, 239],
      [4, 247],
      [5, 253],
    ],
    mariner: [[2, 250]],
    azurelinux: [[3, 255]],
    openEuler: [
      [20, 243],
      [22, 249],
      [24, 255],
    ],
  };
const LIKE_RHEL = new Set(["centos", "rocky", "almalinux", "ol", "eurolinux"]);

const SYSTEMD_FOLDERS = [
  "/usr/lib/systemd",
  "/lib/systemd",
  "/usr/lib/x86_64-linux-gnu/systemd",
  "/usr/lib/aarch64-linux-gnu/systemd",
  "/usr/lib64/systemd",
];

function lists(folders: readonly string[]): readonly Want[] {
  return folders.map((path) => ({ path, what: "list" }));
}

/** Folders whose names tell the version of systemd, and of procps. */
export const SYSTEMD_WANTS: readonly Want[] = lists(SYSTEMD_FOLDERS);
export const PROCPS_WANTS: readonly Want[] = lists(LIBRARY_FOLDERS);

/** `3.3`: up to 3.3.16. */
export type ProcpsVersion = "4.0.5" | "4.0" | "3.3.17" | "3.3";

/** Libraries carry versions in their names: `libsystemd-shared-252.so`, `libproc2.so`, `libprocps.so.8.0.3`. */
export function libraryVersions(observations: Observations): {
  readonly systemd: number | undefined;
  readonly procps: ProcpsVersion | undefined;
} {
  const systemd = namesIn(observations, SYSTEMD_FOLDERS)
    .map((name) => /^libsystemd-(?:shared|core)-(\d+)/.exec(name)?.[1])
    .find((version) => version !== undefined);
  const own = namesIn(observations, LIBRARY_FOLDERS);
  const has = (start: string): boolean => own.some((name) => name.startsWith(start));
  return {
    systemd: systemd === undefined ? undefined : Number(systemd),
    procps: has("libproc2.so.1")
      ? "4.0.5"
      : has("libproc2.so")
        ? "4.0"
        : has("libprocps.so.8.0.3")
          ? "3.3.17"
          : has("libprocps.so")
            ? "3.3"
            : undefined,
  };
}

/** The version of systemd by the release's name: of a later release at least that of the last one known. */
export function releaseVersion(id: string, release: number): number | undefined {
  return versionIn(SYSTEMD_OF_RELEASE, id, release);
}

/** The first number of systemd's version: from its library's name, else from the release. */
export function systemdVersion(observations: Observations): number | undefined {
  const { id, release } = releaseOf(observations);
  return libraryVersions(observations).systemd ?? releaseVersion(id, release);
}

function versionIn(releases: typeof SYSTEMD_OF_RELEASE, id: string, release: number): number | undefined {
  const table = releases[LIKE_RHEL.has(id) ? "rhel" : id];
  const whole = Math.floor(release);
  const exact = table?.find(([known]) => known === whole);
  if (exact) return exact[1];
  const newest = table?.at(-1);
  return newest && whole > newest[0] ? newest[1] : undefined;
}

const NM_FOLDERS = [
  "/usr/lib64/NetworkManager",
  "/usr/lib/x86_64-linux-gnu/NetworkManager",
  "/usr/lib/aarch64-linux-gnu/NetworkManager",
];
/** What `nmVersion` looks at. */
export const NM_VERSION_WANTS: readonly Want[] = NM_FOLDERS.map((path): Want => ({ path, what: "list" }));

/** NetworkManager's version in releases that keep it, as major * 100 + minor. */
const NM_OF_RELEASE: typeof SYSTEMD_OF_RELEASE = {
  debian: [
    [9, 106],
    [10, 114],
    [11, 130],
    [12, 142],
    [13, 152],
  ],
  ubuntu: [
    [16, 102],
    [18, 110],
    [20, 122],
    [22, 136],
    [24, 146],
  ],
  rhel: [
    [7, 118],
    [8, 140],
    [9, 154],
    [10, 152],
  ],
};

const PLUGIN_FOLDER = /^\d+\.\d+\.\d/;
const IFCFG_PLUGIN = "libnm-settings-plugin-ifcfg-rh.so";

/** What tells whether ifcfg files are read, once `NM_VERSION_WANTS` were seen. */
export function followIfcfgPlugin(observations: Observations): readonly Want[] {
  const { id, release } = releaseOf(observations);
  return hasPlugin(id, release) ? [] : ifcfgPluginWants(observations);
}

/** The same where all hangs on the plugin, which may be removed. */
export function ifcfgPluginWants(observations: Observations): readonly Want[] {
  return lists(pluginFolders(observations));
}

function pluginFolders(observations: Observations): readonly string[] {
  return NM_FOLDERS.flatMap((folder) => {
    const listed = observations.list(folder);
    return (listed.state === "found" ? listed.value : [])
      .filter(({ name }) => PLUGIN_FOLDER.test(name))
      .map(({ name }) => `${folder}/${name}`);
  });
}

/**
 * Whether NetworkManager reads ifcfg files: by its plugin, else by the release. Red Hat's has it up to 9; Fedora's is
 * a package of its own from 36 on, which nothing asks for. Source: NetworkManager.spec of both.
 */
export function readsIfcfg(observations: Observations): boolean {
  const { id, release } = releaseOf(observations);
  const seen = pluginFolders(observations).map((folder) => observations.list(folder));
  if (seen.some(({ state }) => state === "unreadable")) return true;
  const found = seen.flatMap((listed) => (listed.state === "found" ? [listed.value] : []));
  if (found.length > 0) return found.some((names) => names.some(({ name }) => name === IFCFG_PLUGIN));
  if (id === "rhel" || LIKE_RHEL.has(id)) return !(release >= 10);
  return id !== "fedora" || !(release >= 36);
}

/** Releases whose NetworkManager always comes with it: there is nothing to look for as long as IPv6 is on. */
function hasPlugin(id: string, release: number): boolean {
  return (id === "rhel" || LIKE_RHEL.has(id)) && release < 10;
}

/** Major * 100 + minor: from the folder of its plugins, else from the release. */
export function nmVersion(observations: Observations): number | undefined {
  for (const folder of NM_FOLDERS) {
    const listed = observations.list(folder);
    for (const { name } of listed.state === "found" ? listed.value : []) {
      const [, major, minor] = /^(\d+)\.(\d+)\.\d/.exec(name) ?? [];
      if (major !== undefined && minor !== undefined) return Number(major) * 100 + Number(minor);
    }
  }
  const { id, release } = releaseOf(observations);
  return versionIn(NM_OF_RELEASE, id, release);
}
