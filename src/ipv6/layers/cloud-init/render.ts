import type { Evidence } from "../../../model/locator.ts";
import type { GeneratedFile } from "../../manager.ts";
import { NIC_MAC } from "../../nic.ts";
import { child, scalarOf, scalarsOf, type Yaml } from "../../yaml.ts";

export type RendererName = "netplan" | "eni" | "sysconfig" | "network-manager" | "networkd";

/** One interface of a configuration as cloud-init holds it between reading and writing. */
interface Interface {
  /** Undefined: whatever card the machine has. */
  readonly name: string | undefined;
  readonly dhcp4: boolean;
  readonly dhcp6: boolean;
  readonly addresses: readonly string[];
}

/** What the cloud's metadata come to when they know of no IPv6: DHCP on the first card. */
const FROM_CLOUD: Interface = { name: undefined, dhcp4: true, dhcp6: false, addresses: [] };

/**
 * The files that the first boot writes. `network` is the image's own configuration, `nic` the card's name where it
 * is being tried. Source: cloud-init, net/netplan.py, net/networkd.py, net/network_manager.py, net/sysconfig.py.
 */
export function renderNetwork(
  renderer: RendererName,
  network: Yaml | undefined,
  nic: string | undefined,
  origin: Evidence,
): readonly GeneratedFile[] {
  if (renderer === "netplan") {
    const own = network && scalarOf(child(network, "version")) === "2" ? json({ network }) : undefined;
    const text = own ?? netplanText(interfacesOf(network), nic);
    return [{ path: "/etc/netplan/50-cloud-init.yaml", text, origin, mode: 0o600 }];
  }
  return interfacesOf(network).flatMap((one) => renderOne(renderer, one, nic, origin));
}

function renderOne(
  renderer: RendererName,
  one: Interface,
  nic: string | undefined,
  origin: Evidence,
): readonly GeneratedFile[] {
  const name = one.name ?? nic ?? "nic";
  const six = one.addresses.filter((address) => address.includes(":"));
  switch (renderer) {
    case "networkd": {
      const dhcp = one.dhcp4 ? (one.dhcp6 ? "yes" : "ipv4") : one.dhcp6 ? "ipv6" : "no";
      const match = one.name === undefined ? `MACAddress=${NIC_MAC}` : `Name=${one.name}`;
      const fixed = one.addresses.map((address) => `[Address]\nAddress=${address}\n`).join("");
      const text = `[Match]\n${match}\n[Network]\nDHCP=${dhcp}\n${fixed}`;
      return [{ path: `/etc/systemd/network/10-cloud-init-${name}.network`, text, origin }];
    }
    case "network-manager": {
      const match = one.name === undefined ? `[ethernet]\nmac-address=${NIC_MAC}\n` : "";
      const bound = one.name === undefined ? "" : `interface-name=${one.name}\n`;
      const method = one.dhcp6 ? "auto" : "manual";
      const fixed = six.map((address, index) => `address${index + 1}=${address}\n`).join("");
      const ipv6 = one.dhcp6 || six.length > 0 ? `[ipv6]\nmethod=${method}\n${fixed}` : "";
      const text = `[connection]\ntype=ethernet\nautoconnect-priority=120\n${bound}${match}${ipv6}`;
      const path = `/etc/NetworkManager/system-connections/cloud-init-${name}.nmconnection`;
      return [{ path, text, origin, mode: 0o600 }];
    }
    case "sysconfig": {
      const bound = one.name === undefined ? `HWADDR=${NIC_MAC}\n` : `DEVICE=${one.name}\n`;
      const dhcp = one.dhcp6 ? "IPV6INIT=yes\nDHCPV6C=yes\n" : "";
      const fixed = six[0] === undefined ? "" : `IPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=${six[0]}\n`;
      const text = `TYPE=Ethernet\nONBOOT=yes\nBOOTPROTO=${one.dhcp4 ? "dhcp" : "none"}\n${bound}${dhcp}${fixed}`;
      return [{ path: `/etc/sysconfig/network-scripts/ifcfg-${name}`, text, origin }];
    }
    case "eni": {
      const four = `auto ${name}\niface ${name} inet ${one.dhcp4 ? "dhcp" : "manual"}\n`;
      const dynamic = one.dhcp6 ? `iface ${name} inet6 dhcp\n` : "";
      const fixed = six.map((address) => `iface ${name} inet6 static\n    address ${address}\n`).join("");
      return [{ path: "/etc/network/interfaces.d/50-cloud-init", text: `${four}${dynamic}${fixed}`, origin }];
    }
    case "netplan":
      return [];
  }
}

function netplanText(interfaces: readonly Interface[], nic: string | undefined): string {
  const ethernets = interfaces.map((one) => {
    const id = one.name ?? nic ?? "nic";
    const match = one.name === undefined ? { match: { macaddress: NIC_MAC } } : {};
    const fixed = one.addresses.length > 0 ? { addresses: one.addresses } : {};
    return [id, { ...match, dhcp4: one.dhcp4, dhcp6: one.dhcp6, ...fixed }] as const;
  });
  return JSON.stringify({ network: { version: "2", ethernets: Object.fromEntries(ethernets) } });
}

/** Version 1 and 2, as far as they tell about IPv6; none: what the cloud gives. */
function interfacesOf(network: Yaml | undefined): readonly Interface[] {
  if (!network) return [FROM_CLOUD];
  const config = child(network, "config");
  if (config?.kind === "list")
    return config.items
      .filter((item) => scalarOf(child(item, "type")) === "physical")
      .map((item) => {
        const subnets = child(item, "subnets");
        const types = subnets?.kind === "list" ? subnets.items : [];
        const typeIs = (pattern: RegExp): boolean =>
          types.some((one) => pattern.test(scalarOf(child(one, "type")) ?? ""));
        return {
          name: scalarOf(child(item, "name")),
          dhcp4: typeIs(/^dhcp4?$/),
          dhcp6: typeIs(/^(dhcp6|ipv6_.*)$/),
          addresses: types.flatMap((one) => scalarOf(child(one, "address")) ?? []),
        };
      });
  const ethernets = child(network, "ethernets");
  return (ethernets?.kind === "map" ? ethernets.entries : []).map(({ key, value }) => ({
    name: scalarOf(child(value, "set-name")) ?? scalarOf(child(value, "match", "name")) ?? key,
    dhcp4: isTrue(child(value, "dhcp4")),
    dhcp6: isTrue(child(value, "dhcp6")),
    addresses: scalarsOf(child(value, "addresses")),
  }));
}

function isTrue(value: Yaml | undefined): boolean {
  return ["true", "yes", "on"].includes(scalarOf(value)?.toLowerCase() ?? "");
}

function json(value: { readonly [key: string]: Yaml }): string {
  return JSON.stringify(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)])));
}

function plain(value: Yaml): unknown {
  if (value.kind === "scalar") return value.text;
  if (value.kind === "list") return value.items.map(plain);
  return Object.fromEntries(value.entries.map(({ key, value: one }) => [key, plain(one)]));
}
