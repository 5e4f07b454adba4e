import fc from "fast-check";
import type { FlatFiles } from "../support/machine.ts";

/** Rulesets as people write them, and generated ones. Paths are below /srv; `main.nft` or `rules.v6` is loaded. */

function input(rules: string, policy = "drop", family = "inet"): string {
  return `flush ruleset\ntable ${family} filter {\n\tchain input {\n\t\ttype filter hook input priority 0; policy ${policy};\n${rules}\n\t}\n}\n`;
}

const WORKSTATION = `#!/usr/sbin/nft -f
flush ruleset
define allowed = { 22, 80, 443 }
table inet filter {
	set blocked { type ipv6_addr; flags interval; elements = { 2001:db8:1::/48, fe80::/10 } }
	chain inbound_ipv6 {
		icmpv6 type { nd-neighbor-solicit, nd-router-advert, nd-neighbor-advert } accept
		icmpv6 type echo-request limit rate 5/second accept
	}
	chain inbound {
		type filter hook input priority 0; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname lo accept
		meta protocol vmap { ip : accept, ip6 : jump inbound_ipv6 }
		ip6 saddr @blocked drop
		tcp dport $allowed accept comment "the services; all of them"
	}
	chain forward { type filter hook forward priority 0; policy drop; }
}
`;

export const NFT_BY_HAND: readonly FlatFiles[] = [
  "flush ruleset\ntable inet filter { chain input { type filter hook input priority 0; }; }\n",
  input("", "drop"),
  input("", "drop", "ip"),
  input("", "drop", "ip6"),
  WORKSTATION,
  input("meta nfproto ipv4 drop", "accept"),
  input("meta nfproto ipv6 drop", "accept"),
  input("ip saddr 0.0.0.0/0 drop", "accept"),
  input("ip saddr != 10.0.0.0/8 drop", "accept"),
  input("ip6 saddr ::/0 drop", "accept"),
  input("ip6 saddr 2000::/3 accept"),
  input("ip6 saddr != 2001:db8:ffff::/48 drop", "accept"),
  input("tcp dport 22 accept\nreject", "accept"),
  input("reject with icmpx type port-unreachable", "accept"),
  input("reject with tcp reset", "accept"),
  input("tcp dport { 22, 80-90 } accept\ncounter drop", "accept"),
  input("tcp dport 0-65535 drop\nudp dport 0-65535 drop", "accept"),
  input("tcp dport != 22 drop\nudp dport != 53 drop", "accept"),
  input("meta l4proto tcp drop", "accept"),
  input("meta l4proto { tcp, udp } drop", "accept"),
  input("meta l4proto vmap { tcp : drop, udp : drop }", "accept"),
  input("ip6 nexthdr tcp drop\nip6 nexthdr udp drop", "accept"),
  input("ct state new drop", "accept"),
  input("ct state { established, related } accept\nct state invalid drop"),
  input("ct state != new accept\ndrop", "accept"),
  input("iifname eth0 drop", "accept"),
  input('iif lo accept\niifname != "lo" drop', "accept"),
  input('iifname "e*" drop', "accept"),
  input("iifname vmap { lo : accept, eth0 : drop }", "accept"),
  input("tcp flags & (fin|syn|rst|ack) == syn drop\nmeta l4proto udp drop", "accept"),
  input("tcp flags & (fin | syn) == (fin | syn) drop", "accept"),
  input("tcp flags syn drop", "accept"),
  input("tcp flags != syn ct state new drop", "accept"),
  input("limit rate 100/second accept"),
  input("limit rate over 100/second drop", "accept"),
  input("ct count over 100 drop", "accept"),
  input('log prefix "in: " level info flags all counter packets 0 bytes 0\ndrop', "accept"),
  input("meta mark set 0x1 accept"),
  input("fib daddr type local accept"),
  input("fib saddr . iif oif missing drop", "accept"),
  input("fib daddr . iif type != { local, broadcast, multicast } drop", "accept"),
  input("iifname . tcp dport { eth0 . 22 } accept"),
  input("meta pkttype host accept"),
  input("meta pkttype != host drop", "accept"),
  input("goto other\n}\nchain other {\ndrop", "accept"),
  input("jump other\naccept\n}\nchain other {\nreturn\ndrop"),
  input("goto other\naccept\n}\nchain other {\nreturn"),
  input("jump a\n}\nchain a { jump b; drop\n}\nchain b { tcp dport 1 accept", "accept"),
  input("tcp dport 22 \\\n accept; udp dport 53 accept # ;drop\n", "accept"),
  input("accept"),
  input("return"),
  input("continue"),
  `${input("", "accept")}table ip6 other { chain early { type filter hook prerouting priority -300; drop; }; }\n`,
  `${input("accept")}table ip6 other { chain late { type filter hook input priority 10; policy drop; }; }\n`,
  "add table inet t\nadd chain inet t c { type filter hook input priority 0; policy drop; }\nadd rule inet t c tcp dport 22 accept\n",
  "add table ip6 t\nadd chain ip6 t c { type filter hook input priority 0 ; }\nadd rule ip6 t c drop\ninsert rule ip6 t c accept\n",
  `${input("", "drop")}flush ruleset\n`,
  `${input("drop", "accept")}flush table inet filter\n`,
  `${input("", "drop")}delete table inet filter\n`,
  `${input("", "drop")}table inet filter { chain input { policy accept; }; }\n`,
  `${input("accept", "accept")}table inet filter { chain input { drop; }; }\n`,
  "table inet t { flags dormant; chain c { type filter hook input priority 0; policy drop; }; }\n",
  "table inet t { chain c { type nat hook input priority 100; policy accept; }; }\n",
  "table inet t { chain c { type filter hook output priority 0; policy accept; }; chain d { type filter hook forward priority 0; policy drop; }; }\n",
  'define p = "drop"\ntable inet t { chain c { type filter hook input priority filter; policy $p; }; }\n',
  "define p = drop\ntable inet t { chain c { type filter hook input priority filter; policy $p; }; }\n",
  "table inet t { chain c { type filter hook input priority 0; policy drop; } }\n",
  input("ip saddr 10.0.0.1 ip6 saddr ::/0 drop"),
  input("tcp dport 22 udp dport 53 drop"),
  input("jump nowhere"),
  "table inet t { chain c { type filter hook input priority 0; policy drop;\n",
  "table inet t { chain c { type filter hook input priority 0; policy drop; }; }\nnonsense\n",
  input("tcp dport $missing accept"),
].map((text) => ({ "/srv/main.nft": text }));

