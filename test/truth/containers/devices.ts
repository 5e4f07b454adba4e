import { NIC, RENAMED } from "./container.ts";
import { type Dice, LIB, OWN, type Part } from "./dice.ts";

const RULES = "/etc/udev/rules.d";

/** What udev does about the card when it comes. */
export function deviceRule(dice: Dice, index: number): Part {
  const value = dice(["0", "0", "1"]);
  const write = `/bin/sh -c 'echo ${value} > /proc/sys/net/ipv6/conf/$name/disable_ipv6'`;
  const rule = `ACTION=="add", SUBSYSTEM=="net", `;
  const places: readonly Part[] = [
    [`rule that writes ${value}`, { [`${RULES}/70-own${index}.rules`]: `${rule}RUN+="${write}"\n` }],
    [
      `rule for ${NIC} that writes ${value}`,
      { [`${RULES}/70-own${index}.rules`]: `${rule}KERNEL=="${NIC}", RUN+="${write}"\n` },
    ],
    [
      "rule for another card",
      { [`${RULES}/70-own${index}.rules`]: `${rule}KERNEL=="wlan*", RUN+="${write}"\n` },
    ],
    [
      `rule that sets an attribute to ${value}`,
      {
        [`${RULES}/70-own${index}.rules`]: `${rule}KERNEL=="${NIC}", SYSCTL{net/ipv6/conf/${NIC}/disable_ipv6}="${value}"\n`,
      },
    ],
    [
      `rule that wants a unit that writes ${value}`,
      {
        [`${RULES}/70-own${index}.rules`]: `${rule}TAG+="systemd", ENV{SYSTEMD_WANTS}+="device${index}.service"\n`,
        [`${OWN}/device${index}.service`]: `[Service]\nType=oneshot\nExecStart=/usr/sbin/sysctl -w net.ipv6.conf.${NIC}.disable_ipv6=${value}\n`,
      },
    ],
    ["the rules of systemd masked", { [`${RULES}/99-systemd.rules`]: { link: "/dev/null" } }],
    [
      "another name for the card",
      {
        "/etc/systemd/network/10-own.link": `[Match]\nOriginalName=${NIC}\n[Link]\nName=${RENAMED}\n`,
      },
    ],
    [
      `another name for the card, and a value of ${value}`,
      {
        "/etc/systemd/network/10-own.link": `[Match]\nOriginalName=en*\n[Link]\nName=${RENAMED}\n`,
        "/etc/sysctl.d/98-renamed.conf": `net.ipv6.conf.${RENAMED}.disable_ipv6 = ${value}\n`,
      },
    ],
    ["udev masked", { [`${OWN}/systemd-udevd.service`]: { link: "/dev/null" } }],
    ["udev not triggered", { [`${OWN}/systemd-udev-trigger.service`]: { link: "/dev/null" } }],
    [
      "udev after the rest",
      { [`${OWN}/systemd-udev-trigger.service.d/late.conf`]: `[Unit]\nAfter=systemd-sysctl.service\n` },
    ],
    ["own unit of sysctl", { [`${OWN}/systemd-sysctl.service`]: { link: `${LIB}/systemd-sysctl.service` } }],
  ];
  return dice(places);
}
