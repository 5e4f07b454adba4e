import type { BootState, Switch } from "./layer.ts";

/**
 * Names that a cloud's NIC may have: what the kernel says (`eth0`) and what udev makes of it. Source:
 * systemd.net-naming-scheme(7).
 */
const NIC_SAMPLES = ["eth0", "ens3", "ens5", "ens192", "enp0s1", "enp1s0", "enX0"];
const NIC_NAME = /^(eth\d+|en[opsxX]\w+)$/;

/** Whether `name` is the NIC: certain only when the image says what its NIC is called. */
export function isNic(name: string, nicNames: readonly string[]): "yes" | "no" | "maybe" {
  if (nicNames.length > 0) return nicNames.includes(name) ? "yes" : "no";
  return NIC_NAME.test(name) ? "maybe" : "no";
}

/** Whether a pattern takes in the NIC, whatever its name turns out to be. */
export function takesNic(
  matches: (name: string) => boolean,
  nicNames: readonly string[],
): "yes" | "no" | "maybe" {
  const names = nicNames.length > 0 ? nicNames : NIC_SAMPLES;
  const taken = names.filter(matches).length;
  return taken === names.length ? "yes" : taken === 0 ? "no" : "maybe";
}

/**
 * A write to /proc/sys/net/ipv6/conf/IFACE/disable_ipv6 while the kernel comes up, when it is not known which
 * interfaces are there already. `all` reaches every interface and those to come; `default` only those to come.
 * Source: net/ipv6/addrconf.c, addrconf_disable_ipv6.
 */
export function writeEarly(
  state: BootState,
  iface: string,
  value: 0 | 1,
  nicNames: readonly string[],
): BootState {
  const unsure = (before: Switch): Switch => (before === value ? value : "unknown");
  if (iface === "all") {
    const named = new Map([...state.named.keys()].map((name) => [name, value]));
    return { ...state, all: value, default: value, lo: value, nic: value, named };
  }
  if (iface === "default") return { ...state, default: value, nic: unsure(state.nic) };
  if (iface === "lo") return { ...state, lo: value };
  const own = isNic(iface, nicNames) === "no" ? value : unsure(state.named.get(iface) ?? state.default);
  const named = new Map(state.named).set(iface, own);
  const nic = isNic(iface, nicNames) === "no" ? state.nic : unsure(state.nic);
  return { ...state, named, nic };
}
