import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { evidenceIn, textFile } from "../../lines.ts";
import { withLib } from "../../split-usr.ts";
import { VENDOR_RULES } from "../../vendors.ts";

/*
 * Rules of udev may keep NetworkManager from cards; which ones is not followed. Sources: NetworkManager.conf(5), NM_UNMANAGED;
 * udev(7), "Rules files".
 */

const OWN = ["/etc/udev/rules.d", "/usr/local/lib/udev/rules.d"];
/** A vendor has hundreds of rules; one that is about this says so. */
const TELLING = /(?:^|[^a-z])nm(?:[^a-z]|$)|net-?work-?manager|manage/i;
/** NetworkManager's own: cards of virtual machines on this one, and of containers. */
const SHIPPED = new Set(["84-nm-drivers.rules", "85-nm-unmanaged.rules", "90-nm-thunderbolt.rules"]);
const UNMANAGED = /^[^#]*\bNM_UNMANAGED\b/;
/** A second card that Azure gives beside the one that the machine talks by. Source: Azure, "Accelerated networking". */
const BESIDE = /\bDRIVERS=="hv_pci"/;

/** Asked for where IPv6 would be off by a profile. */
export function ruleWants(observations: Observations): readonly Want[] {
  return [
    ...[...OWN, ...vendors(observations)].map((path): Want => ({ path, what: "list" })),
    ...rulesIn(observations).map((path): Want => ({ path, maxBytes: 64 << 10 })),
  ];
}

export function byRules(observations: Observations): readonly BlindSpot[] {
  return rulesIn(observations).flatMap((path): readonly BlindSpot[] => {
    const file = textFile(observations, path);
    const line =
      file.state === "found"
        ? file.lines.find(({ text: one }) => UNMANAGED.test(one) && !BESIDE.test(one))
        : undefined;
    if (file.state !== "found" || !line) return [];
    const text = `${path} may keep NetworkManager from the card`;
    return [{ layer: "networkmanager", text, evidence: [evidenceIn(file, line)], decisive: true }];
  });
}

function rulesIn(observations: Observations): readonly string[] {
  const own = OWN.flatMap((folder) => rulesOf(observations, folder));
  const vendor = vendors(observations).flatMap((folder) =>
    rulesOf(observations, folder).filter((path) => {
      const name = path.slice(folder.length + 1);
      return TELLING.test(name) && !SHIPPED.has(name);
    }),
  );
  return [...own, ...vendor];
}

function vendors(observations: Observations): readonly string[] {
  return withLib(observations, [VENDOR_RULES]);
}

function rulesOf(observations: Observations, folder: string): readonly string[] {
  const listed = observations.list(folder);
  if (listed.state !== "found") return [];
  return listed.value.flatMap(({ name }) => (name.endsWith(".rules") ? [`${folder}/${name}`] : []));
}
