import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlatFiles } from "../../support/machine.ts";

/** A real program that applies sysctl files at boot. */
export interface Oracle {
  readonly command: readonly string[];
  /** The argument with which udev has one interface's keys applied. */
  readonly prefix?: (name: string) => string;
  /** Files that make the layer take the image for one that runs this program. */
  readonly files: FlatFiles;
}

const ALPINE_ORDER = `for f in /lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf; do
  [ -f "/etc/sysctl.d/\${f##*/}" ] && continue
  [ -f "/run/sysctl.d/\${f##*/}" ] && continue
  [ -f "$f" ] && busybox sysctl -q -p "$f"
done
for f in /etc/sysctl.d/*.conf; do
  [ -f "/run/sysctl.d/\${f##*/}" ] && continue
  [ -f "$f" ] && busybox sysctl -q -p "$f"
done
[ -f /etc/sysctl.conf ] && busybox sysctl -q -p /etc/sysctl.conf
for f in /run/sysctl.d/*.conf; do [ -f "$f" ] && busybox sysctl -q -p "$f"; done`;

/** The three programs, as distributions run them at boot. */
export const ORACLES: Readonly<Record<"systemd" | "procps" | "busybox", Oracle>> = {
  systemd: {
    command: [
      "/bin/sh",
      "-c",
      'p=/usr/lib/systemd; [ -x $p/systemd-sysctl ] || p=/lib/systemd; exec $p/systemd-sysctl "$@"',
      "sh",
    ],
    prefix: (name) => `--prefix=/net/ipv6/conf/${name}`,
    files: {},
  },
  procps: { command: ["sysctl", "-q", "--system"], files: { "/etc/os-release": "ID=devuan\n" } },
  busybox: {
    command: ["busybox", "sh", "-c", ALPINE_ORDER],
    files: {
      "/etc/os-release": "ID=alpine\n",
      "/sbin/sysctl": { link: "/bin/busybox" },
      "/etc/init.d/sysctl": 'veinfo "Ignoring $f due to"\n',
      "/etc/runlevels/boot/sysctl": { link: "/etc/init.d/sysctl" },
    },
  },
};

export function isOracleName(name: string): name is keyof typeof ORACLES {
  return Object.hasOwn(ORACLES, name);
}

const TELLING = /^(libsystemd-shared|libproc2|libprocps)/;
const LIBRARIES = [
  "usr/lib/systemd",
  "lib/systemd",
  "usr/lib/x86_64-linux-gnu/systemd",
  "usr/lib/x86_64-linux-gnu",
  "lib/x86_64-linux-gnu",
];

/** What a root shows of itself: its release and the names of its libraries. */
export function identityOf(root: string): FlatFiles {
  const files: Record<string, string | { link: string }> = {
    "/etc/os-release": readFileSync(join(root, "etc/os-release"), "utf8"),
  };
  const isMerged = lstatSync(join(root, "lib")).isSymbolicLink();
  if (isMerged) files["/lib"] = { link: "usr/lib" };
  for (const folder of LIBRARIES) {
    if (!existsSync(join(root, folder)) || (isMerged && folder.startsWith("lib"))) continue;
    for (const name of readdirSync(join(root, folder)))
      if (TELLING.test(name)) files[`/${folder}/${name}`] = "";
  }
  return files;
}
