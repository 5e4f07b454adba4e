import { describe, expect, test } from "vitest";
import { DEBIAN_12, type FlatFiles, predictFiles } from "../../../../test/support/machine.ts";

function enabled(unit: string, target = "multi-user"): FlatFiles {
  return {
    [`/etc/systemd/system/${target}.target.wants/${unit}`]: { link: `/usr/lib/systemd/system/${unit}` },
  };
}

async function firewallOf(files: FlatFiles): Promise<string> {
  const { kind, filtersIpv6 } = (await predictFiles({ ...DEBIAN_12, ...files })).firewall;
  return `${kind} ${filtersIpv6}`;
}

const NFT_UNIT = {
  "/usr/lib/systemd/system/nftables.service": "[Service]\nExecStart=/usr/sbin/nft -f /etc/nftables.conf\n",
};
const NFT = { ...enabled("nftables.service", "sysinit"), ...NFT_UNIT };
const DEBIAN_RULES =
  "flush ruleset\n\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter;\n\t}\n}\n";
const DROP =
  "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy drop;\n\t}\n}\n";
const SAVED = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";

const ZONE = (target: string): string =>
  `<?xml version="1.0"?>\n<zone${target}>\n  <short>x</short>\n  <service name="ssh"/>\n</zone>\n`;
const FIREWALLD = {
  ...enabled("firewalld.service"),
  "/etc/firewalld/firewalld.conf": "# x\nDefaultZone=public\n",
  "/usr/lib/firewalld/zones/public.xml": ZONE(""),
};
const UFW = {
  ...enabled("ufw.service"),
  "/etc/ufw/ufw.conf": "# on\nENABLED=yes\nLOGLEVEL=low\n",
  "/etc/default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n',
  "/etc/ufw/before6.rules":
    "*filter\n:ufw6-before-input - [0:0]\n-A ufw6-before-input -i lo -j ACCEPT\n-A ufw6-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\nCOMMIT\n",
  "/etc/ufw/after6.rules":
    "*filter\n:ufw6-after-input - [0:0]\n-A ufw6-after-input -p udp --dport 137 -j ufw6-skip-to-policy-input\nCOMMIT\n",
  "/etc/ufw/user6.rules":
    "*filter\n:ufw6-user-input - [0:0]\n-A ufw6-user-input -p tcp --dport 22 -j ACCEPT\nCOMMIT\n",
};

