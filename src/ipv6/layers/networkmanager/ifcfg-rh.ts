import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { textFile } from "../../lines.ts";
import { type ShellVariable, shellBoolean, shellVariables } from "../../shell-variables.ts";
import type { Method, Profile } from "./profile.ts";

const FOLDER = "/etc/sysconfig/network-scripts";
const GLOBAL = "/etc/sysconfig/network";

export const IFCFG_WANTS: readonly Want[] = [{ path: `${FOLDER}/ifcfg-*` }, { path: GLOBAL }];

export interface IfcfgProfiles {
  readonly profiles: readonly Profile[];
  /** Device specs that `NM_CONTROLLED=no` takes away. */
  readonly unmanaged: readonly string[];
}

/** Source: NetworkManager, nms-ifcfg-rh-reader.c (make_ip6_setting). NETWORKING_IPV6 is read by nothing. */
export function readIfcfg(observations: Observations, knowsDisabled: boolean): IfcfgProfiles {
  const listed = observations.list(FOLDER);
  const profiles: Profile[] = [];
  const unmanaged: string[] = [];
  const globals = shellVariables(textFile(observations, GLOBAL));
  for (const { name } of listed.state === "found" ? listed.value : []) {
    if (!/^ifcfg-.+/.test(name) || name === "ifcfg-lo" || IGNORED.test(name)) continue;
    const path = `${FOLDER}/${name}`;
    const file = textFile(observations, path);
    if (file.state !== "found") continue;
    const own = shellVariables(file);
    const text = (key: string): string | undefined => own.get(key)?.value || undefined;
    const device = text("DEVICE");
    if (shellBoolean(own.get("NM_CONTROLLED")) === false) {
      const address = text("HWADDR");
      if (device !== undefined) unmanaged.push(`interface-name:=${device}`);
      else if (address !== undefined) unmanaged.push(`mac:${address}`);
      continue;
    }
    const type = text("TYPE")?.toLowerCase() ?? "ethernet";
    if (type !== "ethernet" || text("VLAN") === "yes") continue;
    const { method, by } = methodOf(own, globals, knowsDisabled);
    profiles.push({
      path,
      interfaceName: device,
      names: [],
      drivers: [],
      cmdline: [],
      address: text("HWADDR"),
      autoconnect: shellBoolean(own.get("ONBOOT")) !== false,
      priority: Number.parseInt(text("AUTOCONNECT_PRIORITY") ?? "0", 10) || 0,
      controller: text("MASTER") ?? text("BRIDGE") ?? text("TEAM_MASTER"),
      method,
      evidence: by?.evidence ?? { locator: file.locator },
      byDefault: by === undefined,
    });
  }
  return { profiles, unmanaged };
}

/** Source: NetworkManager, utils_should_ignore_file. */
const IGNORED = /~$|\.(bak|orig|rej|rpmnew|rpmorig|rpmsave)$|^ifcfg-.*\.(swp|tmp)$/;

type Variables = ReadonlyMap<string, ShellVariable>;

function methodOf(
  own: Variables,
  globals: Variables,
  knowsDisabled: boolean,
): { readonly method: Method; readonly by: ShellVariable | undefined } {
  const either = (key: string): ShellVariable | undefined => own.get(key) ?? globals.get(key);
  const off = own.get("IPV6_DISABLED");
  if (knowsDisabled && shellBoolean(off) === true) return { method: "disabled", by: off };
  const init = either("IPV6INIT");
  if (shellBoolean(init) !== true) return { method: "ignore", by: init };
  const forwards = shellBoolean(either("IPV6FORWARDING")) === true;
  const autoconf = either("IPV6_AUTOCONF");
  if (shellBoolean(autoconf) ?? !forwards) return { method: "auto", by: autoconf ?? init };
  const dhcp = own.get("DHCPV6C");
  if (shellBoolean(dhcp) === true) return { method: "dhcp", by: dhcp };
  const fixed = own.get("IPV6ADDR") ?? own.get("IPV6ADDR_SECONDARIES");
  return fixed ? { method: "manual", by: fixed } : { method: "link-local", by: init };
}
