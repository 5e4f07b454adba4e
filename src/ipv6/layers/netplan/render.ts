import type { Evidence } from "../../../model/locator.ts";
import { GENERATED_LINKS, type GeneratedFile } from "../../manager.ts";
import type { Definition, Renderer } from "./definitions.ts";

const CONNECTIONS = "/run/NetworkManager/system-connections";
const MANAGED = "/run/NetworkManager/conf.d/10-globally-managed-devices.conf";

/** What netplan writes to /run before the managers start. Source: netplan, src/networkd.c and src/nm.c. */
export function renderAll(
  definitions: readonly Definition[],
  renderer: Renderer,
  whole: Evidence,
): readonly GeneratedFile[] {
  const files: GeneratedFile[] = [];
  for (const one of definitions) {
    const { evidence: origin } = one;
    const chosen = one.renderer ?? renderer;
    if (chosen === "networkd") {
      files.push({
        path: `/run/systemd/network/10-netplan-${one.id}.network`,
        text: networkFile(one),
        origin,
      });
      files.push({ path: `${GENERATED_LINKS}/systemd-networkd.service`, text: "", origin });
    } else if (one.type === "ethernets" || one.type === "bridges" || one.type === "bonds")
      files.push({ path: `${CONNECTIONS}/netplan-${one.id}.nmconnection`, text: keyfile(one), origin });
    const spec = one.matchName ?? (one.hasMatch ? undefined : one.id);
    if (spec !== undefined) {
      const text = `[device-netplan.${one.type}.${one.id}]\nmatch-device=interface-name:${spec}\nmanaged=${chosen === "networkd" ? 0 : 1}\n`;
      files.push({ path: `/run/NetworkManager/conf.d/netplan-${one.id}.conf`, text, origin });
    }
  }
  // An empty file in the place of one that keeps NetworkManager from Ethernet: with no definition, too.
  if ([renderer, ...definitions.map((one) => one.renderer)].includes("NetworkManager"))
    files.push({ path: MANAGED, text: "", origin: whole });
  return files;
}

function networkFile(one: Definition): string {
  const lines = ["[Match]"];
  if (!one.hasMatch) lines.push(`Name=${one.id}`);
  // A card that gets another name has it by the time that networkd looks.
  const name = one.setName ?? one.matchName;
  if (name !== undefined) lines.push(`Name=${name}`);
  if (one.matchAddress !== undefined) lines.push(`PermanentMACAddress=${one.matchAddress}`);
  if (one.matchDrivers.length > 0) lines.push(`Driver=${one.matchDrivers.join(" ")}`);
  if (one.activation !== undefined)
    lines.push("[Link]", `ActivationPolicy=${one.activation === "off" ? "always-down" : one.activation}`);
  lines.push("[Network]", `DHCP=${dhcp(one)}`, `LinkLocalAddressing=${linkLocal(one)}`);
  for (const address of one.addresses) lines.push(`Address=${address}`);
  if (one.acceptRa !== undefined) lines.push(`IPv6AcceptRA=${one.acceptRa ? "yes" : "no"}`);
  if (one.gateway6 !== undefined) lines.push(`Gateway=${one.gateway6}`);
  if (one.master) lines.push(`${one.master.kind === "bond" ? "Bond" : "Bridge"}=${one.master.id}`);
  for (const [to, via] of one.routes) lines.push("[Route]", `Destination=${to}`, `Gateway=${via}`);
  return `${lines.join("\n")}\n`;
}

function dhcp({ dhcp4, dhcp6 }: Definition): string {
  if (dhcp4 && dhcp6) return "yes";
  return dhcp4 ? "ipv4" : dhcp6 ? "ipv6" : "no";
}

function linkLocal({ linkLocal4, linkLocal6, master }: Definition): string {
  if (master || (!linkLocal4 && !linkLocal6)) return "no";
  if (linkLocal4 && linkLocal6) return "yes";
  return linkLocal6 ? "ipv6" : "ipv4";
}

function keyfile(one: Definition): string {
  const lines = ["[connection]", `id=netplan-${one.id}`, `type=${TYPES[one.type] ?? "ethernet"}`];
  if (one.activation !== undefined) lines.push("autoconnect=false");
  const name = one.setName ?? (one.hasMatch ? undefined : one.id);
  if (name !== undefined) lines.push(`interface-name=${name}`);
  if (one.master) lines.push(`slave-type=${one.master.kind}`, `master=${one.master.id}`);
  if (one.setName === undefined) {
    if (one.matchAddress !== undefined) lines.push("[ethernet]", `mac-address=${one.matchAddress}`);
    if (one.matchName !== undefined) lines.push("[match]", `interface-name=${one.matchName};`);
  }
  const fixed = one.addresses.filter((address) => address.includes(":"));
  const isManual =
    fixed.length > 0 ||
    one.gateway6 !== undefined ||
    one.addressGeneration !== undefined ||
    one.hasAddressToken ||
    one.hasNameserver6;
  lines.push("[ipv6]", `method=${one.dhcp6 ? "auto" : isManual ? "manual" : "ignore"}`);
  for (const [index, address] of fixed.entries()) lines.push(`address${index + 1}=${address}`);
  for (const [group, key, value] of one.passthrough) lines.push(`[${group}]`, `${key}=${value}`);
  return `${lines.join("\n")}\n`;
}

const TYPES: Readonly<Record<string, string>> = { bridges: "bridge", bonds: "bond" };
