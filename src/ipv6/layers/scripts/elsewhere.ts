import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { splitArguments } from "../../arguments.ts";
import { ELSEWHERE } from "../../unit-folders.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";
import { namesIn } from "./units.ts";

/*
 * Folders that hardly an image has: systemd's units and generators outside their usual places, and extensions that it lays
 * over /usr and /etc; hooks of small programs. Sources: systemd.unit(5), "Unit File Load Path";
 * systemd.generator(7); systemd-sysext(8).
 */

const GENERATORS = ["/etc/systemd/system-generators", "/usr/local/lib/systemd/system-generators"];
/** Source: udev(7), "Rules files". */
const RULES = "/usr/local/lib/udev/rules.d";
/** Hooks of BusyBox's DHCP client, each event's in a folder. */
const UDHCPC = "/etc/udhcpc";
const EXTENSIONS: readonly (readonly [unit: string, folders: readonly string[]])[] = [
  ["systemd-sysext.service", ["/etc/extensions", "/var/lib/extensions"]],
  ["systemd-confext.service", ["/var/lib/confexts", "/usr/lib/confexts", "/usr/local/lib/confexts"]],
];

/** Where services find credentials, beside /etc/credstore. Source: systemd.exec(5), ImportCredential. */
const CREDENTIALS = ["/etc/credstore", "/etc/credstore.encrypted", "/usr/lib/credstore"];
/** Of systemd-network-generator, udev, systemd-tmpfiles, and systemd itself. Source: systemd.system-credentials(7). */
const TAKEN = /^(?:network|udev|tmpfiles)\.|^systemd\.(?:extra-unit|unit-dropin)\./;
/** Of those that the sysctl layer has not seen. */
const SYSCTL = "sysctl.extra";

export const ELSEWHERE_WANTS: readonly Want[] = [
  ...GENERATORS,
  ...CREDENTIALS,
  ...ELSEWHERE,
  RULES,
  UDHCPC,
  ...EXTENSIONS.flatMap(([, folders]) => folders),
].map((path) => ({ path, what: "list" }));

/** Folders in those, which are listed when they are known. */
export function foldersElsewhere(observations: Observations): readonly string[] {
  return [...ELSEWHERE, UDHCPC].flatMap((folder) =>
    namesIn(observations, folder, ["directory", "unknown"]).map((name) => `${folder}/${name}`),
  );
}

/** Generators, units and drop-ins: whether and when they run is not asked. */
export function scriptsElsewhere(observations: Observations): readonly string[] {
  const folders = [...GENERATORS, ...ELSEWHERE, RULES, UDHCPC, ...foldersElsewhere(observations)];
  return folders.flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"]).map((name) => `${folder}/${name}`),
  );
}

/** A credential of this name becomes settings. */
export function isTaken(name: string): boolean {
  return TAKEN.test(name) || name === SYSCTL;
}

/** What they bring is not read. */
export function extensions(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  return EXTENSIONS.flatMap(([unit, folders]) =>
    folders
      .filter((folder) => namesIn(observations, folder).some((name) => !name.startsWith(".")))
      .filter(() => unitStart(observations, boot, unit, [], [...NETWORK_TARGETS, "sysinit"]).state !== "idle")
      .map((folder): BlindSpot => {
        const text = `${unit} lays what is in ${folder} over the system, which is not read`;
        const { locator } = observations.list(folder);
        return { layer: "scripts", text, evidence: [{ locator }], decisive: true };
      }),
  );
}

/** They become settings, units, rules and files of the network as the machine comes up. */
export function credentials(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  const stored = CREDENTIALS.flatMap((folder) => {
    const { locator } = observations.list(folder);
    return namesIn(observations, folder)
      .map((name) => name.replace(/\.cred$/, ""))
      .filter((name) => TAKEN.test(name) || (name === SYSCTL && folder !== CREDENTIALS[0]))
      .map((name) => ({ where: `${folder}/${name}`, evidence: [{ locator: `${locator}/${name}` }] }));
  });
  const given = splitArguments(boot.cmdline ?? "")
    .filter(({ name }) => /^systemd\.set_credential(?:_binary)?$/.test(name))
    .map(({ value = "" }) => value.split(":")[0] ?? "")
    .filter((name) => TAKEN.test(name))
    .map((name) => ({ where: `the kernel command line's ${name}`, evidence: boot.cmdlineEvidence }));
  return [...stored, ...given].map(({ where, evidence }): BlindSpot => {
    const text = `${where} is a credential that adds settings, which are not read`;
    return { layer: "scripts", text, evidence, decisive: true };
  });
}
