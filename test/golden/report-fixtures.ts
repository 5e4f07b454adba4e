import type { BootFacts } from "../../src/model/boot.ts";
import type { Finding, PlaceCheck } from "../../src/model/finding.ts";
import type { ImageRef, OsInfo } from "../../src/model/image.ts";
import type { Evidence } from "../../src/model/locator.ts";
import type { Prediction, Step } from "../../src/model/prediction.ts";
import type { Report, ScanResult } from "../../src/model/report.ts";

/** Fixed results, one for each thing a report must be able to say. Nothing here depends on the rules' wording. */

const CHAIN = "image > qcow2 > gpt#1 > ext4 > ";

function line(path: string, number: number, text: string): Evidence {
  return { locator: CHAIN + path, line: number, text };
}

function file(id: string, os: OsInfo): ImageRef & { readonly os: OsInfo } {
  const name = id.slice(id.lastIndexOf("/") + 1);
  return { provider: "file", id, name, family: name.replace(/\..*$/, ""), os };
}

const DEBIAN: OsInfo = {
  id: "debian",
  version: "12",
  name: "Debian GNU/Linux 12 (bookworm)",
  type: "linux",
  like: [],
};
const UBUNTU: OsInfo = {
  id: "ubuntu",
  version: "24.04",
  name: "Ubuntu 24.04.1 LTS",
  type: "linux",
  like: ["debian"],
};
const UNKNOWN: OsInfo = {
  id: "unknown",
  version: "",
  name: "unknown operating system",
  type: "unknown",
  like: [],
};
const WINDOWS: OsInfo = {
  id: "windows",
  version: "10.0.20348",
  name: "Windows Server 2022",
  type: "windows",
  like: [],
};

const PLACES = [
  "/etc/modprobe.conf",
  "/etc/modprobe.d/local.conf",
  "/proc/sys/net/ipv6/conf/all/disable_ipv6",
  "/proc/sys/net/ipv6/conf/default/disable_ipv6",
  "/etc/sysctl.conf",
] as const;

function checks(
  over: Readonly<Record<string, Omit<PlaceCheck, "place" | "evidence"> & { evidence?: readonly Evidence[] }>>,
): PlaceCheck[] {
  return PLACES.map((place) => ({
    place,
    outcome: "absent",
    message: "There is no such file.",
    ...over[place],
    evidence: over[place]?.evidence ?? [],
  }));
}

function finding(over: Pick<Finding, "outcome" | "message"> & Partial<Finding>): Finding {
  return {
    rule: "disable-ipv6-interfaces",
    title: "Disable IPv6 Interfaces",
    severity: "medium",
    section: "System Configuration",
    remedy: "",
    checks: checks({}),
    evidence: [],
    ...over,
  };
}

const kernel: Step = {
  layer: "kernel",
  text: "IPv6 is built into the kernel.",
  evidence: [line("/boot/config-6.1.0-18-cloud-amd64", 1482, "CONFIG_IPV6=y")],
};
const ALL = "net.ipv6.conf.all.disable_ipv6 = 1";
const DEFAULT = "net.ipv6.conf.default.disable_ipv6 = 1";
const sysctlAll = line("/etc/sysctl.d/60-ipv6.conf", 1, ALL);
const sysctlDefault = line("/etc/sysctl.d/60-ipv6.conf", 2, DEFAULT);

const boot: BootFacts = {
  cmdline: "root=PARTUUID=3c1f8b62-01 ro console=tty0 console=ttyS0,115200 earlyprintk=ttyS0,115200 quiet",
  cmdlineEvidence: [
    line(
      "/boot/grub/grub.cfg",
      112,
      "\tlinux\t/boot/vmlinuz-6.1.0-18-cloud-amd64 root=PARTUUID=3c1f8b62-01 ro console=tty0",
    ),
  ],
  loader: "grub2",
  entry: "Debian GNU/Linux",
  kernelPath: "/boot/vmlinuz-6.1.0-18-cloud-amd64",
  kernelVersion: "6.1.0-18-cloud-amd64",
  nicNames: ["ens3", "eth0"],
  notes: ["/etc/default/grub would add quiet at the next update-grub."],
};

const sysctlStep: Step = {
  layer: "sysctl",
  text: "systemd-sysctl writes 1 to all and default: every interface is switched off.",
  evidence: [sysctlAll, sysctlDefault],
};

const offPrediction: Prediction = {
  state: "off",
  stack: "present",
  disableIpv6: { all: 1, default: 1, lo: 1, nic: 1 },
  addressing: "none",
  firewall: { kind: "nftables", filtersIpv6: true },
  confidence: "certain",
  reason: "systemd-sysctl switches IPv6 off and nothing switches the interface back on.",
  steps: [
    kernel,
    { ...sysctlStep, decides: true },
    { layer: "ifupdown", text: "ifupdown leaves disable_ipv6 alone.", evidence: [] },
  ],
  blindSpots: [],
  deciding: [{ ...sysctlStep, decides: true }],
};

