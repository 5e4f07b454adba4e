import { enabled, OWN, type Part } from "../dice.ts";

const ON = "net.ipv6.conf.all.disable_ipv6=0\n";
const FOLDER = "/opt/own";
const HELPERS = { [`${FOLDER}/90-on.conf`]: ON };
const SETTINGS = "/etc/sysctl.d";
const WANTS = `${OWN}/local-fs.target.wants`;

/** What puts other settings in the place of those that say off, or beside them, or does not. */
export function mounts(): readonly Part[] {
  const vendor = "/usr/lib/systemd/system/etc-sysctl.d.mount";
  const local = "/usr/local/lib/systemd/system/etc-sysctl.d.mount";
  const linked = (unit: string) => ({
    [unit]: bound(SETTINGS),
    [`${WANTS}/etc-sysctl.d.mount`]: { link: unit },
  });
  const rows: readonly Part[] = [
    ["nothing", {}],
    ["a unit with a link", linked(`${OWN}/etc-sysctl.d.mount`)],
    ["a unit without a link", { [`${OWN}/etc-sysctl.d.mount`]: bound(SETTINGS) }],
    ["a vendor's unit with a link", linked(vendor)],
    ["a vendor's unit without a link", { [vendor]: bound(SETTINGS) }],
    ["a unit of /usr/local with a link", linked(local)],
    ["a unit of /usr/local without a link", { [local]: bound(SETTINGS) }],
    [
      "a unit by a link, that sysctl requires",
      {
        "/opt/etc-sysctl.d.mount": bound(SETTINGS),
        [`${OWN}/etc-sysctl.d.mount`]: { link: "/opt/etc-sysctl.d.mount" },
        [`${OWN}/systemd-sysctl.service.d/own.conf`]: `[Unit]\nRequiresMountsFor=${SETTINGS}\n`,
      },
    ],
    [
      "a masked unit with a link",
      { ...linked(vendor), [`${OWN}/etc-sysctl.d.mount`]: { link: "/dev/null" } },
    ],
    [
      "a unit in /run",
      {
        [`${OWN}/run-sysctl.d.mount`]: bound("/run/sysctl.d"),
        [`${WANTS}/run-sysctl.d.mount`]: { link: `${OWN}/run-sysctl.d.mount` },
      },
    ],
    [
      "a unit that mounts elsewhere",
      { [`${OWN}/mnt-own.mount`]: bound("/mnt/own"), ...enabled("mnt-own.mount") },
    ],
    ...[
      `${FOLDER} ${SETTINGS} none bind 0 0`,
      `${FOLDER} /run/sysctl.d none bind 0 0`,
      `${FOLDER} /run/sysctl.d none bind,noauto 0 0`,
      `none ${SETTINGS} tmpfs defaults 0 0`,
      `overlay ${SETTINGS} overlay lowerdir=${FOLDER}:${SETTINGS} 0 0`,
    ].map((line): Part => [line, { "/etc/fstab": `${line}\n` }]),
  ];
  return rows.map(([name, files]) => [name, { ...HELPERS, ...files }]);
}

/** The settings that say off lie where fstab mounts: who reads them may come first. */
export function lateMounts(off: string): readonly Part[] {
  const own = { [`${FOLDER}/50-off.conf`]: off };
  return [
    ["bound over settings", { ...own, "/etc/fstab": `${FOLDER} ${SETTINGS} none bind 0 0\n` }],
    [
      "bound where a link leads",
      {
        ...own,
        "/srv/own/.keep": "",
        [`${SETTINGS}/50-off.conf`]: { link: "/srv/own/50-off.conf" },
        "/etc/fstab": `${FOLDER} /srv/own none bind 0 0\n`,
      },
    ],
    ["bound into /run", { ...own, "/etc/fstab": `${FOLDER} /run/sysctl.d none bind 0 0\n` }],
    ["there all the time", { [`${SETTINGS}/50-off.conf`]: off }],
  ];
}

function bound(where: string): string {
  return `[Unit]\nDescription=own\nBefore=local-fs.target systemd-sysctl.service\n[Mount]\nWhat=${FOLDER}\nWhere=${where}\nType=none\nOptions=bind\n`;
}
