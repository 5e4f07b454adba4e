import { expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, predictFiles } from "../support/machine.ts";

const OFF: FlatFiles = {
  ...DEBIAN_12,
  "/etc/sysctl.d/50-off.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
  "/usr/lib/systemd/system/systemd-networkd.service":
    "[Service]\nExecStart=/usr/lib/systemd/systemd-networkd\n",
};
const ethernet = (settings: string): FlatFiles => ({
  ...OFF,
  "/etc/netplan/50-own.yaml": `network:\n  version: 2\n  ethernets:\n    ens5: {${settings}}\n`,
});

test("netplan with all that is valid stays off", async () => {
  const valid =
    "link-local: [], addresses: [192.0.2.5/24, 192.0.2.6/24: {label: own}], nameservers: {addresses: ['2001:db8::53']}, " +
    "routes: [{to: default, via: 192.0.2.1}], match: {name: 'en*'}, optional: true, dhcp4-overrides: {use-dns: false}";
  expect((await predictFiles(ethernet(valid))).state).toBe("off");
});

// Booted: since 1.1 netplan leaves out what follows a mistake in a definition.
test.each([
  "dhcp4-overrides: {nonsense: 1}, link-local: []",
  "addresses: [nonsense/24], link-local: []",
  "routes: [{via: 192.0.2.1}], link-local: []",
  "match: {original-name: 'en*'}, link-local: []",
  "macaddress: nonsense, link-local: []",
])("a mistake in a definition keeps netplan from being believed: %s", async (settings) => {
  expect((await predictFiles(ethernet(settings))).state).toBe("unknown");
});

test.each(["addresses: [192.0.2.6/24: {label: own}]", "ipv6-mtu: 1400"])(
  "what netplan does not write for NetworkManager: %s",
  async (settings) => {
    const files = ethernet(`renderer: NetworkManager, link-local: [], ${settings}`);
    expect((await predictFiles(files)).state).toBe("unknown");
  },
);
