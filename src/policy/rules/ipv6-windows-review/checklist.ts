import type { ChecklistItem } from "../../../model/finding.ts";
import type { Ipv6State } from "../../../model/prediction.ts";

/**
 * What a reviewer confirms on a running instance.
 * Source: Microsoft, "Guidance for configuring IPv6 in Windows for advanced users" (KB 929852).
 */
export function checklist(state: Ipv6State): readonly ChecklistItem[] {
  const off = state === "off";
  return [
    {
      confirm: "DisabledComponents is on the instance what it is in the image",
      command:
        "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip6\\Parameters /v DisabledComponents",
      expected: {
        off: "REG_DWORD with bit 0x10 set (0xff: everything but the loopback)",
        on: "no such value, or a REG_DWORD without bit 0x10 (0x20: IPv4 is preferred)",
        other: "REG_DWORD with bit 0x10 set where IPv6 is to be off; no such value, or one without it, is on",
      }[state === "off" || state === "on" ? state : "other"],
    },
    {
      confirm: "IPv6 is bound to the instance's network adapters, or is not",
      command: "Get-NetAdapterBinding -ComponentID ms_tcpip6",
      expected:
        "Enabled is True by default; this check box does not depend on DisabledComponents, and clearing it is not a supported way to disable IPv6",
    },
    {
      confirm: "which IPv6 addresses the instance has",
      command: "Get-NetIPAddress -AddressFamily IPv6",
      expected: off
        ? "::1 on the loopback only (IPv6 is never removed altogether), and addresses of tunnels where those are not off"
        : "::1, a link-local address (fe80::) on each adapter, and a global one where the network offers it",
    },
    {
      confirm: "which of IPv4 and IPv6 is preferred",
      command: "netsh interface ipv6 show prefixpolicies",
      expected: "::ffff:0:0/96 above ::/0 when IPv4 is preferred (DisabledComponents 0x20)",
    },
    {
      confirm: "no tunnel carries IPv6",
      command:
        "netsh interface teredo show state; netsh interface 6to4 show state; netsh interface isatap show state",
      expected:
        "disabled, or default where the default is off (6to4 since Windows 10 1607, ISATAP since 1703, Teredo since 1803)",
    },
    {
      confirm: "adapters take router advertisements, or do not",
      command: "Get-NetIPInterface -AddressFamily IPv6 | ft InterfaceAlias,RouterDiscovery,Dhcp",
      expected: off
        ? "no line but the loopback's: Loopback Pseudo-Interface 1"
        : "RouterDiscovery is Enabled for each adapter (Ethernet) by default; Disabled means no address and no route from the network's routers",
    },
    {
      confirm: "Windows Firewall is on; its rules cover both families",
      command: "Get-NetFirewallProfile | Select-Object Name, Enabled, DefaultInboundAction",
      expected: "Enabled is True for Domain, Private and Public",
    },
  ];
}
