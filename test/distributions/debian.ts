/** Debian and Ubuntu, as their installers and clouds make them. */
import type { FlatFiles } from "../support/machine.ts";
import { cloudInit, enable, grub, kernelConfig, LINK99, MERGED, NETWORKD, release } from "./parts.ts";
export const debian12: FlatFiles = {
  ...release("debian", "12"),
  ...MERGED,
  ...kernelConfig("6.1.0-25-amd64"),
  ...grub("/boot/grub", "6.1.0-25-amd64", "quiet"),
  ...LINK99,
  "/etc/network/interfaces":
    "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\n\nallow-hotplug ens3\niface ens3 inet dhcp\n",
  ...enable("networking.service"),
  "/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so": "",
};
export const debian12Cloud: FlatFiles = {
  ...release("debian", "12"),
  ...MERGED,
  ...kernelConfig("6.1.0-25-cloud-amd64"),
  ...grub("/boot/grub", "6.1.0-25-cloud-amd64", "console=ttyS0"),
  ...LINK99,
  ...NETWORKD,
  ...cloudInit("'netplan', 'eni', 'networkd'", "debian"),
  "/etc/netplan/90-default.yaml":
    "network:\n    version: 2\n    ethernets:\n        all-en:\n            match:\n                name: en*\n            dhcp4: true\n            dhcp6: true\n        all-eth:\n            match:\n                name: eth*\n            dhcp4: true\n            dhcp6: true\n",
};
export const debian13: FlatFiles = {
  ...release("debian", "13"),
  ...MERGED,
  ...kernelConfig("6.12.48+deb13-amd64"),
  ...grub("/boot/grub", "6.12.48+deb13-amd64", "quiet"),
  "/etc/network/interfaces":
    "source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\nallow-hotplug ens3\niface ens3 inet dhcp\n",
  ...enable("networking.service"),
  "/usr/lib/sysctl.d/50-default.conf": "net.ipv4.conf.default.rp_filter = 2\n",
  "/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so": "",
};
export const ubuntu2404Cloud: FlatFiles = {
  ...release("ubuntu", "24.04"),
  ...MERGED,
  ...kernelConfig("6.8.0-45-generic"),
  ...grub("/boot/grub", "6.8.0-45-generic", "console=tty1"),
  ...LINK99,
  "/etc/sysctl.d/10-ipv6-privacy.conf":
    "net.ipv6.conf.all.use_tempaddr = 2\nnet.ipv6.conf.default.use_tempaddr = 2\n",
  ...NETWORKD,
  ...cloudInit("'netplan', 'eni', 'sysconfig'", "ubuntu"),
  "/etc/netplan/50-cloud-init.yaml": "network:\n  version: 2\n  ethernets:\n    ens3:\n      dhcp4: true\n",
};
export const ubuntu2404: FlatFiles = {
  ...release("ubuntu", "24.04"),
  ...MERGED,
  ...kernelConfig("6.8.0-45-generic"),
  ...grub("/boot/grub", "6.8.0-45-generic", ""),
  ...LINK99,
  ...NETWORKD,
  "/etc/netplan/00-installer-config.yaml":
    "network:\n  version: 2\n  ethernets:\n    ens18:\n      dhcp4: true\n",
};
export const ubuntu2204: FlatFiles = { ...ubuntu2404, ...release("ubuntu", "22.04") };
