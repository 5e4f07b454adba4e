import { type FlatFiles, grubConfig } from "../support/machine.ts";

const WANTS = "/etc/systemd/system/multi-user.target.wants";
const LIB = "/usr/lib/systemd/system";
const MERGED: FlatFiles = {
  "/lib": { link: "usr/lib" },
  "/bin": { link: "usr/bin" },
  "/sbin": { link: "usr/sbin" },
  "/usr/lib/systemd/systemd": "",
  "/etc/fstab": "UUID=33333333-3333-4333-8333-333333333333 / ext4 rw 0 1\n",
};

/** Links in the folder of what multi-user.target wants, and the units. */
export function wanted(...services: readonly string[]): FlatFiles {
  return Object.fromEntries(
    services.flatMap((one) => [
      [`${WANTS}/${one}`, { link: `${LIB}/${one}` }],
      [`${LIB}/${one}`, "[Unit]\n"],
    ]),
  );
}

export function release(id: string, version: string, like: string = ""): FlatFiles {
  return {
    "/usr/lib/os-release": `ID=${id}\nVERSION_ID="${version}"\n${like === "" ? "" : `ID_LIKE="${like}"\n`}`,
    "/etc/os-release": { link: "../usr/lib/os-release" },
  };
}

function builtIn(kernel: string): FlatFiles {
  return { [`/boot/config-${kernel}`]: "CONFIG_NET=y\nCONFIG_IPV6=y\n" };
}

/** What sysctl.d/50-default.conf and 99-sysctl.conf are in Red Hat's family. */
const RED_HAT_SYSCTL: FlatFiles = {
  "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
  "/etc/sysctl.conf": "# sysctl settings are defined through files in\n",
  "/usr/lib/sysctl.d/50-default.conf":
    "net.ipv4.conf.default.rp_filter = 2\n-net.ipv4.ping_group_range = 0 2147483647\n",
};

const EL_KERNEL = "5.14.0-427.el9.x86_64";

/** A BLS entry of GRUB and its grub.cfg. */
export function bls(options: string, kernel: string = EL_KERNEL): FlatFiles {
  return {
    "/boot/grub2/grub.cfg": `load_env\nset default="\${saved_entry}"\ninsmod blscfg\nblscfg\n`,
    "/boot/grub2/grubenv": "# GRUB Environment Block\nsaved_entry=\n",
    [`/boot/loader/entries/0123456789abcdef0123456789abcdef-${kernel}.conf`]: `title Linux\nversion ${kernel}\nlinux /vmlinuz-${kernel}\ninitrd /initramfs-${kernel}.img\noptions ${options}\n`,
  };
}

/** Red Hat Enterprise Linux and those like it, with NetworkManager. */
export function redHat(version: string, id: string = "rhel"): FlatFiles {
  return {
    ...MERGED,
    ...release(id, version, "fedora"),
    ...builtIn(EL_KERNEL),
    ...RED_HAT_SYSCTL,
    ...bls("root=UUID=33333333-3333-4333-8333-333333333333 ro crashkernel=1G"),
    ...wanted("NetworkManager.service", "sshd.service"),
    "/etc/NetworkManager/NetworkManager.conf": "[main]\n#plugins=keyfile,ifcfg-rh\n[logging]\n",
    "/etc/sysconfig/network": "# Created by anaconda\n",
  };
}

/** CentOS 7 and RHEL 7: GRUB without BLS, ifcfg files. */
export function redHat7(id: string = "centos"): FlatFiles {
  const kernel = "3.10.0-1160.el7.x86_64";
  return {
    ...MERGED,
    ...release(id, "7", "rhel fedora"),
    ...builtIn(kernel),
    ...RED_HAT_SYSCTL,
    "/boot/grub2/grub.cfg": grub(kernel, ""),
    "/etc/sysconfig/network": "NETWORKING=yes\n",
    "/usr/lib64/NetworkManager/1.18.8-1.el7/libnm-settings-plugin-ifcfg-rh.so": "",
  };
}

export function grub(kernel: string, args: string): string {
  return `set default="0"\nmenuentry 'Linux' --class gnu-linux {\n\tlinux16 /boot/vmlinuz-${kernel} root=UUID=33333333-3333-4333-8333-333333333333 ro ${args}\n\tinitrd16 /boot/initramfs-${kernel}.img\n}\n`;
}

/** Fedora's cloud image. */
export function fedora(version: string): FlatFiles {
  return {
    ...redHat(version, "fedora"),
    "/usr/lib64/NetworkManager/1.46.2-1.fc40/libnm-device-plugin-wifi.so": "",
  };
}