export const NFT_INCLUDES: readonly FlatFiles[] = [
  {
    "/srv/main.nft": 'include "/srv/d/*.nft"\n',
    "/srv/d/1.nft": input("", "drop"),
    "/srv/d/2.nft": "add rule inet filter input tcp dport 22 accept\n",
  },
  { "/srv/main.nft": 'include "/srv/d/*.nft"\n' },
  { "/srv/main.nft": 'include "/srv/d/none.nft"\n' },
  { "/srv/main.nft": 'include "/srv/d/*.nft"\n', "/srv/d/.hidden.nft": input("", "drop") },
  {
    "/srv/main.nft": input('include "/srv/d/rules.nft"'),
    "/srv/d/rules.nft": "tcp dport 22 accept\naccept\n",
  },
  {
    "/srv/main.nft": 'table inet t { include "/srv/chain.nft"\n }\n',
    "/srv/chain.nft": "chain c { type filter hook input priority 0; policy drop; }\n",
  },
];

const test = fc.constantFrom(
  "",
  "",
  "tcp dport 22",
  "udp dport { 53, 123 }",
  "meta l4proto tcp",
  "meta l4proto { tcp, udp }",
  "meta nfproto ipv4",
  "meta nfproto ipv6",
  "ip saddr 10.0.0.0/8",
  "ip6 saddr fe80::/10",
  "ip6 saddr ::/0",
  "ct state established,related",
  "ct state new",
  "ct state invalid",
  "iif lo",
  'iifname "eth0"',
  'iifname != "eth0"',
  "icmpv6 type echo-request",
  "tcp flags syn",
  "limit rate 50/second",
  "tcp dport != 22",
  "ip protocol tcp",
  "th dport 0-65535",
);
const verdict = fc.constantFrom(
  "accept",
  "drop",
  "reject",
  "return",
  "jump other",
  "goto other",
  "counter",
  'log prefix "x " drop',
  "counter accept",
);
const rule = fc.tuple(test, verdict).map((words) => words.join(" ").trim());
export const NFT_GENERATED: readonly FlatFiles[] = fc
  .sample(
    fc.tuple(
      fc.constantFrom("inet", "inet", "ip6", "ip"),
      fc.constantFrom("accept", "drop"),
      fc.array(rule, { maxLength: 5 }),
      fc.array(
        rule.filter((one) => !one.includes("other")),
        { maxLength: 3 },
      ),
    ),
    { seed: 20261124, numRuns: 120 },
  )
  .map(([family, policy, rules, other]) => ({
    "/srv/main.nft": `table ${family} t {\nchain other {\n${other.join("\n")}\n}\nchain c {\ntype filter hook input priority 0; policy ${policy};\n${rules.join("\n")}\n}\n}\n`,
  }));

