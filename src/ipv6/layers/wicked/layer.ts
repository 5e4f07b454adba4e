import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Addressing, BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { SYSCTL_CONF } from "../../../model/sysctl-folders.ts";
import { readConfigFolders } from "../../config-folders.ts";
import { evidenceIn, type TextFile, textFile } from "../../lines.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { type ShellVariable, shellVariables } from "../../shell-variables.ts";
import { type SwitchSetting, switchSettings } from "../../sysctl-lines.ts";
import { followUnits, NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "wicked.service";
const FOLDER = "/etc/sysconfig/network";
const FOLDERS_RUN_FIRST = ["/run", "/etc", "/usr/local/lib", "/usr/lib", "/lib"].map(
  (top) => `${top}/sysctl.d`,
);

export interface WickedFacts {
  readonly scripts: ReadonlyMap<
    string,
    { readonly variables: ReadonlyMap<string, ShellVariable>; readonly evidence: Evidence }
  >;
  /** Of all interfaces, in the order they are read: the last one counts. */
  readonly settings: readonly SwitchSetting[];
  /** Of one interface: `ifsysctl-NAME`. */
  readonly own: ReadonlyMap<string, readonly SwitchSetting[]>;
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * wicked reads the sysctl files itself, /etc/sysctl.conf with them, and writes to the card what they say of it:
 * under its own name, else under `default`, else under `all`. Source: wicked, client/suse/ifsysctl.c.
 */
export const wicked: Manager<WickedFacts> = {
  id: "wicked",
  service: { unit: SERVICE, program: "wicked" },
  wants: [],
  follow(observations, boot): readonly Want[] {
    const more = followUnits(observations, [SERVICE, "wickedd.service"], NETWORK_TARGETS);
    if (unitStart(observations, boot, SERVICE, ["wickedd.service"], NETWORK_TARGETS).state !== "starts")
      return more;
    const { kernelVersion } = boot;
    const ofKernel = kernelVersion === undefined ? [] : [{ path: `/boot/sysctl.conf-${kernelVersion}` }];
    return [...more, ...ofKernel, { path: `${FOLDER}/ifcfg-*` }, { path: `${FOLDER}/ifsysctl*` }];
  },
  read(observations, boot) {
    if (unitStart(observations, boot, SERVICE, ["wickedd.service"], NETWORK_TARGETS).state !== "starts")
      return undefined;
    return readFacts(observations, boot.kernelVersion);
  },
  names: ({ scripts }) => [...scripts.keys()],
  configure,
  blindSpots: ({ blindSpots }) => blindSpots,
};

function readFacts(observations: Observations, kernelVersion: string | undefined): WickedFacts {
  const rules = { layer: "wicked", accepts: (name: string) => name.endsWith(".conf") };
  const listed = FOLDERS_RUN_FIRST.filter((folder) => observations.list(folder).state !== "unreadable");
  const found = readConfigFolders(observations, listed, rules);
  const paths = [
    ...(kernelVersion === undefined ? [] : [`/boot/sysctl.conf-${kernelVersion}`]),
    ...found.files.map(({ path }) => path),
    SYSCTL_CONF,
    `${FOLDER}/ifsysctl`,
  ];
  const scripts = new Map<string, { variables: ReadonlyMap<string, ShellVariable>; evidence: Evidence }>();
  const own = new Map<string, readonly SwitchSetting[]>();
  const names = observations.list(FOLDER);
  for (const { name } of names.state === "found" ? names.value : []) {
    const path = `${FOLDER}/${name}`;
    const [, kind, iface] = /^(ifcfg|ifsysctl)-([^~]+)$/.exec(name) ?? [];
    if (iface === undefined || iface === "lo") continue;
    if (kind === "ifsysctl") own.set(iface, settingsIn(textFile(observations, path)));
    const file = textFile(observations, path);
    if (kind === "ifcfg" && file.state === "found")
      scripts.set(iface, { variables: shellVariables(file), evidence: evidenceIn(file) });
  }
  const settings = paths.flatMap((path) => settingsIn(textFile(observations, path)));
  return { scripts, own, settings, blindSpots: found.blindSpots };
}

/** Without STARTMODE, and with a word that it does not know, it waits for somebody. Source: compat-suse.c, __ni_suse_startmode. */
const STARTED = /^(?:auto|boot|onboot|on|nfsroot|hotplug|ifplugd)$/;

/** Two words that stand for any interface; a key with `-` in front is none to it. Source: ifsysctl.c, __ni_ifsysctl_vars_map. */
function settingsIn(file: TextFile): readonly SwitchSetting[] {
  return switchSettings(file, "-is-part-of-the-key").map((setting) => {
    const iface = setting.iface.replace(/\$(?:INTERFACE|SYSCTL_IF)/, "default");
    return iface === setting.iface ? setting : { ...setting, iface };
  });
}

function configure({ scripts, settings, own }: WickedFacts, nic: Nic): readonly NicOutcome[] {
  const script = scripts.get(nic.name);
  if (!script) return [UNTOUCHED];
  if (!STARTED.test(script.variables.get("STARTMODE")?.value ?? "")) return [UNTOUCHED];
  const all = [...settings, ...(own.get(nic.name) ?? [])];
  const names = [nic.name, "default", "all"];
  const setting = names
    .map((name) => all.findLast(({ iface }) => iface === name))
    .find((one) => one !== undefined);
  const addressing = addressingOf(script.variables);
  if (!setting) {
    const text = "wicked brings it up and finds no setting for disable_ipv6 to write";
    return [{ claims: true, writes: undefined, addressing, text, evidence: [script.evidence] }];
  }
  const text = `wicked writes disable_ipv6 = ${setting.value}: the first it finds of the interface, default, all is ${setting.iface}`;
  return [
    { claims: true, writes: setting.value, addressing, text, evidence: [setting.evidence, script.evidence] },
  ];
}

function addressingOf(variables: ReadonlyMap<string, ShellVariable>): Addressing | "kernel" {
  const words = (variables.get("BOOTPROTO")?.value ?? "static").split("+");
  if ([...variables].some(([name, { value }]) => name.startsWith("IPADDR") && value.includes(":")))
    return "static";
  return words.includes("dhcp") || words.includes("dhcp6") ? "dhcpv6" : "kernel";
}
