import { expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, predictFiles } from "../support/machine.ts";

const WANTS = "/etc/systemd/system/cloud-init.target.wants";
const OFF: FlatFiles = {
  ...DEBIAN_12,
  "/etc/sysctl.d/50-off.conf": "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n",
  "/usr/lib/systemd/system/cloud-init.service": "[Service]\nExecStart=/usr/bin/cloud-init init\n",
  [`${WANTS}/cloud-init.service`]: { link: "/lib/systemd/system/cloud-init.service" },
  "/etc/cloud/cloud.cfg": "network: {config: disabled}\n",
};
const SEED = "/var/lib/cloud/seed/nocloud";
const ENCODED =
  "write_files:\n- path: /var/lib/cloud/scripts/per-boot/own\n  encoding: b64\n  content: IyEvYmluL3No\n";

test("cloud-init with nothing to do leaves the machine off", async () => {
  const files = { ...OFF, [`${SEED}/user-data`]: "#cloud-config\n{}\n" };
  expect((await predictFiles(files)).state).toBe("off");
});

// Booted: each of them switched the card on.
test.each<[string, FlatFiles]>([
  ["an encoded file", { "/etc/cloud/cloud.cfg.d/99-own.cfg": ENCODED }],
  ["an encoded file of user-data", { [`${SEED}/user-data`]: `#cloud-config\n${ENCODED}` }],
  ["an encoded part", { [`${SEED}/user-data`]: "Content-Transfer-Encoding: base64\n\nIyEvYmluL3No\n" }],
  ["what is included", { [`${SEED}/user-data`]: "#include\nfile:///opt/own\n" }],
  ["a handler of user-data", { [`${SEED}/user-data`]: "#part-handler\ndef list_types(): return []\n" }],
  ["what is packed", { [`${SEED}/user-data`]: new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]) }],
  ["a handler", { "/var/lib/cloud/handlers/part-handler-own.py": "import os\n" }],
])("what cloud-init does and cannot be read: %s", async (_, files) => {
  expect((await predictFiles({ ...OFF, ...files })).state).toBe("unknown");
});

test("a network configuration with one more level is cloud-init's, too", async () => {
  const files = {
    ...OFF,
    "/usr/lib/systemd/system/systemd-networkd.service":
      "[Service]\nExecStart=/usr/lib/systemd/systemd-networkd\n",
    "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service": {
      link: "/lib/systemd/system/systemd-networkd.service",
    },
    "/etc/cloud/cloud.cfg":
      "system_info: {network: {renderers: [networkd]}}\nnetwork:\n  network:\n    version: 2\n    ethernets:\n      ens5: {addresses: [192.0.2.5/24]}\n",
  };
  expect((await predictFiles(files)).state).toBe("on");
});
