import type { Addressing } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { evidenceIn, textFile } from "../../lines.ts";
import { type Manager, type NicOutcome, UNTOUCHED } from "../../manager.ts";
import type { Nic } from "../../nic.ts";
import { type ShellVariable, shellBoolean, shellVariables } from "../../shell-variables.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const FOLDER = "/etc/sysconfig/network-scripts";
const GLOBAL = "/etc/sysconfig/network";
/** Where the links of SysV services lie. */
const LEVELS = ["/etc/rc.d/rc3.d", "/etc/rc3.d"];

interface Script {
  readonly name: string;
  readonly outcome: NicOutcome;
}

export interface IfcfgFacts {
  readonly scripts: readonly Script[];
}

/**
 * The network service of initscripts, with its ifcfg files. It never writes disable_ipv6: IPV6INIT=no only means
 * that it sets no IPv6 addresses. Source: initscripts, network-scripts/ifup-ipv6 and init.ipv6-global.
 */
export const ifcfg: Manager<IfcfgFacts> = {
  id: "ifcfg",
  wants: [{ path: FOLDER, what: "list" }],
  follow(observations): readonly Want[] {
    if (observations.list(FOLDER).state !== "found") return [];
    return [
      ...LEVELS.map((path): Want => ({ path, what: "list" })),
      { path: `${FOLDER}/ifcfg-*` },
      { path: GLOBAL },
    ];
  },
  read(observations, boot) {
    const listed = observations.list(FOLDER);
    if (listed.state !== "found") return undefined;
    const byScript = LEVELS.some((level) => {
      const links = observations.list(level);
      return links.state === "found" && links.value.some(({ name }) => /^S\d\dnetwork$/.test(name));
    });
    if (!byScript && unitStart(observations, boot, "network.service", [], NETWORK_TARGETS).state !== "starts")
      return undefined;
    const globals = shellVariables(textFile(observations, GLOBAL));
    return {
      scripts: listed.value
        .filter(({ name }) => /^ifcfg-(?!lo$)[^~]+$/.test(name) && !/\.(bak|rpm\w+|orig)$/.test(name))
        .flatMap(({ name }) => {
          const file = textFile(observations, `${FOLDER}/${name}`);
          if (file.state !== "found") return [];
          const own = shellVariables(file);
          if (shellBoolean(own.get("ONBOOT")) === false) return [];
          const device = own.get("DEVICE")?.value ?? name.slice("ifcfg-".length);
          return [{ name: device, outcome: outcomeOf(own, globals, evidenceIn(file)) }];
        }),
    };
  },
  names: ({ scripts }) => scripts.map(({ name }) => name),
  configure: ({ scripts }, nic: Nic) => [scripts.find(({ name }) => name === nic.name)?.outcome ?? UNTOUCHED],
  blindSpots: () => [],
};

function outcomeOf(
  own: ReadonlyMap<string, ShellVariable>,
  globals: ReadonlyMap<string, ShellVariable>,
  whole: NicOutcome["evidence"][number],
): NicOutcome {
  const init = own.get("IPV6INIT") ?? globals.get("IPV6INIT");
  const text =
    shellBoolean(init) === false
      ? "the network service leaves disable_ipv6 alone: IPV6INIT=no only keeps it from setting IPv6 addresses"
      : "the network service brings it up and leaves disable_ipv6 alone";
  return {
    claims: true,
    writes: undefined,
    addressing: addressingOf(own, init),
    text,
    evidence: [init?.evidence ?? whole],
  };
}

function addressingOf(
  own: ReadonlyMap<string, ShellVariable>,
  init: ShellVariable | undefined,
): Addressing | "kernel" {
  if (shellBoolean(init) !== true) return "kernel";
  if (own.has("IPV6ADDR")) return "static";
  if (shellBoolean(own.get("DHCPV6C")) === true) return "dhcpv6";
  return shellBoolean(own.get("IPV6_AUTOCONF")) === false ? "link-local" : "kernel";
}