export function amazon2023(): FlatFiles {
  const kernel = "6.1.94-99.176.amzn2023.x86_64";
  return {
    ...MERGED,
    ...release("amzn", "2023", "fedora"),
    ...builtIn(kernel),
    ...RED_HAT_SYSCTL,
    ...bls("root=UUID=33333333-3333-4333-8333-333333333333 ro console=tty0 net.ifnames=1", kernel),
    ...wanted("systemd-networkd.service", "sshd.service"),
    "/usr/lib/systemd/network/80-ec2.network":
      "[Match]\nDriver=ena ixgbevf vif\n\n[Link]\nMTUBytes=9001\n\n[Network]\nDHCP=yes\nIPv6DuplicateAddressDetection=0\n",
  };
}

export function amazon2(): FlatFiles {
  const kernel = "4.14.336-257.amzn2.x86_64";
  return {
    ...MERGED,
    ...release("amzn", "2", "centos rhel fedora"),
    ...builtIn(kernel),
    ...RED_HAT_SYSCTL,
    "/boot/grub2/grub.cfg": grub(kernel, "console=tty0 net.ifnames=0 rd.shell=0"),
    "/etc/sysconfig/network": "NETWORKING=yes\nNOZEROCONF=yes\n",
    "/etc/sysconfig/network-scripts/ifcfg-eth0":
      "DEVICE=eth0\nBOOTPROTO=dhcp\nONBOOT=yes\nTYPE=Ethernet\nUSERCTL=yes\nPEERDNS=yes\nDHCPV6C=yes\nDHCPV6C_OPTIONS=-nw\nPERSISTENT_DHCLIENT=yes\n",
    "/etc/rc.d/rc3.d/S10network": { link: "../init.d/network" },
  };
}

export function debian13(): FlatFiles {
  const kernel = "6.12.38+deb13-cloud-amd64";
  return {
    ...MERGED,
    ...release("debian", "13"),
    ...builtIn(kernel),
    "/boot/grub/grub.cfg": grubConfig("console=ttyS0").replaceAll("6.1.0-18-cloud-amd64", kernel),
    ...wanted("systemd-networkd.service", "ssh.service"),
    "/usr/lib/systemd/system-generators/netplan": "",
    "/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-257.so": "",
  };
}

export function ubuntu(version: string): FlatFiles {
  const kernel = "6.8.0-1010-aws";
  return {
    ...MERGED,
    ...release("ubuntu", version, "debian"),
    ...builtIn(kernel),
    "/boot/grub/grub.cfg": grubConfig("console=ttyS0").replaceAll("6.1.0-18-cloud-amd64", kernel),
    ...wanted("systemd-networkd.service", "ssh.service"),
    "/usr/lib/systemd/system-generators/netplan": "",
    "/etc/netplan/50-cloud-init.yaml": "network:\n  version: 2\n  ethernets:\n    ens5:\n      dhcp4: true\n",
    "/etc/sysctl.conf": "#net.ipv6.conf.all.forwarding=1\n",
    "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
    "/etc/sysctl.d/10-ipv6-privacy.conf":
      "net.ipv6.conf.all.use_tempaddr = 2\nnet.ipv6.conf.default.use_tempaddr = 2\n",
  };
}

/** SUSE Linux Enterprise Server 15 with wicked; openSUSE Leap alike. */
export function suse(version: string = "15.5", id: string = "sles"): FlatFiles {
  const kernel = "5.14.21-150500.55.68-default";
  return {
    ...MERGED,
    ...release(id, version, "suse"),
    ...builtIn(kernel),
    "/boot/grub2/grub.cfg": grub(kernel, "console=ttyS0")
      .replaceAll("linux16", "linux")
      .replaceAll("initrd16", "initrd"),
    [`/boot/sysctl.conf-${kernel}`]: "# kernel defaults\nvm.dirty_ratio = 20\n",
    "/usr/lib/sysctl.d/99-sysctl.conf": { link: "../../../etc/sysctl.conf" },
    "/etc/sysctl.conf": "# values\n",
    ...wanted("wicked.service", "sshd.service"),
    "/etc/systemd/system/network-online.target.wants/wicked.service": { link: `${LIB}/wicked.service` },
    "/etc/systemd/system/network.service": { link: `${LIB}/wicked.service` },
    "/etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp'\nSTARTMODE='auto'\nCLOUD_NETCONFIG_MANAGE='yes'\n",
  };
}

export function tumbleweed(): FlatFiles {
  return {
    ...suse("20240601", "opensuse-tumbleweed"),
    [`${WANTS}/wicked.service`]: "",
  };
}

