import type { FlatFiles } from "../../../support/machine.ts";
import { OWN, WANTS } from "../dice.ts";

/** What the rows of `places` have in common: a command that switches IPv6 on, as scripts and units have it. */
export const ON = "/usr/sbin/sysctl -w net.ipv6.conf.all.disable_ipv6=0";
export const SWITCH = "/proc/sys/net/ipv6/conf/all/disable_ipv6";
export const SCRIPT: string = `#!/bin/sh\n${ON}\n`;
export const SERVICE: string = `[Service]\nType=oneshot\nExecStart=${ON}\n`;
export const RULES = "/etc/udev/rules.d";
export const TEMPLATE: string = `${OWN}/own@.service`;

export const SCRIPTS: FlatFiles = {
  "/opt/own.sh": SCRIPT,
  "/usr/bin/own-bin": SCRIPT,
  "/usr/local/bin/own-local": SCRIPT,
};

export const NETWORK: FlatFiles = {
  "/etc/systemd/network/50-own.network": "[Match]\nName=en*\n[Network]\nDHCP=no\n",
};

export function enabledOwn(name: string): FlatFiles {
  return { [`${WANTS}/${name}`]: { link: `${OWN}/${name}` } };
}
