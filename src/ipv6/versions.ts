import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { textFile } from "./lines.ts";

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

const LIBRARY_FOLDERS = [
  "/usr/lib/systemd",
  "/usr/lib/x86_64-linux-gnu/systemd",
  "/usr/lib/aarch64-linux-gnu/systemd",
  "/usr/lib64/systemd",
];
/** What `systemdVersion` looks at. */
export const SYSTEMD_VERSION_WANTS: readonly Want[] = LIBRARY_FOLDERS.map(
  (path): Want => ({ path, what: "list" }),
);

/** The first number of systemd's version: from its library's name, else from the release. */
export function systemdVersion(observations: Observations): number | undefined {
  const { id, release } = releaseOf(observations);
  return libraryVersion(observations) ?? versionIn(SYSTEMD_OF_RELEASE, id, release);
}

/** ID and VERSION_ID of os-release(5). */
export function releaseOf(observations: Observations): { readonly id: string; readonly release: number } {
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    const file = textFile(observations, path);
    if (file.state !== "found") continue;
    const field = (name: string): string =>
      file.lines
        .find(({ text }) => text.startsWith(`${name}=`))
        ?.text.slice(name.length + 1)
        .replace(/^["']|["']\s*$/g, "")
        .trim() ?? "";
    return { id: field("ID"), release: Number.parseFloat(field("VERSION_ID")) };
  }
  return { id: "", release: Number.NaN };
}

/** `libsystemd-shared-252.so` and the like carry the version in their name. */
function libraryVersion(observations: Observations): number | undefined {
  for (const folder of LIBRARY_FOLDERS) {
    const listed = observations.list(folder);
    for (const { name } of listed.state === "found" ? listed.value : []) {
      const version = /^libsystemd-(?:shared|core)-(\d+)/.exec(name)?.[1];
      if (version !== undefined) return Number(version);
    }
  }
  return undefined;
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
  ],
};

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
