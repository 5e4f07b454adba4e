import { Tree } from "../../src/disk/filesystems/tree.ts";
import { bootEntry } from "../../src/guest/boot/index.ts";
import { extract } from "../../src/guest/extract.ts";
import { predict } from "../../src/ipv6/predict.ts";
import { observe } from "../../src/model/observations.ts";
import type { Prediction } from "../../src/model/prediction.ts";
import { ASKS, THOROUGH_ASKS } from "../../src/scan/asks.ts";
import { type Files, memoryFileSystem } from "./memory-fs.ts";

/** Paths to contents; `{ link }` for links. Folders come by themselves. */
export type FlatFiles = Readonly<Record<string, Files[string]>>;

/** A Debian 12 with IPv6 built in, ifupdown and GRUB: nothing touches IPv6 after sysctl. */
export const DEBIAN_12: FlatFiles = {
  "/usr/lib/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n',
  "/etc/os-release": { link: "../usr/lib/os-release" },
  "/etc/fstab": "UUID=33333333-3333-4333-8333-333333333333 / ext4 rw 0 1\n",
  "/lib": { link: "usr/lib" },
  "/boot/config-6.1.0-18-cloud-amd64": "# CONFIG_CMDLINE_BOOL is not set\nCONFIG_NET=y\nCONFIG_IPV6=y\n",
  "/boot/grub/grub.cfg": grubConfig(""),
  "/etc/network/interfaces": "source /etc/network/interfaces.d/*\n",
  "/etc/sysctl.conf": "#net.ipv6.conf.all.disable_ipv6=1\n",
  "/etc/sysctl.d/99-sysctl.conf": { link: "../sysctl.conf" },
  "/etc/systemd/system/multi-user.target.wants/networking.service": {
    link: "/lib/systemd/system/networking.service",
  },
  "/usr/lib/systemd/system/networking.service": "[Service]\nExecStart=/sbin/ifup -a\n",
};

export function grubConfig(args: string): string {
  return `set default="0"
menuentry 'Debian GNU/Linux' --class debian {
	linux	/boot/vmlinuz-6.1.0-18-cloud-amd64 root=UUID=33333333-3333-4333-8333-333333333333 ro ${args}
	initrd	/boot/initrd.img-6.1.0-18-cloud-amd64
}
`;
}

/** The prediction for a machine made of these files, through the extractor as a scan would do it. */
export async function predictFiles(
  files: FlatFiles,
  options: { readonly mode?: number; readonly thorough?: boolean } = {},
): Promise<Prediction> {
  const fs = memoryFileSystem(nest(files), options);
  const tree = new Tree([{ path: "/", locator: "image > ext4", fs }]);
  const observations = observe(await extract(tree, options.thorough ? THOROUGH_ASKS : ASKS));
  return predict(observations, bootEntry.read(observations));
}

/** Turns paths into nested folders. */
export function nest(files: FlatFiles): Files {
  return nestEntries(Object.entries(files).map(([path, value]) => [path.split("/").slice(1), value]));
}

type Entry = readonly [path: readonly string[], value: Files[string]];

function nestEntries(entries: readonly Entry[]): Files {
  const byName = Map.groupBy(entries, ([path]) => path[0] ?? "");
  return Object.fromEntries(
    [...byName].map(([name, group]) => {
      const [first] = group;
      if (first?.[0].length === 1) return [name, first[1]];
      return [name, nestEntries(group.map(([path, value]) => [path.slice(1), value]))];
    }),
  );
}