export const passBySysctl: ScanResult = {
  image: file("./images/debian-12-hardened.qcow2", DEBIAN),
  policy: "os-extended-debian",
  verdict: "pass",
  reason: offPrediction.reason,
  prediction: offPrediction,
  boot,
  findings: [
    finding({
      outcome: "pass",
      message: offPrediction.reason,
      evidence: [sysctlAll, sysctlDefault],
      checks: checks({
        "/proc/sys/net/ipv6/conf/all/disable_ipv6": {
          outcome: "compliant",
          message: "Predicted to read 1.",
          evidence: [sysctlAll],
        },
        "/proc/sys/net/ipv6/conf/default/disable_ipv6": {
          outcome: "compliant",
          message: "Predicted to read 1.",
          evidence: [sysctlDefault],
        },
      }),
    }),
  ],
  unread: [],
  notes: ["dirty journal: 12 blocks replayed in memory"],
  cost: { reads: 31, bytes: 204_800, rounds: 12 },
};

const netplanLine = line("/etc/netplan/50-cloud-init.yaml", 6, "      dhcp4: true");
const networkdStep: Step = {
  layer: "networkd",
  text: "netplan gives systemd-networkd a network without link-local: [], so it writes disable_ipv6=0 to the interface.",
  evidence: [netplanLine],
  decides: true,
};
const onReason =
  "systemd-networkd switches IPv6 back on for the interface of the instance, although all still reads 1.";

export const flaggedLooksOff: ScanResult = {
  image: file("./images/ubuntu-24.04-server-cloudimg-amd64.img", UBUNTU),
  policy: "os-extended-debian",
  verdict: "flagged",
  reason: onReason,
  prediction: {
    state: "on",
    stack: "present",
    disableIpv6: { all: 1, default: 1, lo: 1, nic: 0, ens5: 0 },
    addressing: "slaac",
    firewall: { kind: "ufw", filtersIpv6: false },
    confidence: "certain",
    reason: onReason,
    steps: [kernel, sysctlStep, networkdStep],
    blindSpots: [
      {
        layer: "cloud-init",
        text: "The instance's user data can run any command at boot.",
        evidence: [],
        decisive: false,
      },
    ],
    deciding: [sysctlStep, networkdStep],
  },
  boot: { ...boot, entry: "Ubuntu", nicNames: [], notes: [] },
  findings: [
    finding({
      outcome: "fail",
      message: onReason,
      remedy:
        "Add ipv6.disable=1 to GRUB_CMDLINE_LINUX and run update-grub. A sysctl alone does not hold: netplan makes the network manager switch IPv6 back on for its interfaces. If the stack has to stay, set link-local: [] in netplan and net.ipv6.conf.all.disable_ipv6=1 in /etc/sysctl.d.",
      evidence: [sysctlAll, sysctlDefault, netplanLine],
      checks: checks({
        "/etc/modprobe.d/local.conf": {
          outcome: "no-effect",
          message: "It turns nothing off: IPv6 is built into the kernel, which never asks modprobe for it.",
          evidence: [line("/etc/modprobe.d/local.conf", 1, "options ipv6 disable=1")],
        },
        "/proc/sys/net/ipv6/conf/all/disable_ipv6": {
          outcome: "compliant",
          message: "Predicted to read 1, but that does not decide: the interface of the instance reads 0.",
          evidence: [sysctlAll],
        },
        "/proc/sys/net/ipv6/conf/default/disable_ipv6": {
          outcome: "compliant",
          message: "Predicted to read 1, but that does not decide: the interface of the instance reads 0.",
          evidence: [sysctlDefault],
        },
      }),
    }),
  ],
  unread: [{ what: "gpt#3", reason: "unsupported: LUKS2" }],
  notes: [],
  cost: { reads: 39, bytes: 266_240, rounds: 15 },
};

export const unreadableLuks: ScanResult = {
  image: {
    provider: "aws",
    id: "us-east-1/ami-0a1b2c3d4e5f67890",
    name: "golden-rhel-9-encrypted-2026-11-02",
    family: "golden-rhel-9-encrypted",
    os: UNKNOWN,
  },
  policy: "os-extended-generic",
  verdict: "unreadable",
  reason: "No root file system could be read: gpt#2 is encrypted (LUKS2).",
  findings: [],
  unread: [{ what: "gpt#2", reason: "unsupported: LUKS2 (the key is not in the image)" }],
  notes: [],
  cost: { reads: 6, bytes: 36_864, rounds: 3 },
};

