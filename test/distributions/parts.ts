/** What root file systems of distributions are put together from. */
import type { FlatFiles } from "../support/machine.ts";
/** os-release where it lies on systems with a merged /usr. */
export const release = (id: string, v: string, more = ""): FlatFiles => ({
  "/usr/lib/os-release": `NAME="${id}"\nID="${id}"\nVERSION_ID="${v}"\n${more}`,
  "/etc/os-release": { link: "../usr/lib/os-release" },
});
export const MERGED: FlatFiles = {
  "/lib": { link: "usr/lib" },
  "/bin": { link: "usr/bin" },
  "/sbin": { link: "usr/sbin" },
};
export const kernelConfig = (v: string, ipv6 = "y"): FlatFiles => ({
  [`/boot/config-${v}`]: `# CONFIG_CMDLINE_BOOL is not set\nCONFIG_NET=y\n${ipv6 === "n" ? "# CONFIG_IPV6 is not set" : `CONFIG_IPV6=${ipv6}`}\n`,
});
export const builtIn = (v: string): FlatFiles => ({
  [`/usr/lib/modules/${v}/modules.builtin`]: "kernel/net/ipv4/netfilter/x.ko\nkernel/net/ipv6/ipv6.ko\n",
});
export const grub = (dir: string, v: string, args: string, prefix = "/boot"): FlatFiles => ({
  [`${dir}/grub.cfg`]: `set default="0"\nmenuentry 'Linux' --class gnu {\n\tlinux\t${prefix}/vmlinuz-${v} root=/dev/sda1 ro ${args}\n\tinitrd\t${prefix}/initrd-${v}\n}\n`,
});
export const bls = (
  v: string,
  options: string,
  o: { kernelopts?: string; fallback?: string; title?: string } = {},
): FlatFiles => ({
  "/boot/grub2/grub.cfg": `load_env\nset default="\${saved_entry}"\n${o.fallback === undefined ? "" : `if [ -z "\${kernelopts}" ]; then\n  set kernelopts="root=/dev/sda1 ro ${o.fallback}"\nfi\n`}insmod blscfg\nblscfg\n`,
  "/boot/grub2/grubenv":
    `# GRUB Environment Block\nsaved_entry=0123456789abcdef0123456789abcdef-${v}\n${o.kernelopts === undefined ? "" : `kernelopts=root=/dev/sda1 ro ${o.kernelopts}\n`}`.padEnd(
      1024,
      "#",
    ),
  [`/boot/loader/entries/0123456789abcdef0123456789abcdef-${v}.conf`]: `title Linux (${v})\nversion ${v}\nlinux /boot/vmlinuz-${v}\ninitrd /boot/initramfs-${v}.img\noptions ${options}\ngrub_users $grub_users\n`,
});
/** The link that enables a unit, and the unit. */
export const enable = (unit: string, target = "multi-user", dir = "/etc/systemd/system"): FlatFiles => ({
  [`/usr/lib/systemd/system/${unit}`]: "[Unit]\n",
  [`${dir}/${target}.target.wants/${unit}`]: { link: `/usr/lib/systemd/system/${unit}` },
});
export const NETWORKD: FlatFiles = {
  ...enable("systemd-networkd.service"),
  ...enable("systemd-networkd.socket", "sockets"),
  ...enable("systemd-networkd-wait-online.service", "network-online"),
  "/etc/systemd/system/dbus-org.freedesktop.network1.service": {
    link: "/usr/lib/systemd/system/systemd-networkd.service",
  },
  "/usr/lib/systemd/system/systemd-networkd.service": "[Install]\nWantedBy=multi-user.target\n",
};
export const NM: FlatFiles = {
  ...enable("NetworkManager.service"),
  "/etc/systemd/system/dbus-org.freedesktop.nm-dispatcher.service": {
    link: "/usr/lib/systemd/system/NetworkManager-dispatcher.service",
  },
  ...enable("NetworkManager-wait-online.service", "network-online"),
  "/etc/NetworkManager/NetworkManager.conf": "[main]\n#plugins=keyfile,ifcfg-rh\n\n[logging]\n",
};
export const LINK99: FlatFiles = {
  "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
  "/etc/sysctl.conf": "# sysctl settings\n",
};
export const cloudInit = (r: string, distro: string): FlatFiles => ({
  "/etc/cloud/cloud.cfg": `users:\n - default\nsystem_info:\n  distro: ${distro}\n${r === "" ? "" : `  network:\n    renderers: [${r}]\n`}`,
  "/etc/cloud/cloud.cfg.d/05_logging.cfg": "output: {all: '| tee -a /var/log/cloud-init-output.log'}\n",
  "/etc/systemd/system/cloud-init.target.wants/cloud-init.service": {
    link: "/usr/lib/systemd/system/cloud-init.service",
  },
  "/etc/systemd/system/cloud-init.target.wants/cloud-init-local.service": {
    link: "/usr/lib/systemd/system/cloud-init-local.service",
  },
});

/** The same without what has such a path. */
export function without(files: FlatFiles, paths: RegExp): FlatFiles {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.test(path)));
}
