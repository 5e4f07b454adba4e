import { type FlatFiles, grubConfig } from "../support/machine.ts";

export const OFF = "net.ipv6.conf.all.disable_ipv6=1\nnet.ipv6.conf.default.disable_ipv6=1\n";
export const ON = "net.ipv6.conf.all.disable_ipv6=0\nnet.ipv6.conf.default.disable_ipv6=0\n";
/** The textbook setting. */
export const SET: FlatFiles = { "/etc/sysctl.d/70-ipv6.conf": OFF };
export const ROOT = "root=UUID=33333333-3333-4333-8333-333333333333 ro";

/** Debian 12's grub.cfg with more arguments. */
export function cmdline(args: string): FlatFiles {
  return { "/boot/grub/grub.cfg": grubConfig(args) };
}

export function netplan(text: string): FlatFiles {
  return { "/etc/netplan/50-cloud-init.yaml": `network:\n  version: 2\n${text}` };
}

/** A profile of NetworkManager. `more`: further sections. */
export function keyfile(ipv6: string, connection = "", more = ""): FlatFiles {
  const text = `[connection]\nid=eth0\ntype=ethernet\n${connection}${more}[ipv4]\nmethod=auto\n${ipv6}`;
  return { "/etc/NetworkManager/system-connections/eth0.nmconnection": text };
}

export function ifcfg(text: string, name = "eth0"): FlatFiles {
  return {
    [`/etc/sysconfig/network-scripts/ifcfg-${name}`]: `DEVICE=${name}\nBOOTPROTO=dhcp\nONBOOT=yes\nTYPE=Ethernet\n${text}`,
  };
}

export function interfaces(more: string): FlatFiles {
  const text = `auto lo\niface lo inet loopback\nallow-hotplug ens5\niface ens5 inet dhcp\n${more}`;
  return { "/etc/network/interfaces": text };
}

/** A unit file, and the link that enables it. */
export function unit(path: string, body: string): FlatFiles {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return { [path]: body, [`/etc/systemd/system/multi-user.target.wants/${name}`]: { link: path } };
}

/** Everything but what lies below these paths. */
export function without(files: FlatFiles, ...paths: readonly string[]): FlatFiles {
  return Object.fromEntries(
    Object.entries(files).filter(([one]) => !paths.some((path) => one.startsWith(path))),
  );
}

export const MODULAR: FlatFiles = {
  "/boot/config-6.1.0-18-cloud-amd64": "CONFIG_NET=y\nCONFIG_IPV6=m\n",
};
