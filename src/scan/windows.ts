import type { Examined } from "../guest/machine.ts";
import { examineWindows } from "../guest/windows/machine.ts";
import { windowsVersion } from "../guest/windows/os.ts";
import { predictWindows } from "../ipv6/windows/predict.ts";
import { DECIDING_KEYS, followWindows, WINDOWS_FILES, WINDOWS_KEYS } from "../ipv6/windows/wants.ts";
import type { OsInfo } from "../model/image.ts";
import type { Observations } from "../model/observations.ts";
import type { Prediction } from "../model/prediction.ts";
import type { RegistrySnapshot } from "../model/registry.ts";
import type { View } from "./view.ts";

/** Looks for a Windows among what a view holds, and fetches all that is asked of one. */
export async function examineAsWindows(view: View, review = false): Promise<Examined | undefined> {
  const place = view.files ?? view.disk;
  if (!place) return undefined;
  const keys = [...(review ? WINDOWS_KEYS : DECIDING_KEYS), ...windowsVersion.wants];
  return examineWindows(place, { files: WINDOWS_FILES, keys, follow: followWindows });
}

export function tellWindows(
  observations: Observations,
  registry: RegistrySnapshot,
): { readonly os: OsInfo; readonly prediction: Prediction } {
  return { os: windowsVersion.read(registry), prediction: predictWindows(observations, registry) };
}
