/** Red Hat and its like, Fedora, Amazon Linux, openEuler. */
import type { FlatFiles } from "../support/machine.ts";
import {
  bls,
  builtIn,
  cloudInit,
  grub,
  kernelConfig,
  LINK99,
  MERGED,
  NETWORKD,
  NM,
  release,
  without,
} from "./parts.ts";

const rhelGrub = (v: string, args = ""): FlatFiles => grub("/boot/grub2", v, args, "");
export const rhel7: FlatFiles = {
  ...release("rhel", "7.9"),
  ...MERGED,
  ...kernelConfig("3.10.0-1160.el7.x86_64"),
  ...rhelGrub("3.10.0-1160.el7.x86_64", "net.ifnames=0 crashkernel=auto"),
  ...LINK99,
  ...NM,
  "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
  "/etc/rc.d/init.d/network": "#! /bin/bash\n",
  "/etc/sysconfig/network": "NETWORKING=yes\nNOZEROCONF=yes\n",
  "/etc/sysconfig/network-scripts/ifcfg-lo": "DEVICE=lo\nONBOOT=yes\n",
  "/etc/sysconfig/network-scripts/ifcfg-eth0":
    'DEVICE="eth0"\nBOOTPROTO="dhcp"\nONBOOT="yes"\nTYPE="Ethernet"\nUSERCTL="yes"\nPEERDNS="yes"\nIPV6INIT="no"\n',
};
export const centos7: FlatFiles = { ...without(rhel7, /NetworkManager/), ...release("centos", "7") };
export const rhel8: FlatFiles = {
  ...release("rhel", "8.10"),
  ...MERGED,
  ...builtIn("4.18.0-553.el8_10.x86_64"),
  ...kernelConfig("4.18.0-553.el8_10.x86_64"),
  ...bls("4.18.0-553.el8_10.x86_64", "$kernelopts $tuned_params", {
    kernelopts: "net.ifnames=0 crashkernel=auto",
    fallback: "net.ifnames=0 crashkernel=auto",
  }),
  ...LINK99,
  ...NM,
  "/etc/sysconfig/network-scripts/ifcfg-eth0":
    "DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\nTYPE=Ethernet\nIPV6INIT=yes\n",
  "/etc/sysconfig/network": "NETWORKING=yes\n",
  "/usr/lib64/NetworkManager/1.40.16-15.el8_9/libnm-settings-plugin-ifcfg-rh.so": "",
};
export const rhel9: FlatFiles = {
  ...release("rhel", "9.4"),
  ...MERGED,
  ...kernelConfig("5.14.0-427.13.1.el9_4.x86_64"),
  ...bls("5.14.0-427.13.1.el9_4.x86_64", "root=UUID=aa ro console=ttyS0,115200n8 net.ifnames=0"),
  ...LINK99,
  ...NM,
  "/usr/lib64/NetworkManager/1.46.0-4.el9_4/libnm-settings-plugin-ifcfg-rh.so": "",
};
export const rhel9Renamed: FlatFiles = {
  ...rhel9,
  ...bls("5.14.0-427.13.1.el9_4.x86_64", "root=UUID=aa ro console=ttyS0,115200n8"),
};
export const rhel10: FlatFiles = {
  ...release("rhel", "10.0"),
  ...MERGED,
  "/usr/lib/modules/6.12.0-55.9.1.el10_0.x86_64/config": "CONFIG_NET=y\nCONFIG_IPV6=y\n",
  ...bls("6.12.0-55.9.1.el10_0.x86_64", "root=UUID=aa ro console=ttyS0"),
  "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
  "/etc/sysctl.conf": "#\n",
  ...NM,
  "/usr/lib64/NetworkManager/1.52.0-3.el10_0/libnm-device-plugin-team.so": "",
};
/** The library of NetworkManager is not there to tell the version. */
export const rhel10Bare: FlatFiles = without(rhel10, /lib64\/NetworkManager/);
export const fedora: FlatFiles = {
  ...rhel10,
  ...release("fedora", "42"),
  "/usr/lib64/NetworkManager/1.52.0-1.fc42/libnm-device-plugin-wifi.so": "",
};
export const amazon2: FlatFiles = {
  ...release("amzn", "2"),
  ...MERGED,
  ...kernelConfig("5.10.225-213.878.amzn2.x86_64"),
  ...grub(
    "/boot/grub2",
    "5.10.225-213.878.amzn2.x86_64",
    "console=tty0 console=ttyS0,115200n8 net.ifnames=0 biosdevname=0",
  ),
  ...LINK99,
  "/etc/sysctl.d/00-defaults.conf": "kernel.printk = 8 4 1 7\n",
  "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
  "/etc/sysconfig/network-scripts/ifcfg-eth0":
    'DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\nTYPE=Ethernet\nUSERCTL=yes\nPEERDNS=yes\nDHCPV6C=yes\nDHCPV6C_OPTIONS=-nw\nPERSISTENT_DHCLIENT=yes\nRES_OPTIONS="timeout:2 attempts:5"\nDHCP_ARP_CHECK=no\nIPV6INIT=yes\n',
  "/etc/sysconfig/network": "NETWORKING=yes\nNOZEROCONF=yes\nNETWORKING_IPV6=no\n",
  ...cloudInit("", "amazon"),
  "/etc/cloud/cloud.cfg.d/99-net.cfg": "network:\n  config: disabled\n",
};
export const amazon2023: FlatFiles = {
  ...release("amzn", "2023"),
  ...MERGED,
  ...kernelConfig("6.1.109-118.189.amzn2023.x86_64"),
  ...bls("6.1.109-118.189.amzn2023.x86_64", "root=UUID=aa ro console=tty0 net.ifnames=0"),
  ...NETWORKD,
  "/usr/lib/systemd/network/80-ec2.network":
    "[Match]\nDriver=ena ixgbevf vif\n\n[Link]\nMTUBytes=9001\n\n[Network]\nDHCP=yes\nIPv6DuplicateAddressDetection=0\nLLMNR=no\nDNSDefaultRoute=yes\n\n[DHCPv4]\nUseHostname=no\n\n[DHCPv6]\nUseHostname=no\nWithoutRA=solicit\n",
};
export const fedoraCoreos: FlatFiles = {
  ...release("fedora", "40", "VARIANT_ID=coreos\n"),
  ...MERGED,
  "/usr/lib/modules/6.10.6-200.fc40.x86_64/config": "CONFIG_IPV6=y\n",
  ...bls("6.10.6-200.fc40.x86_64", "rw ostree=/x ignition.platform.id=aws $ignition_firstboot"),
  ...NM,
};
export const oracle8: FlatFiles = { ...rhel8, ...release("ol", "8.9") };
export const openEuler: FlatFiles = {
  ...release("openEuler", "22.03"),
  ...MERGED,
  ...kernelConfig("5.10.0-216.oe2203sp4.x86_64"),
  ...grub("/boot/efi/EFI/openEuler", "5.10.0-216.oe2203sp4.x86_64", "quiet", ""),
  ...grub("/boot/grub2", "5.10.0-216.oe2203sp4.x86_64", "quiet", ""),
  ...LINK99,
  ...NM,
  "/etc/sysconfig/network-scripts/ifcfg-enp3s0":
    "TYPE=Ethernet\nBOOTPROTO=dhcp\nIPV6INIT=yes\nIPV6_AUTOCONF=yes\nNAME=enp3s0\nDEVICE=enp3s0\nONBOOT=yes\n",
  "/usr/lib64/NetworkManager/1.32.12-18.oe2203sp1/libnm-settings-plugin-ifcfg-rh.so": "",
};
