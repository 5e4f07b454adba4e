import type { Observation } from "../../../model/observations.ts";

/** Units that start something which writes to interfaces after the sysctl settings, by their file name. */
export const MANAGERS: readonly { readonly unit: RegExp; readonly name: string; readonly does: string }[] = [
  {
    unit: /^(systemd-networkd|dbus-org\.freedesktop\.network1)\.service$/,
    name: "systemd-networkd",
    does: "switches IPv6 back on for every interface it configures, unless LinkLocalAddressing says no",
  },
  {
    unit: /^(NetworkManager|dbus-org\.freedesktop\.NetworkManager)\.service$/,
    name: "NetworkManager",
    does: "switches IPv6 back on for every interface it manages, unless ipv6.method is disabled",
  },
  {
    unit: /^wicked(d|d-nanny)?\.service$/,
    name: "wicked",
    does: "writes disable_ipv6 by its own reading of the settings",
  },
  { unit: /^connman\.service$/, name: "ConnMan", does: "sets IPv6 of its interfaces itself" },
  { unit: /^tuned\.service$/, name: "TuneD", does: "applies sysctl settings again, after the network is up" },
  { unit: /^ufw\.service$/, name: "ufw", does: "applies /etc/ufw/sysctl.conf before the network comes up" },
];

/** Names of a listing, or none. */
export function namesOf(listed: Observation<readonly { readonly name: string }[]>): readonly string[] {
  return listed.state === "found" ? listed.value.map(({ name }) => name) : [];
}