describe("what an image has enabled", () => {
  test.each<readonly [string, FlatFiles, string]>([
    ["nothing", {}, "none false"],
    ["rules that no service loads", { "/etc/nftables.conf": DROP }, "none false"],
    ["nftables as Debian ships it", { ...NFT, "/etc/nftables.conf": DEBIAN_RULES }, "nftables false"],
    ["nftables that drops", { ...NFT, "/etc/nftables.conf": DROP }, "nftables true"],
    [
      "nftables masked",
      { ...NFT, "/etc/nftables.conf": DROP, "/etc/systemd/system/nftables.service": { link: "/dev/null" } },
      "none false",
    ],
    [
      "nftables with a file of its own",
      {
        ...enabled("nftables.service"),
        "/usr/lib/systemd/system/nftables.service":
          "[Service]\nExecStart=/sbin/nft -f /etc/sysconfig/nftables.conf\n",
        "/etc/sysconfig/nftables.conf": 'include "/etc/nftables/main.nft"\n',
        "/etc/nftables/main.nft": DROP,
      },
      "nftables true",
    ],
    [
      "nftables that includes what is not there",
      { ...NFT, "/etc/nftables.conf": 'include "/etc/nft.d/x.nft"\n' },
      "nftables unknown",
    ],
    ["nftables in a word nobody knows", { ...NFT, "/etc/nftables.conf": "frobnicate\n" }, "nftables unknown"],
    [
      "nftables that includes itself",
      { ...NFT, "/etc/nftables.conf": 'include "/etc/nftables.conf"\n' },
      "nftables unknown",
    ],
    [
      "nftables on OpenRC",
      { "/etc/runlevels/boot/nftables": { link: "/etc/init.d/nftables" }, "/etc/nftables.nft": DROP },
      "nftables true",
    ],
    [
      "saved rules",
      {
        ...enabled("netfilter-persistent.service"),
        "/usr/share/netfilter-persistent/plugins.d/25-ip6tables": "#!/bin/sh\n",
        "/etc/iptables/rules.v6": SAVED,
      },
      "ip6tables true",
    ],
    [
      "saved rules without the plugin",
      {
        ...enabled("netfilter-persistent.service"),
        "/usr/share/netfilter-persistent/plugins.d/15-ip4tables": "",
        "/etc/iptables/rules.v6": SAVED,
      },
      "none false",
    ],
    [
      "saved rules for IPv4 only",
      { ...enabled("netfilter-persistent.service"), "/etc/iptables/rules.v4": SAVED },
      "none false",
    ],
    [
      "ip6tables.service",
      { ...enabled("ip6tables.service", "basic"), "/etc/sysconfig/ip6tables": SAVED },
      "ip6tables true",
    ],
    [
      "iptables.service alone",
      { ...enabled("iptables.service"), "/etc/sysconfig/iptables": SAVED },
      "none false",
    ],
    ["firewalld", FIREWALLD, "firewalld true"],
    [
      "firewalld, trusted",
      {
        ...FIREWALLD,
        "/etc/firewalld/firewalld.conf": "DefaultZone=trusted\n",
        "/usr/lib/firewalld/zones/trusted.xml": ZONE(' target="ACCEPT"'),
      },
      "firewalld false",
    ],
    [
      "firewalld, the zone rewritten",
      { ...FIREWALLD, "/etc/firewalld/zones/public.xml": ZONE(' target="ACCEPT"') },
      "firewalld false",
    ],
    [
      "firewalld, a zone that is not there",
      { ...FIREWALLD, "/etc/firewalld/firewalld.conf": "DefaultZone=gone\n" },
      "firewalld true",
    ],
    [
      "firewalld, everybody trusted",
      {
        ...FIREWALLD,
        "/etc/firewalld/zones/all.xml": '<zone target="ACCEPT">\n <source address="::/0"/>\n</zone>\n',
      },
      "firewalld false",
    ],
    [
      "firewalld, the card may be trusted",
      {
        ...FIREWALLD,
        "/etc/firewalld/zones/mine.xml": '<zone target="ACCEPT">\n <interface name="eth0"/>\n</zone>\n',
      },
      "firewalld unknown",
    ],
    [
      "firewalld, a rich rule for all",
      {
        ...FIREWALLD,
        "/etc/firewalld/zones/public.xml": '<zone>\n<rule family="ipv6">\n<accept/>\n</rule>\n</zone>\n',
      },
      "firewalld unknown",
    ],
    [
      "firewalld, a tag in a comment",
      {
        ...FIREWALLD,
        "/etc/firewalld/zones/public.xml": '<!-- <zone target="ACCEPT"> -->\n<zone>\n</zone>\n',
      },
      "firewalld true",
    ],
    ["ufw", UFW, "ufw true"],
    ["ufw that is not enabled", { ...UFW, "/etc/ufw/ufw.conf": "ENABLED=no\n" }, "none false"],
    ["ufw without IPv6 blocks it", { ...UFW, "/etc/default/ufw": "IPV6=no\n" }, "ufw true"],
    [
      "ufw that lets in",
      { ...UFW, "/etc/default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="ACCEPT"\n' },
      "ufw false",
    ],
    [
      "ufw allow from any",
      {
        ...UFW,
        "/etc/ufw/user6.rules": "*filter\n:ufw6-user-input - [0:0]\n-A ufw6-user-input -j ACCEPT\nCOMMIT\n",
      },
      "ufw false",
    ],
    [
      "ufw whose rules are gone",
      { ...UFW, "/etc/ufw/before6.rules": "", "/etc/ufw/user6.rules": { link: "/nowhere" } },
      "ufw unknown",
    ],
    [
      "rules from rc.local",
      { "/etc/rc.local": "#!/bin/sh\nip6tables-restore < /root/r\n" },
      "unknown unknown",
    ],
    [
      "one filters, one does not",
      { ...UFW, ...NFT, "/etc/nftables.conf": DEBIAN_RULES.replace("flush ruleset", "") },
      "ufw true",
    ],
    [
      "one filters, and another flushes it",
      { ...UFW, ...NFT, "/etc/nftables.conf": DEBIAN_RULES },
      "ufw unknown",
    ],
  ])("%s: %s", async (_, files, wanted) => {
    expect(await firewallOf(files)).toBe(wanted);
  });
});

test("says which file and line decide", async () => {
  const { steps } = await predictFiles({ ...DEBIAN_12, ...NFT, "/etc/nftables.conf": DROP });
  const step = steps.find(({ layer }) => layer === "firewall");
  expect(step?.text).toMatch(/^nftables filters IPv6 on its way in: .*policy drop/);
  expect(step?.evidence[0]).toMatchObject({
    locator: expect.stringContaining("/etc/nftables.conf"),
    line: 3,
  });
});

describe("hostile rulesets", () => {
  test.each<readonly [string, string]>([
    [
      "defines that double",
      `${Array.from({ length: 40 }, (_, i) => `define a${i + 1} = { $a${i}, $a${i} }`)
        .join("\n")
        .replace("$a0, $a0", "1, 2")}\n`,
    ],
    ["braces without end", "{".repeat(100_000)],
    ["deep sets", `table inet t {\nset s { elements = ${"{".repeat(200_000)} } }\n`],
    ["a megabyte in a line", `table inet t { ${"x".repeat(1 << 20)} }`],
    [
      "jumps that fan out",
      `table inet t {\n${Array.from({ length: 400 }, (_, i) => `chain c${i} {\n${`ip6 daddr 2001:db8::1 jump c${i + 1}\n`.repeat(40)}}\n`).join("")}chain c400 {\n}\nchain x {\ntype filter hook input priority 0\njump c0\n}\n}\n`,
    ],
    ["binary", "\0\x01\xff\n"],
  ])("%s", async (_, text) => {
    const started = Date.now();
    expect(await firewallOf({ ...NFT, "/etc/nftables.conf": text })).toMatch(/^nftables (unknown|false)$/);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
