import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { textFile } from "../../lines.ts";
import type { Program } from "./replay.ts";

/** Which program writes sysctl files at boot, from which places, in every version it may be. */
export interface Applier {
  readonly name: "systemd-sysctl" | "sysctl --system" | "OpenRC";
  readonly programs: readonly Program[];
}

const SYSTEMD: Program = {
  kind: "map",
  patterns: true,
  ordered: true,
  skipsEqual: true,
  reappliesOnAdd: true,
};

/** Newest first; each with the first version that behaves so. Source: systemd's history of src/sysctl. */
const SYSTEMD_BY_VERSION: readonly { readonly since: number; readonly program: Program }[] = [
  { since: 250, program: SYSTEMD },
  { since: 245, program: { ...SYSTEMD, skipsEqual: false } },
  { since: 232, program: { ...SYSTEMD, skipsEqual: false, patterns: false } },
  { since: 0, program: { ...SYSTEMD, skipsEqual: false, patterns: false, ordered: false } },
];

const PROCPS: Program = {
  kind: "sequence",
  patterns: true,
  ordered: true,
  skipsEqual: false,
  reappliesOnAdd: false,
};

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
];
export const VERSION_WANTS: readonly Want[] = LIBRARY_FOLDERS.map((path): Want => ({ path, what: "list" }));

/** By the operating system's name; everything that is not known to do otherwise runs systemd. */
export function applierOf(observations: Observations): Applier {
  const { id, release } = releaseOf(observations);
  if (id === "alpine" || id === "postmarketos" || id === "gentoo")
    return { name: "OpenRC", programs: [{ ...PROCPS, patterns: false }, PROCPS] };
  if (id === "devuan") return { name: "sysctl --system", programs: [PROCPS, { ...PROCPS, patterns: false }] };
  const version = libraryVersion(observations) ?? releaseVersion(id, release);
  const known = version === undefined ? undefined : SYSTEMD_BY_VERSION.find(({ since }) => version >= since);
  const programs = known ? [known] : SYSTEMD_BY_VERSION.slice(0, 2);
  return { name: "systemd-sysctl", programs: programs.map(({ program }) => program) };
}

function releaseOf(observations: Observations): { readonly id: string; readonly release: number } {
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

function releaseVersion(id: string, release: number): number | undefined {
  const table = SYSTEMD_OF_RELEASE[LIKE_RHEL.has(id) ? "rhel" : id];
  const whole = Math.floor(release);
  const exact = table?.find(([known]) => known === whole);
  if (exact) return exact[1];
  const newest = table?.at(-1);
  return newest && whole > newest[0] ? newest[1] : undefined;
}
