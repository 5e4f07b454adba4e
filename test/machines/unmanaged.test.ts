import { type Cells, truthTable } from "../support/truth-table.ts";
import { redHat } from "./distributions.ts";
import { keyfile } from "./settings.ts";

/* IPv6 is off by a profile of NetworkManager, and a rule of udev may keep NetworkManager from the card. */

const DISABLED = { ...redHat("9.4"), ...keyfile("[ipv6]\nmethod=disabled\n") };
const RULE = 'SUBSYSTEM=="net", ENV{NM_UNMANAGED}="1"\n';
const AZURE = 'SUBSYSTEM=="net", DRIVERS=="hv_pci", ACTION=="add", ENV{NM_UNMANAGED}="1"\n';

const ROWS: readonly Cells[] = (
  [
    ["/usr/lib/udev/rules.d/90-own-unmanaged.rules", RULE, "unknown"],
    ["/usr/lib/udev/rules.d/68-cloud-nm.rules", RULE, "unknown"],
    ["/usr/local/lib/udev/rules.d/90-own.rules", RULE, "unknown"],
    ["/etc/udev/rules.d/90-own.rules", RULE, "unknown"],
    ["/etc/udev/rules.d/90-own.rules", `#${RULE}`, "off"],
    [
      "/usr/lib/udev/rules.d/85-nm-unmanaged.rules",
      'ENV{ID_NET_DRIVER}=="veth", ENV{NM_UNMANAGED}="1"\n',
      "off",
    ],
    ["/etc/udev/rules.d/68-azure-sriov-nm-unmanaged.rules", AZURE, "off"],
    ["/usr/lib/udev/rules.d/68-azure-sriov-nm-unmanaged.rules", AZURE, "off"],
  ] as const
).map(([path, text, state]) => [
  path,
  { ...DISABLED, [path]: text },
  state,
  "NetworkManager.conf(5), NM_UNMANAGED",
]);

truthTable("rules of udev that name NetworkManager", ROWS);

truthTable("rules of /usr/local", [
  [
    "one that writes",
    {
      ...redHat("9.4"),
      ...keyfile("[ipv6]\nmethod=disabled\n"),
      "/usr/local/lib/udev/rules.d/90-own.rules":
        'SUBSYSTEM=="net", RUN+="/sbin/sysctl -w net.ipv6.conf.eth0.disable_ipv6=0"\n',
    },
    "unknown",
    "udev(7), Rules files",
  ],
]);
