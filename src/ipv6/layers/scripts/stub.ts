import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import { isTaken } from "./elsewhere.ts";
import { namesIn } from "./units.ts";

/*
 * What the stub of a unified kernel image hands on beside the image itself: credentials, and extensions of the initrd, which
 * can write what lasts. Other kernels get none of it. Source: systemd-stub(7).
 */

const ESP = ["/boot/efi", "/efi", "/boot"];
const LOADERS = new Set(["uki", "systemd-boot"]);
const SHARED = ["credentials", "extensions"];
const CREDENTIAL = /\.cred$/i;
const EXTENSION = /\.raw$/i;

/** Folders to be listed. */
export function stubFolders(
  observations: Observations,
  { loader, kernelPath }: BootFacts,
): readonly string[] {
  if (!LOADERS.has(loader ?? "")) return [];
  const images = ESP.map((esp) => `${esp}/EFI/Linux`);
  const own =
    kernelPath === undefined
      ? images.flatMap((folder) => namesIn(observations, folder).map((name) => `${folder}/${name}`))
      : [kernelPath];
  return [
    ...ESP.flatMap((esp) => SHARED.map((name) => `${esp}/loader/${name}`)),
    ...own
      .filter((path) => /\.efi$/i.test(path))
      // Early stubs took the boot counters for a part of the name.
      .flatMap((path) => [...new Set([path, path.replace(/\+[0-9]+(?:-[0-9]+)?(\.efi)$/i, "$1")])])
      .map((path) => `${path}.extra.d`),
  ];
}

/** Credentials that become settings, units, rules or files of the network, and extensions: none of them is read. */
export function handedOver(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  return stubFolders(observations, boot).flatMap((folder) =>
    namesIn(observations, folder)
      .filter((name) =>
        CREDENTIAL.test(name) ? isTaken(name.replace(CREDENTIAL, "")) : EXTENSION.test(name),
      )
      .map((name): BlindSpot => {
        const what = CREDENTIAL.test(name) ? "a credential that adds settings" : "laid over the initrd";
        const text = `${folder}/${name} is ${what}: it is not read`;
        const { locator } = observations.list(folder);
        return { layer: "scripts", text, evidence: [{ locator: `${locator}/${name}` }], decisive: true };
      }),
  );
}
