import { expect, test } from "vitest";
import { seen } from "../../../../test/support/judging.ts";
import { mutant, random } from "../../../../test/support/mutate.ts";
import type { BootFacts } from "../../../model/boot.ts";
import { linesOf } from "../../lines.ts";
import { firewalld } from "./firewalld.ts";
import { parseIp6tables } from "./ip6tables.ts";
import { nftables } from "./nft/source.ts";
import { ufw } from "./ufw.ts";

const COUNT = Number(process.env.MUTANTS ?? 2000);
const BOOT: BootFacts = {
  cmdline: "",
  cmdlineEvidence: [],
  kernelVersion: "6",
  nicNames: ["eth0"],
  notes: [],
};

const NFT = `define ports = { 22, 80-90 }
table inet filter {
	set blocked { type ipv6_addr; flags interval; elements = { fe80::/10, 2001:db8::/32 }
	}
	chain other { tcp flags & (fin|syn) == syn limit rate 5/second burst 3 packets accept; }
	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { established : accept, related : accept, invalid : drop }
		iifname "lo" accept # comment
		ip6 saddr @blocked drop
		meta l4proto . th dport { tcp . 22 } accept
		tcp dport $ports accept comment "x"
		jump other
		log prefix "in " level info counter packets 0 bytes 0 reject with icmpv6 type admin-prohibited
	}
}
`;
const SAVED = `*filter
:INPUT DROP [0:0]
:other - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT ! -s 2001:db8::/32 -p tcp -m multiport --dports 22,80:90 -m comment --comment "a b" -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -g other
-A other -m rpfilter --invert -j REJECT --reject-with icmp6-adm-prohibited
COMMIT
`;
const ZONE = `<?xml version="1.0"?>
<!-- x -->
<zone target="default">
  <interface name="eth1"/><source address="2001:db8::/32"/>
  <rule family="ipv6"><service name="ssh"/><accept/></rule>
  <port port="22" protocol="tcp"/>
</zone>
`;

/** What reads one text; whatever that text is, an answer comes. */
const READERS: readonly (readonly [string, string, (text: string) => unknown])[] = [
  [
    "nft",
    NFT,
    (text) =>
      nftables.answer(
        seen({
          "/etc/nftables.conf": text,
          "/etc/systemd/system/nftables.service": "ExecStart=nft -f /etc/nftables.conf",
        }),
        BOOT,
      ).filters,
  ],
  ["ip6tables", SAVED, (text) => typeof parseIp6tables(linesOf(Buffer.from(text)), "x")],
  [
    "ufw",
    SAVED.replaceAll("INPUT", "ufw6-before-input"),
    (text) =>
      ufw.answer(
        seen({
          "/etc/ufw/ufw.conf": "ENABLED=yes",
          "/etc/default/ufw": "IPV6=yes\nDEFAULT_INPUT_POLICY=DROP",
          "/etc/ufw/before6.rules": text,
          "/etc/ufw/user6.rules": text,
          "/etc/ufw/after6.rules": text,
        }),
        BOOT,
      ).filters,
  ],
  [
    "firewalld",
    ZONE,
    (text) =>
      firewalld.answer(
        seen({
          "/usr/lib/firewalld/zones/public.xml": text,
          "/etc/firewalld/zones/public.xml": text,
          "/etc/firewalld/firewalld.conf": "DefaultZone=public",
        }),
        BOOT,
      ).filters,
  ],
];

/** Words taken out, said twice, moved and swapped: closer to a file than to noise. */
function reworded(text: string, next: () => number): string {
  const words = text.split(/([\s{};,"]+)/);
  const any = (): number => Math.floor(next() * words.length);
  for (let changes = 1 + Math.floor(next() * 5); changes > 0; changes--) {
    const at = any();
    const how = next();
    if (how < 0.3) words.splice(at, 1);
    else if (how < 0.6) words.splice(at, 0, words[any()] ?? "");
    else words[at] = words[any()] ?? "";
  }
  return words.join("");
}

test.each(READERS)("%s answers whatever the file is", (name, text, read) => {
  const seed = new TextEncoder().encode(text);
  const next = random(20261124);
  const answers = new Map<unknown, number>();
  for (let i = 0; i < COUNT; i++) {
    const found = read(
      i % 2 === 0 ? reworded(text, next) : Buffer.from(mutant(seed, next)).toString("latin1"),
    );
    answers.set(found, (answers.get(found) ?? 0) + 1);
  }
  console.log(
    `${name}: ${COUNT} mutants: ${[...answers].map(([found, count]) => `${String(found)} ${count}`).join(", ")}`,
  );
  expect(answers.size).toBeGreaterThan(0);
});
