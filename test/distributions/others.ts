/** SUSE, Alpine, Arch, Photon, Azure Linux, and systems made for containers. */
import type { FlatFiles } from "../support/machine.ts";
import { builtIn, enable, grub, kernelConfig, MERGED, NETWORKD, NM, release } from "./parts.ts";
export const sles15: FlatFiles = {
  ...release("sles", "15.6"),
  ...MERGED,
  ...kernelConfig("6.4.0-150600.21-default"),
  ...grub("/boot/grub2", "6.4.0-150600.21-default", "console=ttyS0 net.ifnames=0"),
  "/usr/lib/sysctl.d/50-default.conf":
    "net.ipv4.conf.default.rp_filter=2\nnet.ipv6.conf.default.use_tempaddr = 1\n",
  "/etc/sysctl.conf": "####\n",
  "/usr/lib/sysctl.d/99-sysctl.conf": { link: "/etc/sysctl.conf" },
  ...enable("wicked.service"),
  "/etc/systemd/system/network.service": { link: "/usr/lib/systemd/system/wicked.service" },
  "/etc/sysconfig/network/config": "",
  "/etc/sysconfig/network/ifcfg-lo": "IPADDR=127.0.0.1/8\nSTARTMODE=nfsroot\n",
  "/etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
};
export const tumbleweed: FlatFiles = {
  ...release("opensuse-tumbleweed", "20250901"),
  ...MERGED,
  "/usr/lib/modules/6.16.3-1-default/config": "CONFIG_IPV6=y\n",
  ...grub("/boot/grub2", "6.16.3-1-default", "quiet"),
  ...NM,
};
export const alpine: FlatFiles = {
  "/etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\n',
  "/boot/config-6.6.53-0-virt": "CONFIG_NET=y\nCONFIG_IPV6=m\n",
  "/boot/extlinux.conf":
    "DEFAULT menu.c32\nPROMPT 0\nTIMEOUT 10\nLABEL virt\n  MENU DEFAULT\n  MENU LABEL Linux virt\n  LINUX vmlinuz-virt\n  INITRD initramfs-virt\n  APPEND root=UUID=aa modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4\n",
  "/etc/modules": "af_packet\nipv6\n",
  "/etc/sysctl.conf": "# content of this file will override /etc/sysctl.d/*\n",
  "/usr/lib/sysctl.d/00-alpine.conf": "net.ipv4.tcp_syncookies = 1\nnet.ipv6.conf.default.use_tempaddr = 2\n",
  "/lib/sysctl.d/00-alpine.conf": "net.ipv4.tcp_syncookies = 1\n",
  "/etc/init.d/sysctl":
    '#!/sbin/openrc-run\ndepend()\n{\n\tbefore bootmisc logger\n}\nstart()\n{\n\tfor f in /lib/sysctl.d/*.conf; do :; done\n\tewarn "Ignoring $f due to"\n}\n',
  "/sbin/sysctl": { link: "/bin/busybox" },
  "/etc/runlevels/boot/sysctl": { link: "/etc/init.d/sysctl" },
  "/etc/runlevels/boot/modules": { link: "/etc/init.d/modules" },
  "/etc/runlevels/boot/networking": { link: "/etc/init.d/networking" },
  "/etc/runlevels/default/sshd": { link: "/etc/init.d/sshd" },
  "/etc/network/interfaces": "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet dhcp\n",
  "/lib/modules/6.6.53-0-virt/modules.builtin": "kernel/fs/x.ko\n",
};
export const arch: FlatFiles = {
  "/usr/lib/os-release": 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
  "/etc/os-release": { link: "../usr/lib/os-release" },
  ...MERGED,
  "/usr/lib/modules/6.10.10-arch1-1/modules.builtin": "kernel/net/ipv6/ipv6.ko\n",
  "/boot/vmlinuz-linux": "",
  "/boot/loader/loader.conf": "default arch.conf\n",
  "/boot/loader/entries/arch.conf":
    "title Arch\nlinux /vmlinuz-linux\ninitrd /initramfs-linux.img\noptions root=/dev/vda2 rw\n",
  ...NETWORKD,
  "/etc/systemd/network/20-ethernet.network":
    "[Match]\nName=en*\nName=eth*\n[Link]\nRequiredForOnline=routable\n[Network]\nDHCP=yes\nMulticastDNS=yes\n[DHCPv4]\nRouteMetric=100\n[IPv6AcceptRA]\nRouteMetric=100\n",
};
export const photon: FlatFiles = {
  ...release("photon", "5.0"),
  ...MERGED,
  ...kernelConfig("6.1.109-1.ph5"),
  "/boot/photon.cfg": { link: "linux-6.1.109-1.ph5.cfg" },
  "/boot/linux-6.1.109-1.ph5.cfg":
    "# GRUB Environment Block\nphoton_cmdline=init=/lib/systemd/systemd loglevel=3 ro\nphoton_linux=vmlinuz-6.1.109-1.ph5\n",
  "/boot/grub2/grub.cfg":
    'set default=0\nload_env -f /boot/photon.cfg\nmenuentry "Photon" {\n  linux /boot/$photon_linux root=/dev/sda2 $photon_cmdline $systemd_cmdline\n}\n',
  ...NETWORKD,
  "/etc/systemd/network/99-dhcp-en.network": "[Match]\nName=e*\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=no\n",
};
export const mariner: FlatFiles = {
  ...release("mariner", "2.0.20240731"),
  ...MERGED,
  ...kernelConfig("5.15.162.2-1.cm2"),
  ...grub("/boot/grub2", "5.15.162.2-1.cm2", "rd.auto=1 lockdown=integrity"),
  ...NETWORKD,
  "/etc/systemd/network/99-dhcp-en.network": "[Match]\nName=e*\n\n[Network]\nDHCP=ipv4\nIPv6AcceptRA=no\n",
};
export const flatcar: FlatFiles = {
  "/usr/lib/os-release":
    'NAME="Flatcar Container Linux by Kinvolk"\nID=flatcar\nID_LIKE=coreos\nVERSION_ID=3815.2.5\n',
  "/etc/os-release": { link: "../usr/lib/os-release" },
  ...MERGED,
  ...builtIn("6.1.96-flatcar"),
  "/usr/lib/systemd/system/multi-user.target.wants/systemd-networkd.service": {
    link: "../systemd-networkd.service",
  },
  "/usr/lib/systemd/system/multi-user.target.wants/sshd.socket": { link: "../sshd.socket" },
  "/usr/lib/systemd/system/sockets.target.wants/systemd-networkd.socket": {
    link: "../systemd-networkd.socket",
  },
  "/usr/lib/systemd/network/zz-default.network":
    "[Match]\nName=*\nType=!loopback bridge tunnel vxlan wireguard\nDriver=!veth dummy\n\n[Network]\nDHCP=yes\n\n[DHCP]\nUseMTU=true\nUseDomains=true\nClientIdentifier=mac\n",
};
export const bottlerocket: FlatFiles = {
  ...release("bottlerocket", "1.20.0"),
  ...builtIn("6.1.97"),
  "/usr/lib/systemd/system/multi-user.target.wants/systemd-networkd.service": {
    link: "../systemd-networkd.service",
  },
};
export const containerOptimized: FlatFiles = {
  "/etc/os-release": 'NAME="Container-Optimized OS"\nID=cos\nVERSION=117\nVERSION_ID=117\n',
  ...builtIn("6.6.44+"),
  "/usr/lib/systemd/system/multi-user.target.wants/systemd-networkd.service": {
    link: "../systemd-networkd.service",
  },
  "/etc/systemd/system/multi-user.target.wants/docker.service": {
    link: "/usr/lib/systemd/system/docker.service",
  },
  "/usr/lib/systemd/network/zz-default.network": "[Match]\nName=eth* en*\n[Network]\nDHCP=ipv4\n",
};
