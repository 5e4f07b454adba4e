import type { FlatFiles } from "../../../support/machine.ts";
import { enabled, type Part } from "../dice.ts";
import { cloudConfigs } from "./cloud-configs.ts";
import { commands } from "./commands.ts";
import { keyfiles } from "./keyfiles.ts";
import { lateMounts, mounts } from "./mounts.ts";
import { netplans } from "./netplans.ts";
import { networks } from "./networks.ts";
import { places } from "./places.ts";
import { stanzas } from "./stanzas.ts";
import { holds, ways } from "./starts.ts";

/*
 * One row after the other, where dice would seldom come to each. Every table is about one question, and all else of its
 * machines is such that the answer turns on it.
 */

const NETWORKD = "systemd-networkd.service";
const MANAGER = "NetworkManager.service";
const OFF_LINES = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
const OFF: FlatFiles = { "/etc/sysctl.d/50-off.conf": OFF_LINES };
const NETWORK: FlatFiles = {
  "/etc/systemd/network/50-own.network": "[Match]\nName=en*\n[Network]\nDHCP=no\n",
};

/** Rules of udev that keep NetworkManager from the card, or do not. */
const RULE = `SUBSYSTEM=="net", ENV{NM_UNMANAGED}="1"\n`;
const RULES: readonly Part[] = [
  ["none", {}],
  ...["/etc", "/usr/local/lib", "/usr/lib"].map(
    (top): Part => [top, { [`${top}/udev/rules.d/90-own-unmanaged.rules`]: RULE }],
  ),
  ["a comment", { "/usr/lib/udev/rules.d/90-own-unmanaged.rules": `#${RULE}` }],
];

function profile(method: string): FlatFiles {
  const head = "[connection]\nid=own\nuuid=1b3f5a1e-8b1e-4c43-8f4e-1f5c1b1f0a11\ntype=ethernet\n";
  return {
    "/etc/NetworkManager/system-connections/own.nmconnection": `${head}[ipv4]\nmethod=manual\naddress1=192.0.2.5/24\n[ipv6]\nmethod=${method}\n`,
  };
}

function on(base: FlatFiles, rows: readonly Part[]): readonly Part[] {
  return rows.map(([name, files]) => [name, { ...base, ...files }]);
}

export const TABLES: ReadonlyMap<string, readonly Part[]> = new Map([
  ["starts-networkd", on({ ...OFF, ...NETWORK }, ways(NETWORKD))],
  ["starts-networkmanager", on({ ...OFF, ...profile("auto") }, ways(MANAGER))],
  ["holds-networkmanager", on({ ...profile("disabled"), ...enabled(MANAGER) }, holds(MANAGER))],
  ["rules-networkmanager", on({ ...profile("disabled"), ...enabled(MANAGER) }, RULES)],
  ["holds-sysctl", on(OFF, holds("systemd-sysctl.service"))],
  ["commands", on(OFF, commands())],
  ["mounts", on(OFF, mounts())],
  ["late-mounts", lateMounts(OFF_LINES)],
  ["networks", on({ ...OFF, ...enabled(NETWORKD) }, networks())],
  ["cloud-configs", on(OFF, cloudConfigs())],
  ["netplans", on(OFF, netplans())],
  ["keyfiles", on(enabled(MANAGER), keyfiles())],
  ["places", on(OFF, places())],
  ["stanzas", on({ ...OFF, ...enabled("networking.service") }, stanzas())],
]);
