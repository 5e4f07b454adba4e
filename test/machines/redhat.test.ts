import type { FlatFiles } from "../support/machine.ts";
import { type Cells, truthTable } from "../support/truth-table.ts";
import { bls, coreOs, fedora, redHat, wanted } from "./distributions.ts";
import { ifcfg, keyfile, OFF, ROOT, SET, without } from "./settings.ts";

/** As clouds' images of Red Hat's family have it. */
const KERNEL_NAMES: FlatFiles = bls(`${ROOT} net.ifnames=0`);

const tuned = (profile: string): FlatFiles => ({
  ...wanted("tuned.service"),
  "/etc/tuned/active_profile": "mine\n",
  "/etc/tuned/mine/tuned.conf": profile,
});

const NETWORK_MANAGER: readonly Cells[] = [
  ["9, nothing set", redHat("9.4"), "on", "nm-device.c: ip6_managed_setup"],
  [
    "9, sysctl, no profile",
    { ...redHat("9.4"), ...SET },
    "on",
    "auto-default connection has ipv6.method auto",
  ],
  [
    "9, sysctl, profile without ipv6",
    { ...redHat("9.4"), ...SET, ...keyfile("") },
    "on",
    "nm-settings(5): auto",
  ],
  [
    "9, method=disabled",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n") },
    "off",
    "NetworkManager 1.20",
  ],
  [
    "9, method=disabled, another card",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n", "interface-name=eth7\n") },
    "on",
    "the first card is not eth7; auto-default",
  ],
  [
    "9, method=ignore",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=ignore\n") },
    "off",
    "nm-settings(5): ignore",
  ],
  [
    "9, method=ignore, nothing set",
    { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=ignore\n") },
    "on",
    "the kernel configures it",
  ],
  [
    "9, method=link-local",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=link-local\n") },
    "on",
    "writes 0",
  ],
  [
    "9, no autoconnect",
    { ...redHat("9.4"), ...SET, ...keyfile("[ipv6]\nmethod=disabled\n", "autoconnect=false\n") },
    "partial",
    "nm-device.c: taken over, nothing started",
  ],
  [
    "9, no-auto-default, no profile",
    { ...redHat("9.4"), ...SET, "/etc/NetworkManager/conf.d/x.conf": "[main]\nno-auto-default=*\n" },
    "partial",
    "taken over all the same",
  ],
  [
    "9, unmanaged",
    { ...redHat("9.4"), ...SET, "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n" },
    "off",
    "NetworkManager.conf(5)",
  ],
  [
    "9, two profiles, priority",
    {
      ...redHat("9.4"),
      ...keyfile("[ipv6]\nmethod=disabled\n", "autoconnect-priority=10\n"),
      "/etc/NetworkManager/system-connections/b.nmconnection":
        "[connection]\nid=b\ntype=ethernet\n[ipv6]\nmethod=auto\n",
    },
    "off",
    "nm-settings(5): higher priority first",
  ],
  [
    "9, profile of the vendor hidden by /etc",
    {
      ...redHat("9.4"),
      "/usr/lib/NetworkManager/system-connections/eth0.nmconnection":
        "[connection]\ntype=ethernet\n[ipv6]\nmethod=disabled\n",
      ...keyfile("[ipv6]\nmethod=auto\n"),
    },
    "on",
    "keyfile plugin: /etc first",
  ],
  [
    "9, NetworkManager disabled",
    { ...without(redHat("9.4"), "/etc/systemd/system/multi-user.target.wants/NetworkManager"), ...SET },
    "off",
    "nobody else writes",
  ],
  [
    "9, NetworkManager masked",
    { ...redHat("9.4"), ...SET, "/etc/systemd/system/NetworkManager.service": { link: "/dev/null" } },
    "off",
    "systemd.unit(5)",
  ],
  [
    "9, ifcfg IPV6INIT=no",
    {
      ...redHat("9.4"),
      ...KERNEL_NAMES,
      ...SET,
      ...ifcfg("IPV6INIT=no\n"),
      "/usr/lib64/NetworkManager/1.46.0-8.el9/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c: ignore",
  ],
  [
    "9, ifcfg IPV6_DISABLED",
    {
      ...redHat("9.4"),
      ...KERNEL_NAMES,
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/usr/lib64/NetworkManager/1.46.0-8.el9/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c",
  ],
  [
    "9, ifcfg IPV6_DISABLED, the plugin removed",
    {
      ...redHat("9.4"),
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/usr/lib64/NetworkManager/1.46.0-8.el9/libnm-device-plugin-wifi.so": "",
    },
    "on",
    "nm-settings.c: without its plugin, nobody reads ifcfg files",
  ],
  [
    "8, ifcfg IPV6INIT=no, the plugin removed",
    {
      ...redHat("8.9"),
      ...SET,
      ...ifcfg("IPV6INIT=no\n"),
      "/usr/lib64/NetworkManager/1.40.16-9.el8/libnm-device-plugin-team.so": "",
    },
    "on",
    "nm-settings.c: without its plugin, nobody reads ifcfg files",
  ],
  [
    "9, ifcfg IPV6INIT=no and nothing else",
    {
      ...redHat("9.4"),
      ...ifcfg("IPV6INIT=no\nIPV6_AUTOCONF=no\n"),
      "/etc/sysconfig/network": "NETWORKING_IPV6=no\n",
    },
    "on",
    "read by nothing",
  ],
  ["9, ifcfg IPV6INIT=yes", { ...redHat("9.4"), ...SET, ...ifcfg("IPV6INIT=yes\n") }, "on", "method auto"],
  [
    "10, ifcfg is dead",
    { ...redHat("10.0"), ...SET, ...ifcfg("IPV6INIT=no\n") },
    "on",
    "RHEL 10: no ifcfg plugin; auto-default",
  ],
  [
    "Fedora 40, ifcfg without the plugin",
    { ...fedora("40"), ...SET, ...ifcfg("IPV6INIT=no\n") },
    "on",
    "NetworkManager-initscripts-ifcfg-rh is a package of its own",
  ],
  [
    "Fedora 40, ifcfg IPV6_DISABLED without the plugin",
    { ...fedora("40"), ...ifcfg("IPV6_DISABLED=yes\n") },
    "on",
    "same",
  ],
  [
    "Fedora 40, ifcfg with the plugin",
    {
      ...fedora("40"),
      ...KERNEL_NAMES,
      ...ifcfg("IPV6_DISABLED=yes\n"),
      "/usr/lib64/NetworkManager/1.46.2-1.fc40/libnm-settings-plugin-ifcfg-rh.so": "",
    },
    "off",
    "nms-ifcfg-rh-reader.c",
  ],
  ["Fedora CoreOS, sysctl", { ...coreOs(), ...SET }, "on", "auto-default connection"],
  [
    "Fedora CoreOS, keyfile",
    { ...coreOs(), ...keyfile("[ipv6]\nmethod=disabled\n") },
    "off",
    "NetworkManager 1.46",
  ],
  [
    "Oracle 8, TuneD applies sysctl once more",
    { ...redHat("8.10", "ol"), ...SET, ...tuned("[main]\nsummary=x\n[sysctl]\nvm.swappiness=10\n") },
    "unknown",
    "plugin_sysctl.py: reapply_sysctl, in a race",
  ],
  [
    "Oracle 8, TuneD without sysctl",
    { ...redHat("8.10", "ol"), ...SET, ...tuned("[cpu]\ngovernor=performance\n") },
    "on",
    "plugin_sysctl.py is not loaded",
  ],
  [
    "dispatcher script",
    {
      ...redHat("9.4"),
      ...SET,
      ...keyfile("[ipv6]\nmethod=ignore\n"),
      "/etc/NetworkManager/dispatcher.d/30-v6":
        "#!/bin/sh\necho 0 > /proc/sys/net/ipv6/conf/$1/disable_ipv6\n",
    },
    "unknown",
    "NetworkManager-dispatcher(8)",
  ],
  ["openEuler, sysctl, no profile", { ...redHat("22.03", "openEuler"), ...SET }, "on", "as RHEL"],
];

/** A profile of one's own on a machine that is off otherwise. */
function withScript(script: string, section = "[script]\nscript=\u0024{i:PROFILE_DIR}/own.sh\n"): FlatFiles {
  return {
    ...redHat("9.4"),
    ...keyfile("[ipv6]\nmethod=disabled\n"),
    ...tuned(`[main]\n${section}`),
    "/etc/tuned/mine/own.sh": `#!/bin/sh\n${script}\n`,
  };
}

const TUNED: readonly Cells[] = [
  [
    "a script that switches on",
    withScript("sysctl -w net.ipv6.conf.all.disable_ipv6=0"),
    "unknown",
    "plugin_script.py",
  ],
  [
    "a script that switches off",
    withScript("sysctl -w net.ipv6.conf.all.disable_ipv6=1"),
    "off",
    "no change",
  ],
  ["a script about something else", withScript("sysctl -w vm.swappiness=1"), "off", "no change"],
  [
    "a script that no section names",
    withScript("sysctl -w net.ipv6.conf.all.disable_ipv6=0", "[cpu]\n"),
    "off",
    "plugin_script.py",
  ],
  [
    "a section of another name for sysctl",
    {
      ...withScript("", "[own]\ntype=sysctl\nvm.swappiness=1\n"),
      "/etc/sysctl.conf": "net.ipv6.conf.all.disable_ipv6=0\n",
    },
    "unknown",
    "tuned.conf(5), type; plugin_sysctl.py: reapply_sysctl",
  ],
];

truthTable("TuneD", TUNED);

const SYSCTL: readonly Cells[] = [
  [
    "9, only /etc/sysctl.conf, unmanaged",
    {
      ...redHat("9.4"),
      "/etc/sysctl.conf": OFF,
      "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n",
    },
    "off",
    "99-sysctl.conf is a link to it",
  ],
  [
    "9, link gone, unmanaged",
    {
      ...without(redHat("9.4"), "/etc/sysctl.d/99"),
      "/etc/sysctl.conf": OFF,
      "/etc/NetworkManager/conf.d/x.conf": "[keyfile]\nunmanaged-devices=*\n",
    },
    "on",
    "systemd-sysctl does not read it",
  ],
];

truthTable("NetworkManager", NETWORK_MANAGER);
truthTable("sysctl", SYSCTL);
