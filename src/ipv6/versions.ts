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

const IFCFG_PLUGIN = "libnm-settings-plugin-ifcfg-rh.so";
/** What `hasIfcfgPlugin` looks at. */
export const IFCFG_PLUGIN_WANTS: readonly Want[] = [
  { path: `/usr/lib64/NetworkManager/*/${IFCFG_PLUGIN}`, what: "names" },
];

/**
 * Whether NetworkManager can read ifcfg files: Red Hat has no plugin for it from 10 on, and in Fedora it is a package
 * of its own that nothing asks for since 36. Told from the plugin's file, else from the release.
 */
export function hasIfcfgPlugin(observations: Observations): boolean {
  const [folder = ""] = NM_FOLDERS;
  const listed = observations.list(folder);
  const versions = (listed.state === "found" ? listed.value : []).filter(({ name }) => /^\d/.test(name));
  if (versions.length > 0) {
    const found = versions.map(({ name }) => observations.entry(`${folder}/${name}/${IFCFG_PLUGIN}`).state);
    return found.some((state) => state !== "absent");
  }
  const { id, release } = releaseOf(observations);
  if (id === "rhel" || LIKE_RHEL.has(id)) return !(release >= 10);
  return id !== "fedora" || !(release >= 36);
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