function filter(rules: string, policy = "DROP"): string {
  return `# Generated by ip6tables-save\n*filter\n:INPUT ${policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:other - [0:0]\n${rules}\nCOMMIT\n`;
}

const HAND6 = [
  filter(""),
  filter("", "ACCEPT"),
  filter(
    "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p ipv6-icmp -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -d fe80::/64 -p udp -m udp --dport 546 -m state --state NEW -j ACCEPT\n-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp6-adm-prohibited",
    "ACCEPT",
  ),
  filter("-A INPUT -j other\n-A other -j DROP", "ACCEPT"),
  filter("-A INPUT -g other\n-A INPUT -j ACCEPT\n-A other -p tcp -m tcp --dport 1 -j ACCEPT"),
  filter("-A INPUT ! -i lo -j DROP", "ACCEPT"),
  filter("-A INPUT ! -s 2001:db8:ffff::/48 -j DROP", "ACCEPT"),
  filter("-A INPUT -s ::/0 -j ACCEPT"),
  filter("-A INPUT -p tcp --syn -j DROP\n-A INPUT -p udp -j DROP", "ACCEPT"),
  filter('-A INPUT -p tcp -m multiport --dports 22,80:90 -m comment --comment "web -j ACCEPT" -j ACCEPT'),
  filter(
    '-A INPUT -m limit --limit 5/min -j LOG --log-prefix "drop: " --log-level 7\n-A INPUT -j DROP',
    "ACCEPT",
  ),
  filter("-A INPUT -p tcp -j REJECT --reject-with tcp-reset", "ACCEPT"),
  filter("[1:2] -A INPUT -j DROP", "ACCEPT"),
  filter("-I INPUT -j ACCEPT\n-I INPUT 1 -j DROP", "ACCEPT"),
  filter("-A INPUT -m rt --rt-type 0 -j DROP", "ACCEPT"),
  filter("-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN -j DROP", "ACCEPT"),
  filter("-A INPUT -m pkttype --pkt-type unicast -j ACCEPT"),
  filter("-A INPUT -m conntrack --ctstate INVALID -j DROP", "ACCEPT"),
  filter("").replace("COMMIT\n", ""),
  filter("-A INPUT -j NOWHERE"),
  "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -i eth0 -j DROP\nCOMMIT\n",
  `*mangle\n:PREROUTING DROP [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n${filter("", "ACCEPT")}`,
];
const test6 = fc.constantFrom(
  "",
  "",
  "-p tcp -m tcp --dport 22",
  "-p udp",
  "-p tcp",
  "-p ipv6-icmp",
  "-i lo",
  "! -i lo",
  "-i eth0",
  "-i eth+",
  "-s fe80::/10",
  "-m state --state ESTABLISHED",
  "-m conntrack --ctstate NEW",
  "-p tcp -m tcp ! --dport 22",
  "-m limit --limit 50/sec",
  "-p tcp -m tcp --dport 0:65535",
);
const rule6 = fc
  .tuple(
    fc.constantFrom("INPUT", "INPUT", "other"),
    test6,
    fc.constantFrom("ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "other"),
  )
  .filter(([chain, , target]) => chain !== "other" || target !== "other")
  .map(([chain, words, target]) => `-A ${chain} ${words} -j ${target}`);
export const IP6TABLES: readonly FlatFiles[] = [
  ...HAND6,
  ...fc
    .sample(fc.tuple(fc.constantFrom("ACCEPT", "DROP"), fc.array(rule6, { maxLength: 5 })), {
      seed: 20261124,
      numRuns: 80,
    })
    .map(([policy, rules]) => filter(rules.join("\n"), policy)),
].map((text) => ({ "/srv/rules.v6": text }));
