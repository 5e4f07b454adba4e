import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import { isMask, unseen } from "../../config-folders.ts";
import { parseKeyfile } from "../../keyfile.ts";
import { evidenceIn, textFile } from "../../lines.ts";
import { type Profile, profileOf } from "./profile.ts";

const RUN = "/run/NetworkManager/system-connections";
const VENDOR = "/usr/lib/NetworkManager/system-connections";

export interface Keyfiles {
  readonly profiles: readonly Profile[];
  readonly refused: readonly { readonly text: string; readonly evidence: Evidence }[];
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * Profiles of the folder of /etc, of /run and of the vendor; of files with one name the first counts. Only root's
 * own files that nobody else can read are taken. Source: NetworkManager, nms-keyfile-plugin.c.
 */
export function readKeyfiles(observations: Observations, own: string, knowsDisabled: boolean): Keyfiles {
  const taken = new Set<string>();
  const profiles: Profile[] = [];
  const refused: { text: string; evidence: Evidence }[] = [];
  const blindSpots: BlindSpot[] = [];
  for (const folder of [own, RUN, VENDOR]) {
    const listed = observations.list(folder);
    if (listed.state === "unreadable" && folder !== RUN)
      blindSpots.push(unseen("networkmanager", folder, listed.reason, listed.locator));
    for (const { name } of listed.state === "found" ? listed.value : []) {
      const path = `${folder}/${name}`;
      if (!isProfileName(name, folder !== own) || taken.has(name)) continue;
      taken.add(name);
      if (isMask(observations, path)) continue;
      const file = textFile(observations, path);
      if (file.state === "unreadable" && file.reason !== "is a directory")
        blindSpots.push(unseen("networkmanager", path, file.reason, file.locator));
      if (file.state !== "found") continue;
      const whole = evidenceIn(file);
      const reason = isSecret(observations, path) ? undefined : "others than root may read it";
      const entries = parseKeyfile(file);
      const profile =
        reason ?? (entries ? profileOf(path, whole, entries, knowsDisabled) : "it is no key file");
      if (typeof profile === "string")
        refused.push({ text: `${path} is refused: ${profile}`, evidence: whole });
      else if (profile) profiles.push(profile);
    }
  }
  return { profiles, refused, blindSpots };
}

/** Source: NetworkManager, nm_keyfile_utils_ignore_filename. */
function isProfileName(name: string, needsSuffix: boolean): boolean {
  if (name.startsWith(".")) return false;
  if (needsSuffix) return name.endsWith(".nmconnection");
  return !/(~|\.pem|\.der|\.[A-Za-z0-9]{6})$/.test(name) && !name.endsWith(".nmmeta");
}

function isSecret(observations: Observations, path: string): boolean {
  const file = observations.file(path);
  if (file.state !== "found") return true;
  const { mode, uid } = file.value;
  return (mode === undefined || (mode & 0o077) === 0) && (uid === undefined || uid === 0);
}
