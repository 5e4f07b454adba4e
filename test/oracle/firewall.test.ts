import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { missing, run, scratch } from "../support/images.ts";
import { DEBIAN_12, type FlatFiles, grubConfig, predictFiles } from "../support/machine.ts";
import { IP6TABLES, NFT_BY_HAND, NFT_GENERATED, NFT_INCLUDES } from "./firewall-cases.ts";

const why = missing("unshare", "nsenter", "ip", "nft", "ip6tables-restore", "root");

function enabled(unit: string, execStart: string): FlatFiles {
  return {
    ...DEBIAN_12,
    "/boot/grub/grub.cfg": grubConfig("net.ifnames=0"),
    [`/etc/systemd/system/multi-user.target.wants/${unit}`]: { link: `/etc/systemd/system/${unit}` },
    [`/etc/systemd/system/${unit}`]: `[Service]\nExecStart=${execStart}\n`,
  };
}

const NFT = enabled("nftables.service", "/usr/sbin/nft -f /srv/main.nft");
const RESTORE = enabled("ip6tables.service", "/usr/libexec/iptables/ip6tables.init start");

describe.skipIf(why)("against the real programs", () => {
  test("nft: what comes in and what does not", async () => {
    await compare(
      "nft",
      [...NFT_BY_HAND, ...NFT_INCLUDES, ...NFT_GENERATED],
      "nft -f /srv/main.nft",
      (files) => ({ ...NFT, ...files }),
    );
  });

  test("ip6tables-restore: what comes in and what does not", async () => {
    await compare(
      "ip6tables-restore",
      IP6TABLES,
      "ip6tables-restore /srv/rules.v6",
      ({ "/srv/rules.v6": rules = "" }) => ({
        ...RESTORE,
        "/etc/sysconfig/ip6tables": rules,
      }),
    );
  });
});

/** The packets that nobody asked for, really sent; `unknown` is right wherever TCP and UDP differ or nothing loads. */
async function compare(
  name: string,
  cases: readonly FlatFiles[],
  load: string,
  machine: (files: FlatFiles) => FlatFiles,
): Promise<void> {
  const folder = scratch("firewall");
  for (const [index, files] of cases.entries())
    for (const [path, content] of Object.entries(files)) {
      const at = join(folder, String(index).padStart(4, "0"), path.replace("/srv/", ""));
      mkdirSync(dirname(at), { recursive: true });
      if (typeof content === "string") writeFileSync(at, content);
    }
  const script = fileURLToPath(new URL("firewall-probe.sh", import.meta.url));
  const lines = run("bash", [script, folder, process.execPath, load]).toString().trim().split("\n");
  const wrong: string[] = [];
  let unsure = 0;
  let refused = 0;
  for (const [index, files] of cases.entries()) {
    const [, loaded, tcp, udp] = (lines[index] ?? "").split(" ");
    const { filtersIpv6 } = (await predictFiles(machine(files))).firewall;
    if (loaded === "refused") refused++;
    const truth = tcp === udp ? tcp === "shut" : "unknown";
    if (filtersIpv6 === "unknown" && truth !== "unknown" && loaded === "loaded") unsure++;
    if (filtersIpv6 !== "unknown" && filtersIpv6 !== truth)
      wrong.push(`${filtersIpv6}, really ${loaded} ${tcp} ${udp}: ${JSON.stringify(files)}`);
  }
  console.log(
    `${name}: ${cases.length} rulesets, ${wrong.length} wrong, ${unsure} unknown, ${refused} refused by the program`,
  );
  expect(wrong).toEqual([]);
  expect(unsure).toBeLessThanOrEqual(cases.length * 0.02);
}
