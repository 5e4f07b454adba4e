import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { withLib } from "./split-usr.ts";
import { OWN_UNITS, VENDOR_UNITS } from "./unit-folders.ts";

export const VENDOR_RULES = "/usr/lib/udev/rules.d";
const ENABLED = "multi-user.target.wants";
/** Read of one file. */
const MAX_BYTES = 64 << 10;

/** Packages' own hooks of network managers. Sources: NetworkManager-dispatcher(8), networkd-dispatcher(8). */
export const VENDOR_HOOKS: readonly string[] = [
  ...["", "/pre-up.d", "/no-wait.d"].map((below) => `/usr/lib/NetworkManager/dispatcher.d${below}`),
  ...["carrier", "degraded", "configured", "routable"].map(
    (state) => `/usr/lib/networkd-dispatcher/${state}.d`,
  ),
];

/**
 * What packages put into /usr and a boot starts. It lies two rounds of reads deeper than everything else, and is as its
 * packages have it in nearly every image: it is read where a person asks for it.
 */
export const VENDOR_WANTS: readonly Want[] = [
  // The image's own links to those that hang on timers and the like.
  ...["wants", "requires", "upholds"].map((kind): Want => ({ path: `${OWN_UNITS}/*.${kind}`, what: "list" })),
  ...["/usr/lib", "/lib"].flatMap(vendorWants),
  ...VENDOR_HOOKS.map((folder): Want => ({ path: `${folder}/*`, maxBytes: MAX_BYTES })),
];

function vendorWants(lib: string): readonly Want[] {
  return [
    ...["wants", "requires"].map((kind): Want => ({ path: `${lib}/systemd/system/*.${kind}`, what: "list" })),
    { path: `${lib}/systemd/system/*.service`, maxBytes: MAX_BYTES },
    { path: `${lib}/systemd/system/*.d/*.conf`, maxBytes: MAX_BYTES },
    { path: `${lib}/udev/rules.d/*.rules`, maxBytes: MAX_BYTES },
  ];
}

/** Vendors' units and links count as they are. */
export function looksAtVendors(observations: Observations): boolean {
  return enablesNothing(observations) || readVendorFolders(observations).length > 0;
}

/** Folders of vendors' units that were read whole, or tried to. */
export function readVendorFolders(observations: Observations): readonly string[] {
  return withLib(observations, [VENDOR_UNITS]).filter((folder) => {
    const units = observations.list(folder);
    return units.state === "found" || (units.state === "unreadable" && !NOT_ASKED.test(units.reason));
  });
}

/** Nobody asked for it. */
export const NOT_ASKED: RegExp = /^(?:content was|directory was|was) not (?:extracted|listed)$/;

/**
 * Nothing is enabled in /etc for the usual goal. So it is in images made of container images, whose recipes also
 * remove vendors' links in /usr.
 */
function enablesNothing(observations: Observations): boolean {
  const units = observations.list(OWN_UNITS);
  if (units.state === "absent") return true;
  if (units.state === "unreadable") return false;
  if (!units.value.some(({ name }) => name === ENABLED)) return true;
  const enabled = observations.list(`${OWN_UNITS}/${ENABLED}`);
  return enabled.state === "found" && enabled.value.length === 0;
}
