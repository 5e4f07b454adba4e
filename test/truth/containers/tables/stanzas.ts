import { NIC } from "../container.ts";
import type { Part } from "../dice.ts";

/** Stanzas of ifupdown that switch IPv6 on where sysctl has it off, or do not. Source: interfaces(5). */
export function stanzas(): readonly Part[] {
  return STANZAS.map((text) => [
    text.replaceAll("\n", " | "),
    { "/etc/network/interfaces.d/own": `${text}\n` },
  ]);
}

const FOUR = `auto ${NIC}\niface ${NIC} inet manual`;
const STANZAS: readonly string[] = [
  FOUR,
  ...["auto", "manual", "dhcp", "loopback", "v4tunnel", "6to4", "can"].map(
    (method) => `${FOUR}\niface ${NIC} inet6 ${method}`,
  ),
  `${FOUR}\niface ${NIC} inet6 static\n  address 2001:db8::5/64`,
  `${FOUR}\niface ${NIC} inet6 static\n  address 2001:db8::5\n  netmask 64\n  gateway fe80::1`,
  `${FOUR}\niface ${NIC} inet6 static\n  address 192.0.2.5`,
  `${FOUR}\niface ${NIC} inet6 auto\n  accept_ra 0\n  autoconf 0`,
  `${FOUR}\niface ${NIC} inet6 auto\n  privext 2`,
  `${FOUR}\niface ${NIC} inet6 auto\n  dhcp 1`,
  `iface ${NIC} inet6 auto`,
  `auto ${NIC}\niface ${NIC} inet6 auto`,
  `allow-hotplug ${NIC}\niface ${NIC} inet6 auto`,
  `allow-auto ${NIC}\niface ${NIC} inet6 auto`,
  `allow-own ${NIC}\niface ${NIC} inet6 auto`,
  `no-auto-down ${NIC}\niface ${NIC} inet6 auto`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up ip -6 addr add 2001:db8::5/64 dev $IFACE`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6`,
  `auto ${NIC}\niface ${NIC} inet manual\n  post-up sysctl -w net.ipv6.conf.$IFACE.disable_ipv6=0 || true`,
  `auto ${NIC}\niface ${NIC} inet manual\n  down sysctl -w net.ipv6.conf.$IFACE.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up sysctl -w \\\n  net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  #up sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up\tsysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  UP sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up /opt/none; sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=0\n  pre-up false`,
  `auto ${NIC}\niface ${NIC} inet manual\n  pre-up false\n  pre-up sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\niface ${NIC} inet manual\n  up sysctl -p /opt/none\n  up sysctl --system`,
  `auto ${NIC}.7\niface ${NIC}.7 inet6 auto`,
  `auto own0\niface own0 inet6 auto\n  pre-up ip link add own0 type dummy`,
  `auto own0\niface own0 inet manual\n  bridge_ports ${NIC}`,
  `auto eth7\niface eth7 inet manual\n  up sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto /${NIC.slice(0, 2)}*\niface ${NIC} inet6 auto`,
  `auto ${NIC}\niface ${NIC} inet manual\niface ${NIC} inet manual\n  up sysctl -w net.ipv6.conf.all.disable_ipv6=0`,
  `auto ${NIC}\nsource /opt/none\niface ${NIC} inet6 auto`,
  `auto ${NIC}\nmapping ${NIC}\n  script /bin/echo\n  map own\niface own inet6 auto`,
  `auto ${NIC}=own\niface own inet6 auto`,
  `auto ${NIC}\nnonsense\niface ${NIC} inet6 auto`,
];