const windowsReason =
  "Windows is for a person to judge (Microsoft KB 929852 advises against disabling IPv6): DisabledComponents is 0x20, which prefers IPv4 and leaves IPv6 on.";
const windowsValue: Evidence = {
  locator:
    "image > vhdx > gpt#4 > ntfs > /Windows/System32/config/SYSTEM > ControlSet001\\Services\\Tcpip6\\Parameters\\DisabledComponents",
  text: "REG_DWORD 0x00000020",
};
const windowsStep: Step = {
  layer: "windows",
  text: "DisabledComponents is 0x20: IPv4 is preferred, IPv6 stays enabled.",
  evidence: [windowsValue],
  decides: true,
};

export const reviewWindows: ScanResult = {
  image: file("./images/win2022.vhdx", WINDOWS),
  policy: "os-extended-windows",
  verdict: "review",
  reason: windowsReason,
  prediction: {
    state: "on",
    stack: "present",
    disableIpv6: { all: "absent", default: "absent", lo: "absent", nic: "absent" },
    addressing: "unknown",
    firewall: { kind: "unknown", filtersIpv6: "unknown" },
    confidence: "likely",
    reason: "DisabledComponents is 0x20, which prefers IPv4 and leaves IPv6 on.",
    steps: [windowsStep],
    blindSpots: [],
    deciding: [windowsStep],
  },
  findings: [
    finding({
      outcome: "review",
      message: windowsReason,
      remedy: "Read the evidence and decide.",
      evidence: [windowsValue],
    }),
  ],
  unread: [],
  notes: [],
  cost: { reads: 30, bytes: 194_560, rounds: 14 },
};

/** Terminal escapes, an 8-bit CSI, a bidi override, a byte that is not UTF-8, wide letters, HTML and a formula. */
const HOSTILE_PATH = "/etc/sysctl.d/99-\x1b[2J\x1b]0;owned\x07\u9b8e\u202egpj.\udce9\x9b31m<b>.conf";
const hostileLine: Evidence = {
  locator: CHAIN + HOSTILE_PATH,
  line: 7,
  text: "\tnet.ipv6.conf.all.disable_ipv6=0\r\x1b[1A\x1b[2K\u2066# all is well\u2069",
};
const hostileSpot = {
  layer: "rc.local",
  text: "/etc/rc.local runs \x1b[31mred\x1b[0m and may write disable_ipv6.",
  evidence: [hostileLine],
  decisive: true,
};

export const hostileNames: ScanResult = {
  image: {
    provider: "file",
    id: '=HYPERLINK("http://evil.example","x")\x1b[8m.qcow2',
    name: "@SUM(1+1)*cmd|' /C calc'!A0",
    family: "+1-1",
    os: {
      id: "debian",
      version: "12\x1b]8;;http://evil.example\x07",
      name: "\u202eLinux 日本語 <script>alert(1)</script>\n\x1b[32mpass",
      type: "linux",
      like: [],
    },
  },
  policy: "os-extended-debian",
  verdict: "review",
  reason: "A script that runs at boot may write disable_ipv6: \x1b[31mred\x1b[0m.",
  prediction: {
    state: "unknown",
    stack: "present",
    disableIpv6: { all: 0, default: 0, lo: 0, nic: "unknown", "e\x1b[0m": 0, ["__proto__"]: 1 },
    addressing: "unknown",
    firewall: { kind: "none", filtersIpv6: false },
    confidence: "none",
    reason: "A script that runs at boot may write disable_ipv6.",
    steps: [{ layer: "sysctl", text: "Writes 0 to all.", evidence: [hostileLine] }],
    blindSpots: [hostileSpot],
    deciding: [],
  },
  boot: {
    cmdline: undefined,
    cmdlineEvidence: [],
    cmdlineUnknown: "no boot loader configuration was found in /boot\x07",
    kernelVersion: undefined,
    nicNames: [],
    notes: [],
  },
  findings: [
    finding({
      outcome: "unknown",
      message: "A script that runs at boot may write disable_ipv6: \x1b[31mred\x1b[0m.",
      remedy: "Check by hand: /etc/rc.local\x1b[K.",
      evidence: [hostileLine],
    }),
  ],
  unread: [{ what: "gpt#1 > ext4 > /\x1b[A", reason: "corrupt: extent tree\x1b[K" }],
  notes: ["\x1b[5mblink\x1b[0m"],
  cost: { reads: 1, bytes: 512, rounds: 1 },
};

export const fixtures: Readonly<Record<string, ScanResult>> = {
  passBySysctl,
  flaggedLooksOff,
  unreadableLuks,
  reviewWindows,
  hostileNames,
};

export const report: Report = {
  schemaVersion: 1,
  engine: "sixray 0.1.0",
  results: Object.values(fixtures),
};
