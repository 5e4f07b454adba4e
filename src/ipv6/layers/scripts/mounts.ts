import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { ELSEWHERE } from "../../unit-folders.ts";
import { foldersOfLinks, namesIn, UNITS, vendorLinks } from "./units.ts";

/* Units that mount what fstab does not know of. Source: systemd.mount(5), systemd.automount(5). */

/** Where something else than what was read may appear that decides: there, above and below. */
const DECIDES: readonly RegExp[] = [
  /^\/etc(\/|$)/,
  /^\/usr(\/local)?$/,
  /^\/(usr\/(local\/)?)?lib(\/((sysctl|modprobe|modules-load|tmpfiles)\.d|systemd|udev|netplan|NetworkManager)(\/.*)?)?$/,
  /^\/run\/((sysctl|modprobe|modules-load|tmpfiles)\.d|systemd|udev|netplan|NetworkManager)(\/.*)?$/,
  /^\/var(\/lib(\/(cloud|NetworkManager|extensions|confexts)(\/.*)?)?)?$/,
];

/** Ubuntu's overlayroot, which looks there from the initramfs. */
const OVERLAYROOT = ["/etc/overlayroot.conf", "/etc/overlayroot.local.conf"];
/** Everything else it knows lies in memory, and is empty at each boot. */
const ON_DISK = /^\s*overlayroot=["']?(?:device|crypt)[:,]/;

/** Whether a unit is a link that masks it. */
export function mountWants(observations: Observations): readonly Want[] {
  const units = namesIn(observations, UNITS).filter((name) => placeOf(name) !== undefined);
  return [
    ...OVERLAYROOT.map((path): Want => ({ path })),
    ...units.map((name): Want => ({ path: `${UNITS}/${name}`, what: "names" })),
  ];
}

/** What lies on another disk is put over the whole root. */
export function overlaidRoot(observations: Observations): readonly BlindSpot[] {
  return OVERLAYROOT.flatMap((path): readonly BlindSpot[] => {
    const file = textFile(observations, path);
    const line = file.state === "found" ? file.lines.find(({ text }) => ON_DISK.test(text)) : undefined;
    if (file.state !== "found" || !line) return [];
    const text = `${path} lays over the root what another disk has, which is not read`;
    return [{ layer: "scripts", text, evidence: [lineEvidence(file.locator, line)], decisive: true }];
  });
}

/** The image's own units, and those that its own links start: whether they come before who reads what they hide is not asked. */
export function mountUnits(observations: Observations): readonly BlindSpot[] {
  const folders = [UNITS, ...ELSEWHERE, ...foldersOfLinks(observations, UNITS), ...vendorLinks(observations)];
  const found = new Map(
    folders.flatMap((folder) =>
      namesIn(observations, folder, ["file", "symlink", "unknown"])
        .filter((name) => !isMasked(observations, name))
        .map((name) => [name, folder] as const),
    ),
  );
  return [...found].flatMap(([name, folder]): readonly BlindSpot[] => {
    const place = placeOf(name);
    if (place === undefined) return [];
    const { locator } = observations.entry(`${folder}/${name}`);
    const text = `${folder}/${name} mounts at ${place}: whether it does, and what is there then, is not followed`;
    return [{ layer: "scripts", text, evidence: [{ locator }], decisive: true }];
  });
}

function isMasked(observations: Observations, name: string): boolean {
  const entry = observations.entry(`${UNITS}/${name}`);
  return entry.state === "found" && entry.value.target === "/dev/null";
}

/** Where a unit of this name mounts, if something there decides. */
function placeOf(name: string): string | undefined {
  const path = /^(.*)\.(?:auto)?mount$/.exec(name)?.[1];
  const place = path === undefined ? undefined : unescapeUnit(path);
  return place !== undefined && DECIDES.some((one) => one.test(place)) ? place : undefined;
}

/** Source: systemd.unit(5), "String Escaping for Inclusion in Unit Names". */
function unescapeUnit(name: string): string {
  const path = name
    .replaceAll("-", "/")
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return `/${path}`;
}