/** Alpine's cloud image: OpenRC, BusyBox or not, IPv6 as a module that /etc/modules names. */
export function alpine(version: string = "3.20.0"): FlatFiles {
  const kernel = "6.6.31-0-virt";
  return {
    "/etc/os-release": `ID=alpine\nVERSION_ID=${version}\n`,
    "/etc/alpine-release": `${version}\n`,
    [`/boot/config-${kernel}`]: "CONFIG_IPV6=m\n",
    "/boot/vmlinuz-virt": "",
    "/boot/extlinux.conf":
      "DEFAULT menu.c32\nTIMEOUT 10\nLABEL virt\n  MENU DEFAULT\n  LINUX vmlinuz-virt\n  INITRD initramfs-virt\n  APPEND root=UUID=33333333-3333-4333-8333-333333333333 modules=ext4 console=ttyS0\n",
    [`/lib/modules/${kernel}/kernel/net/ipv6/ipv6.ko.gz`]: "",
    "/etc/modules": "af_packet\nipv6\n",
    "/etc/network/interfaces": "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n",
    "/etc/init.d/sysctl":
      '#!/sbin/openrc-run\ndepend() {\n\tbefore bootmisc logger\n}\nstart() {\n\tveinfo "Ignoring $f due to"\n}\n',
    "/etc/runlevels/boot/sysctl": { link: "/etc/init.d/sysctl" },
    "/etc/runlevels/boot/modules": { link: "/etc/init.d/modules" },
    "/etc/runlevels/boot/networking": { link: "/etc/init.d/networking" },
    "/etc/runlevels/default/sshd": { link: "/etc/init.d/sshd" },
    "/sbin/sysctl": { link: "/bin/busybox" },
    "/bin/busybox": "",
    "/etc/sysctl.conf": "# content of this file will override /etc/sysctl.d/*\n",
  };
}

/** Arch Linux with systemd-boot and networkd. */
export function arch(options: string = ""): FlatFiles {
  return {
    ...MERGED,
    "/usr/lib/os-release": "ID=arch\nBUILD_ID=rolling\n",
    "/etc/os-release": { link: "../usr/lib/os-release" },
    "/usr/lib/modules/6.9.7-arch1-1/modules.builtin": "kernel/net/ipv4/tunnel4.ko\nkernel/net/ipv6/ipv6.ko\n",
    "/boot/vmlinuz-linux": "",
    "/boot/loader/loader.conf": "default arch.conf\ntimeout 3\n",
    "/boot/loader/entries/arch.conf": `title Arch Linux\nlinux /vmlinuz-linux\ninitrd /initramfs-linux.img\noptions root=UUID=33333333-3333-4333-8333-333333333333 rw ${options}\n`,
    ...wanted("systemd-networkd.service", "sshd.service"),
    "/etc/systemd/network/20-ethernet.network": "[Match]\nType=ether\n\n[Network]\nDHCP=yes\n",
    "/usr/lib/systemd/libsystemd-shared-256.so": "",
  };
}

/** VMware's Photon OS and Azure Linux ship the same file for networkd. */
export function photon(version: string = "5.0", id: string = "photon"): FlatFiles {
  const kernel = "6.1.90-1.ph5";
  return {
    ...MERGED,
    ...release(id, version),
    ...builtIn(kernel),
    "/boot/grub2/grub.cfg": grub(kernel, "").replaceAll("linux16", "linux").replaceAll("initrd16", "initrd"),
    ...wanted("systemd-networkd.service", "sshd.service"),
    "/etc/systemd/network/99-dhcp-en.network": "[Match]\nName=e*\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=no\n",
    "/usr/lib/sysctl.d/50-security-hardening.conf": "kernel.kptr_restrict = 2\n",
  };
}

/** Flatcar Container Linux: what the vendor enables is linked in /usr. */
export function flatcar(): FlatFiles {
  const kernel = "6.6.35-flatcar";
  return {
    ...release("flatcar", "3975.2.0", "coreos"),
    "/lib": { link: "usr/lib" },
    "/usr/lib/systemd/systemd": "",
    "/usr/lib/systemd/libsystemd-shared-255.so": "",
    [`/usr/lib/modules/${kernel}/modules.builtin`]: "kernel/net/ipv6/ipv6.ko\n",
    "/boot/flatcar/grub/grub.cfg.tar": "",
    [`${LIB}/multi-user.target.wants/systemd-networkd.service`]: { link: "../systemd-networkd.service" },
    "/usr/lib/systemd/network/zz-default.network":
      "[Match]\nName=*\nType=!loopback bridge tunnel vxlan wireguard\nDriver=!veth\n\n[Network]\nDHCP=yes\nKeepConfiguration=dhcp-on-stop\nIPv6AcceptRA=true\n",
  };
}

/** Fedora CoreOS: NetworkManager without a profile. */
export function coreOs(): FlatFiles {
  return {
    ...redHat("40", "fedora"),
    "/usr/lib/os-release": "ID=fedora\nVERSION_ID=40\nVARIANT_ID=coreos\n",
    "/usr/lib64/NetworkManager/1.46.2-1.fc40/libnm-device-plugin-team.so": "",
  };
}
