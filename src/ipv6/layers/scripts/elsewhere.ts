import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { splitArguments } from "../../arguments.ts";
import { isMask } from "../../config-folders.ts";
import { textFile } from "../../lines.ts";
import { withLib } from "../../split-usr.ts";
import { ELSEWHERE } from "../../unit-folders.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";
import { isOdd, shippedNames } from "./odd.ts";
import { namesIn } from "./units.ts";

/*
 * Folders that hardly an image has: systemd's units and generators outside their usual places, and extensions that it lays
 * over /usr and /etc; hooks of small programs. Sources: systemd.unit(5), "Unit File Load Path";
 * systemd.generator(7); systemd-sysext(8).
 */

const KINDS = ["system-generators", "system-environment-generators"];
/** Nobody but the image itself has any there. */
const GENERATORS = ["/etc/systemd", "/usr/local/lib/systemd"].flatMap((top) =>
  KINDS.map((kind) => `${top}/${kind}`),
);
const VENDOR_GENERATORS = KINDS.map((kind) => `/usr/lib/systemd/${kind}`);
/** What distributions and clouds bring. */
const SHIPPED_GENERATORS = shippedNames(
  "systemd-* cloud-init-generator netplan snap* lvm2* friendly-recovery ostree* rpc-pipefs-generator nfs* kdump* selinux-autorelabel* zram* coreos* ignition*",
  "torcx* openvpn* postgresql* podman* dracut* anaconda* bootc* ds-identify* tiny-cloud* zfs* apparmor* multipath* waagent* walinuxagent* vmware* logwatch*",
  "flatcar* live-* overlayroot* rauc* efi* grub* bootctl* hv-* nvme* rhsm* sysstat* wicked* s390* iscsi* mdadm* raid* dasd* zipl* x11* gdm* dbus* env* 10-* 20-*",
);
/** Of the image's own: hardly anybody knows of them. Sources: tmpfiles.d(5), udev(7), "Rules files". */
const LOCAL_SETTINGS = ["/usr/local/lib/tmpfiles.d", "/usr/local/lib/udev/rules.d"];
/** Users whose units run without anybody logging in. Source: loginctl(1), enable-linger. */
const LINGER = "/var/lib/systemd/linger";
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
  ...VENDOR_GENERATORS,
  ...LOCAL_SETTINGS,
  LINGER,
  ...CREDENTIALS,
  ...ELSEWHERE,
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
  const folders = [...GENERATORS, ...LOCAL_SETTINGS, ...ELSEWHERE, UDHCPC, ...foldersElsewhere(observations)];
  return folders.flatMap((folder) =>
    namesIn(observations, folder, ["file", "symlink", "unknown"]).map((name) => `${folder}/${name}`),
  );
}

/** A credential of this name becomes settings. */
export function isTaken(name: string): boolean {
  return TAKEN.test(name) || name === SYSCTL;
}

/** They run before all else, and may leave anything behind: units, links, settings of the environment. */
export function generators(observations: Observations): readonly BlindSpot[] {
  const own = GENERATORS.flatMap((folder) =>
    namesIn(observations, folder, FILES).map((name) => `${folder}/${name}`),
  );
  const masked = new Set(
    own.filter((path) => isMask(observations, path)).map((path) => path.slice(path.lastIndexOf("/") + 1)),
  );
  const vendors = withLib(observations, VENDOR_GENERATORS).flatMap((folder) =>
    namesIn(observations, folder, FILES)
      .filter((name) => isOdd(name, SHIPPED_GENERATORS) && !masked.has(name))
      .map((name) => `${folder}/${name}`),
  );
  return [
    ...own.filter((path) => !isMask(observations, path) && mayLeave(observations, path)),
    ...vendors,
  ].map((path): BlindSpot => {
    const text = `${path} is a generator that systemd runs first: what it does is not followed`;
    const { locator } = observations.entry(path);
    return { layer: "scripts", text, evidence: [{ locator }], decisive: true };
  });
}

const FILES = ["file", "symlink", "unknown"];

/** Where it leaves something, as its arguments say, or is no script of a shell, so that nobody knows. */
const LEAVES = /\$\{?[1-3@*]|\/run\b/;
const SHELL = /^#!\s*\/(?:usr\/)?bin\/(?:env\s+)?(?:ba|da)?sh\b/;

function mayLeave(observations: Observations, path: string): boolean {
  const file = textFile(observations, path);
  const mode = fileMode(observations, path);
  if (mode !== undefined && (mode & 0o111) === 0) return false;
  if (file.state !== "found" || !SHELL.test(file.lines[0]?.text ?? "")) return true;
  return file.lines.some(({ text }) => !/^\s*#/.test(text) && LEAVES.test(text));
}

function fileMode(observations: Observations, path: string): number | undefined {
  const file = observations.file(path);
  return file.state === "found" ? file.value.mode : undefined;
}

/** A user manager of root's has root's rights. */
export function lingering(observations: Observations): readonly BlindSpot[] {
  if (!namesIn(observations, LINGER).includes("root")) return [];
  const { locator } = observations.list(LINGER);
  const text = `${LINGER}/root has root's own units run from the boot on, which are not read`;
  return [{ layer: "scripts", text, evidence: [{ locator: `${locator}/root` }], decisive: true }];
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
