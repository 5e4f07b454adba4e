import type { FlatFiles } from "../../../support/machine.ts";
import { NIC } from "../container.ts";
import { enabled, OWN, type Part } from "../dice.ts";

const MANAGER = "NetworkManager.service";
const NETWORKD = "systemd-networkd.service";
const CFG = "/etc/cloud/cloud.cfg.d/99-own.cfg";
const SEED = "/var/lib/cloud/seed/nocloud";
const SCRIPTS = "/var/lib/cloud/scripts";
const WRITE = "sysctl -w net.ipv6.conf.all.disable_ipv6=0";
const SCRIPT = `#!/bin/sh\n${WRITE}\n`;
const NONE = "network: {config: disabled}\n";
const FOUND = "datasource_list: [NoCloud]\n";

/** What cloud-init runs and writes of the image's own configuration and of seeds; needs roots with cloud-init. */
export function cloudConfigs(): readonly Part[] {
  return [
    ...[...DOES, ...POWERLESS].map((does): Part => row(does, { [CFG]: `${FOUND}${NONE}${does}` })),
    ...USER_DATA.map(
      ([name, text]): Part =>
        row(`user-data: ${name}`, { [CFG]: `${FOUND}${NONE}`, [`${SEED}/user-data`]: text }),
    ),
    ...FILES.map(([name, files]): Part => row(name, { [CFG]: `${FOUND}${NONE}`, ...files })),
    ...NETWORKS.flatMap((network) =>
      RENDERERS.map(
        ([renderer, follower]): Part =>
          row(`${renderer}: ${network}`, {
            [CFG]: `${FOUND}system_info: {network: {renderers: [${renderer}]}}\n${network}`,
            ...enabled(follower),
          }),
      ),
    ),
    ...HELD.map(
      ([name, files]): Part => row(name, { [CFG]: `${FOUND}${NONE}bootcmd:\n- ${WRITE}\n`, ...files }),
    ),
    ...CHOICES.map(
      ([text, ...followers]): Part =>
        row(`${text} for ${followers.join(" ")}`, { [CFG]: text, ...enabled(...followers) }),
    ),
  ];
}

function row(said: string, files: FlatFiles): Part {
  return [
    `cloud-init: ${said.trim().replaceAll(/\s+/g, " ")}`,
    {
      "/opt/own.sh": SCRIPT,
      "/opt/user-data": SCRIPT,
      "/opt/seed/meta-data": "instance-id: seed\n",
      "/opt/seed/user-data": SCRIPT,
      [`${SEED}/meta-data`]: "instance-id: own\n",
      [`${SEED}/user-data`]: "#cloud-config\n{}\n",
      // Nobody gives the card an address.
      [`${OWN}/systemd-networkd-wait-online.service`]: { link: "/dev/null" },
      [`${OWN}/NetworkManager-wait-online.service`]: { link: "/dev/null" },
      ...files,
    },
  ];
}

const SYSCTL_FILE = "/etc/sysctl.d/99-late.conf";
const VALUE = "net.ipv6.conf.all.disable_ipv6=0";
/** They run at a first boot. */
const DOES: readonly string[] = [
  "",
  `bootcmd:\n- ${WRITE}\n`,
  `bootcmd: [${WRITE}]\n`,
  `bootcmd:\n- [sysctl, -w, ${VALUE}]\n`,
  `bootcmd:\n- - sysctl\n  - -w\n  - ${VALUE}\n`,
  `bootcmd:\n- >-\n  sysctl -w\n  ${VALUE}\n`,
  `bootcmd:\n- |\n  cd /proc/sys/net/ipv6/conf\n  echo 0 > ${NIC}/disable_ipv6\n`,
  `bootcmd:\n- [cloud-init-per, once, own, sysctl, -w, ${VALUE}]\n`,
  `bootcmd:\n- "sysctl -w net.ipv6.conf.all.disable\\x5fipv6=0"\n`,
  `"bootcmd": ["${WRITE}"]\n`,
  `runcmd:\n- ${WRITE}\n`,
  `runcmd:\n- [sysctl, -w, ${VALUE}]\n`,
  `runcmd:\n- ip link set ${NIC} down\n- sysctl -w net.ipv6.conf.${NIC}.disable_ipv6=0\n`,
  "runcmd:\n- sysctl --system\nwrite_files:\n- {path: /etc/sysctl.d/99-late.conf, content: 'net.ipv6.conf.all.disable_ipv6=0'}\n",
  `runcmd:\n- sh /opt/own.sh\n`,
  `runcmd:\n- systemctl start ${NETWORKD}\n`,
  `runcmd:\n- systemctl enable --now ${NETWORKD}\n`,
  `runcmd:\n- [systemctl, start, NetworkManager]\n`,
  `runcmd:\n- service NetworkManager start\n`,
  `runcmd:\n- nmcli con up own\n`,
  `runcmd:\n- netplan apply\n`,
  `runcmd:\n- [sh, -c, "echo bmV0 | base64 -d; ${WRITE}"]\n`,
  `write_files:\n- {path: ${SYSCTL_FILE}, content: '${VALUE}'}\n`,
  `write_files:\n- {path: /var/lib/cloud/scripts/per-boot/own, permissions: '0755', content: "#!/bin/sh\\n${WRITE}\\n"}\n`,
  `write_files:\n- path: /var/lib/cloud/scripts/per-boot/own\n  permissions: '0755'\n  encoding: b64\n  content: IyEvYmluL3NoCmV4ZWMgc3lzY3RsIC13IG5ldC5pcHY2LmNvbmYuYWxsLmRpc2FibGVfaXB2Nj0wCg==\n`,
  `write_files:\n- path: /etc/systemd/system/own.service\n  encoding: b64\n  content: W1VuaXRdCg==\nruncmd:\n- systemctl start own\n`,
  `write_files:\n- {path: /etc/rc.local, permissions: '0755', encoding: b64, content: IyEvYmluL3NoCmV4ZWMgc3lzY3RsIC13IG5ldC5pcHY2LmNvbmYuYWxsLmRpc2FibGVfaXB2Nj0wCg==}\n`,
  `vendor_data: {enabled: true, prefix: [sh, -c, "${WRITE}"]}\n`,
  `rsyslog: {configs: ["*.* @@192.0.2.1"], service_reload_command: [sysctl, -w, ${VALUE}]}\n`,
  `ntp: {enabled: true, ntp_client: own, config: {confpath: /etc/own.conf, check_exe: /bin/true, packages: [], service_name: own, template: "own"}}\n`,
  `ca_certs: {trusted: [own]}\n`,
  `swap: {filename: ${SYSCTL_FILE}}\n`,
  `ansible: {install_method: pip, run_user: root, galaxy: {actions: [[ansible-galaxy, collection, install, own.own]]}}\n`,
  "power_state: {mode: poweroff, condition: 'sysctl -w net.ipv6.conf.all.disable_ipv6=0; false'}\n",
  `power_state:\n  mode: poweroff\n  condition: [sh, -c, "${WRITE}; exit 1"]\n`,
  `snap: {commands: [[sysctl, -w, ${VALUE}]]}\n`,
  `snap: {commands: {00: "${WRITE}"}}\n`,
  `apt: {sources: {own: {source: "deb http://192.0.2.1 own main", append: true}}, conf: 'APT::Update::Pre-Invoke {"${WRITE}";};'}\n`,
  "packages: [network-manager]\n",
  `disk_setup: {}\nmounts: [[none, ${SYSCTL_FILE}]]\n`,
  `fs_setup: [{device: /dev/null, filesystem: own, cmd: "${WRITE}", overwrite: true}]\n`,
  `cloud_init_modules: [bootcmd]\nbootcmd:\n- ${WRITE}\n`,
  `cloud_final_modules: [bootcmd]\ncloud_init_modules: []\nbootcmd:\n- ${WRITE}\n`,
  `cloud_config_modules: [[bootcmd, always]]\nbootcmd:\n- ${WRITE}\n`,
  `#cloud-config\nbootcmd:\n- ${WRITE}\n`,
  `bootcmd: [ls]\nmerge_how: list(append)\n`,
  `network_activator: own\n`,
  `datasource: {NoCloud: {user-data: "#!/bin/sh\\n${WRITE}\\n", meta-data: {instance-id: own}}}\n`,
  `datasource: {NoCloud: {user-data: "#cloud-config\\nbootcmd: ['${WRITE}']\\n", meta-data: {instance-id: own}}}\n`,
  `datasource: {NoCloud: {vendor-data: "#!/bin/sh\\n${WRITE}\\n", meta-data: {instance-id: own}}}\n`,
  "datasource: {NoCloud: {seedfrom: /opt/seed/}}\n",
];

/** They do not run, or have nothing to say. */
const POWERLESS: readonly string[] = [
  `cloud_init_modules: []\nbootcmd:\n- ${WRITE}\n`,
  `cloud_config_modules: []\nruncmd:\n- ${WRITE}\n`,
  `cloud_final_modules: []\nruncmd:\n- ${WRITE}\n`,
  `# bootcmd:\n# - ${WRITE}\n`,
  `bootcmd:\n- echo ${VALUE}\n`,
  "bootcmd: null\n",
  "bootcmd:\n- sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
  "runcmd:\n- sysctl -w net.ipv6.conf.all.disable_ipv6=1\n",
];

const GZIP = new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03]);
const MIME = (type: string, text: string): string =>
  `Content-Type: multipart/mixed; boundary="own"\nMIME-Version: 1.0\n\n--own\nContent-Type: ${type}\nMIME-Version: 1.0\n\n${text}\n--own--\n`;

const USER_DATA: readonly (readonly [name: string, text: string | Uint8Array])[] = [
  ["a script", SCRIPT],
  ["bootcmd", `#cloud-config\nbootcmd:\n- ${WRITE}\n`],
  ["runcmd", `#cloud-config\nruncmd:\n- [sysctl, -w, ${VALUE}]\n`],
  ["no header", `bootcmd:\n- ${WRITE}\n`],
  ["a boot hook", `#cloud-boothook\n${SCRIPT}`],
  [
    "a boot hook of its own",
    `#cloud-boothook\n#!/bin/sh\necho 0 > /proc/sys/net/ipv6/conf/${NIC}/disable_ipv6\n`,
  ],
  [
    "a template",
    `## template: jinja\n#cloud-config\nbootcmd:\n- sysctl -w net.ipv6.conf.all.disable_ipv{{ 6 }}=0\n`,
  ],
  [
    "a template of a script",
    `## template: jinja\n#!/bin/sh\nsysctl -w net.ipv6.conf.all.disable_ipv{{ 6 }}=0\n`,
  ],
  [
    "an archive",
    `#cloud-config-archive\n- type: text/x-shellscript\n  content: |\n    #!/bin/sh\n    ${WRITE}\n`,
  ],
  ["an archive of plain text", `#cloud-config-archive\n- |\n  #cloud-config\n  bootcmd:\n  - ${WRITE}\n`],
  ["what to include", "#include\nfile:///opt/user-data\n"],
  ["what to include once", "#include-once\nfile:///opt/user-data\n"],
  ["MIME, a script", MIME("text/x-shellscript", SCRIPT)],
  [
    "MIME, base64",
    MIME(
      "text/x-shellscript; charset=utf-8\nContent-Transfer-Encoding: base64",
      "IyEvYmluL3NoCmV4ZWMgc3lzY3RsIC13IG5ldC5pcHY2LmNvbmYuYWxsLmRpc2FibGVfaXB2Nj0wCg==",
    ),
  ],
  ["MIME, at every boot", MIME("text/x-shellscript-per-boot", SCRIPT)],
  ["MIME, configuration", MIME("text/cloud-config", `#cloud-config\nbootcmd:\n- ${WRITE}\n`)],
  [
    "a handler",
    `#part-handler\nimport os\ndef list_types():\n    return ["text/own"]\ndef handle_part(*args):\n    os.system("sysctl -w net.ipv6.conf.all.disable_" + "ipv6=0")\n`,
  ],
  ["Upstart", `#upstart-job\nexec ${WRITE}\n`],
  ["a patch", `#cloud-config-jsonp\n[{"op": "add", "path": "/bootcmd", "value": ["${WRITE}"]}]\n`],
  ["base64", "IyEvYmluL3NoCmV4ZWMgc3lzY3RsIC13IG5ldC5pcHY2LmNvbmYuYWxsLmRpc2FibGVfaXB2Nj0wCg=="],
  ["something packed", GZIP],
  [
    "a file that it writes",
    `#cloud-config\nwrite_files:\n- path: ${SCRIPTS}/per-boot/own\n  permissions: '0755'\n  encoding: b64\n  content: IyEvYmluL3NoCmV4ZWMgc3lzY3RsIC13IG5ldC5pcHY2LmNvbmYuYWxsLmRpc2FibGVfaXB2Nj0wCg==\n`,
  ],
  ["nothing", ""],
  ["nothing but a header", "#cloud-config\n"],
];

const FILES: readonly (readonly [name: string, files: FlatFiles])[] = [
  ...["per-boot", "per-instance", "per-once", "vendor"].flatMap((folder) => [
    [`${folder} script`, { [`${SCRIPTS}/${folder}/own`]: SCRIPT }] as const,
    [`${folder} script with a name`, { [`${SCRIPTS}/${folder}/own.sh`]: SCRIPT }] as const,
  ]),
  [
    "per-boot script of another program",
    { [`${SCRIPTS}/per-boot/own`]: "#!/bin/sh\nexec /opt/own.sh\n", "/opt/own.sh": SCRIPT },
  ],
  ["per-boot link", { [`${SCRIPTS}/per-boot/own`]: { link: "/opt/own.sh" }, "/opt/own.sh": SCRIPT }],
  ["vendor-data", { [`${SEED}/vendor-data`]: `#cloud-config\nbootcmd:\n- ${WRITE}\n` }],
  ["vendor-data, a script", { [`${SEED}/vendor-data`]: SCRIPT }],
  ["vendor-data2", { [`${SEED}/vendor-data2`]: SCRIPT }],
  ["the other seed", { [`${SEED}-net/user-data`]: SCRIPT, [`${SEED}-net/meta-data`]: "instance-id: own\n" }],
  [
    "handlers",
    {
      "/var/lib/cloud/handlers/part-handler-own.py": `import os\ndef list_types():\n    return ["text/cloud-config"]\ndef handle_part(*args):\n    os.system("${WRITE}")\n`,
    },
  ],
  [
    "a file of cloud.cfg.d by a link",
    {
      "/etc/cloud/cloud.cfg.d/50-own.cfg": { link: "/opt/own.cfg" },
      "/opt/own.cfg": `bootcmd:\n- ${WRITE}\n`,
    },
  ],
  [
    "a list that is replaced",
    {
      "/etc/cloud/cloud.cfg.d/50-own.cfg": `bootcmd:\n- ${WRITE}\n`,
      [CFG]: `${FOUND}${NONE}bootcmd: [ls]\n`,
    },
  ],
  ["a file of another name", { "/etc/cloud/cloud.cfg.d/99-own.yaml": `bootcmd:\n- ${WRITE}\n` }],
  ["a file that is hidden", { "/etc/cloud/cloud.cfg.d/.99-own.cfg": `bootcmd:\n- ${WRITE}\n` }],
  [
    "a file that is a template",
    {
      "/etc/cloud/cloud.cfg.d/50-own.cfg": `## template: jinja\nbootcmd:\n- sysctl -w net.ipv6.conf.all.disable_ipv{{ 6 }}=0\n`,
    },
  ],
  [
    "user-data of an instance",
    {
      "/var/lib/cloud/instances/own/user-data.txt": SCRIPT,
      "/var/lib/cloud/instance": { link: "/var/lib/cloud/instances/own" },
    },
  ],
  [
    "a script of an instance",
    {
      "/var/lib/cloud/instances/own/scripts/part-001": SCRIPT,
      "/var/lib/cloud/instance": { link: "/var/lib/cloud/instances/own" },
    },
  ],
  [
    "configuration of an instance",
    {
      "/var/lib/cloud/instances/own/cloud-config.txt": `#cloud-config\nbootcmd:\n- ${WRITE}\n`,
      "/var/lib/cloud/instance": { link: "/var/lib/cloud/instances/own" },
    },
  ],
  ["a hook of clean", { "/etc/cloud/clean.d/own": SCRIPT }],
  ["a template of hosts", { "/etc/cloud/templates/hosts.debian.tmpl": "## template:jinja\n127.0.0.1 own\n" }],
];

const RENDERERS: readonly (readonly [renderer: string, follower: string])[] = [
  ["netplan", NETWORKD],
  ["networkd", NETWORKD],
  ["network-manager", MANAGER],
  ["eni", "networking.service"],
];
const subnet = (lines: string): string =>
  `network:\n  version: 1\n  config:\n  - type: physical\n    name: ${NIC}\n    subnets:\n    - ${lines}\n`;
const device = (lines: string): string => `network:\n  version: 2\n  ethernets:\n    ${NIC}: ${lines}\n`;
const NETWORKS: readonly string[] = [
  ...[
    "{type: manual}",
    "{type: static, address: 192.0.2.5/24}",
    "{type: static, address: '2001:db8::5/64'}",
    "{type: static6, address: '2001:db8::5/64'}",
    "{type: dhcp6}",
    "{type: ipv6_slaac}",
    "{type: ipv6_dhcpv6-stateless}",
    "{type: static, address: 192.0.2.5/24, dns_nameservers: ['2001:db8::53']}",
    "{type: static, address: 192.0.2.5/24, routes: [{network: '2001:db8::', netmask: 32, gateway: 'fe80::1'}]}",
    "{type: static, address: 192.0.2.5/24, gateway: 'fe80::1'}",
  ].map(subnet),
  "network: {version: 1, config: []}\n",
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}, accept-ra: true}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: eth7, subnets: [{type: manual}]}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}}\n  - {type: bridge, name: own0, bridge_interfaces: [${NIC}], subnets: [{type: static, address: 192.0.2.6/24}]}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}, subnets: [{type: manual}]}\n  - {type: vlan, name: own0, vlan_link: ${NIC}, vlan_id: 7, subnets: [{type: dhcp6}]}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}, subnets: [{type: manual}]}\n  - {type: nameserver, address: ['2001:db8::53']}\n`,
  `network:\n  version: 1\n  config:\n  - {type: physical, name: ${NIC}, subnets: [{type: manual}]}\n  - {type: route, destination: '2001:db8::/32', gateway: 'fe80::1'}\n`,
  ...[
    "{link-local: [], addresses: [192.0.2.5/24]}",
    "{link-local: [], addresses: [192.0.2.5/24], dhcp6: true}",
    "{link-local: [], addresses: ['2001:db8::5/64']}",
    "{link-local: [], routes: [{to: '2001:db8::/32', via: 'fe80::1'}], addresses: [192.0.2.5/24]}",
    "{link-local: [], nameservers: {addresses: ['2001:db8::53']}, addresses: [192.0.2.5/24]}",
    "{link-local: [], gateway6: 'fe80::1', addresses: [192.0.2.5/24]}",
    "{link-local: [], accept-ra: true, addresses: [192.0.2.5/24]}",
    "{link-local: [], addresses: [192.0.2.5/24], match: {name: 'en*'}}",
    "{link-local: [], addresses: [192.0.2.5/24], match: {name: 'en*'}, set-name: lan5}",
    "{link-local: [], addresses: [192.0.2.5/24], match: {macaddress: '02:00:00:00:00:01'}}",
    "{link-local: [], addresses: [192.0.2.5/24], nonsense: 1}",
  ].map(device),
  `network:\n  version: 2\n  renderer: NetworkManager\n  ethernets:\n    ${NIC}: {addresses: [192.0.2.5/24], link-local: []}\n`,
  `network:\n  network:\n    version: 2\n    ethernets:\n      ${NIC}: {addresses: [192.0.2.5/24], link-local: []}\n`,
  `network:\n  version: 2\n  ethernets:\n    ${NIC}: {link-local: []}\n  bridges:\n    own0: {interfaces: [${NIC}], link-local: []}\n`,
  "network: {version: 2}\n",
  "network: {version: 2, ethernets: {}}\n",
  "network: null\n",
  "network: disabled\n",
  "network:\n  config: 'disabled'\n",
];

const HELD: readonly (readonly [name: string, files: FlatFiles])[] = [
  ["held by nothing", {}],
  ["a marker", { "/etc/cloud/cloud-init.disabled": "" }],
  ["a marker that leads nowhere", { "/etc/cloud/cloud-init.disabled": { link: "/nowhere" } }],
  ["a marker that is a folder", { "/etc/cloud/cloud-init.disabled/own": "" }],
  ...[
    "cloud-init.service",
    "cloud-init-main.service",
    "cloud-init-local.service",
    "cloud-init-network.service",
    "cloud-config.service",
    "cloud-final.service",
    "cloud-init.target",
  ].map((unit) => [`${unit} masked`, { [`${OWN}/${unit}`]: { link: "/dev/null" } }] as const),
  [
    "all but the target masked",
    Object.fromEntries(
      [
        "cloud-init.service",
        "cloud-init-main.service",
        "cloud-init-local.service",
        "cloud-init-network.service",
        "cloud-config.service",
        "cloud-final.service",
      ].map((unit) => [`${OWN}/${unit}`, { link: "/dev/null" }]),
    ),
  ],
  ["the generator masked", { "/etc/systemd/system-generators/cloud-init-generator": { link: "/dev/null" } }],
  ["ds-identify disabled", { "/etc/cloud/ds-identify.cfg": "policy: disabled\n" }],
  ["ds-identify enabled", { "/etc/cloud/ds-identify.cfg": "policy: enabled\n" }],
  ["ds-identify knows", { "/etc/cloud/ds-identify.cfg": "datasource: NoCloud\n" }],
  ["no data source is found", { [`${SEED}/meta-data`]: "", [`${SEED}/user-data`]: "" }],
  ["data sources", { "/etc/cloud/cloud.cfg.d/99-zz.cfg": "datasource_list: [Ec2]\n" }],
  ["data sources, none", { "/etc/cloud/cloud.cfg.d/99-zz.cfg": "datasource_list: []\n" }],
  ["data sources, None", { "/etc/cloud/cloud.cfg.d/99-zz.cfg": "datasource_list: [None]\n" }],
  ["data sources, Ec2 and None", { "/etc/cloud/cloud.cfg.d/99-zz.cfg": "datasource_list: [Ec2, None]\n" }],
  ["another configuration", { "/etc/cloud/cloud.cfg": "bootcmd: []\n" }],
  ["no modules", { "/etc/cloud/cloud.cfg.d/99-zz.cfg": "cloud_init_modules: []\n" }],
];

const STATIC = `network:\n  version: 2\n  ethernets:\n    ${NIC}: {addresses: [192.0.2.5/24], link-local: []}\n`;
/** Which renderer is taken, and who follows. */
const CHOICES: readonly (readonly [text: string, ...followers: readonly string[]])[] = [
  [FOUND, NETWORKD],
  [FOUND, MANAGER],
  [FOUND, "networking.service"],
  [FOUND, NETWORKD, MANAGER],
  [`${FOUND}${STATIC}`, NETWORKD],
  [`${FOUND}${STATIC}`, MANAGER],
  [`${FOUND}${STATIC}`, "networking.service"],
  ...[
    "[sysconfig]",
    "[sysconfig, networkd]",
    "[netbsd, eni]",
    "[]",
    "null",
    "networkd",
    "[eni, netplan]",
    "[netplan, eni]",
    "[network-manager, networkd]",
  ].flatMap((list): [string, string][] => [
    [`${FOUND}${STATIC}system_info: {network: {renderers: ${list}}}\n`, NETWORKD],
    [`${FOUND}${STATIC}system_info: {network: {renderers: ${list}}}\n`, MANAGER],
  ]),
  [`${FOUND}${STATIC}system_info: {network: {renderers: [networkd], activators: [networkd]}}\n`, NETWORKD],
  [
    `${FOUND}${STATIC}system_info: {network: {renderers: [eni], activators: [network-manager]}}\n`,
    "networking.service",
  ],
  [`${FOUND}${STATIC}system_info: {network: {renderers: [eni], activators: [networkd]}}\n`],
  [`${FOUND}${STATIC}system_info: {network: {renderers: [networkd], activators: [eni]}}\n`],
  [`${FOUND}${STATIC}system_info: {network: {renderers: [netplan], activators: [netplan]}}\n`],
  [`${FOUND}${STATIC}disable_network_activation: true\n`, NETWORKD],
  [`datasource_list: [None]\n${STATIC}`, NETWORKD],
  [`datasource_list: [None]\n`, NETWORKD],
  [`datasource_list: [Ec2]\n${STATIC}`, NETWORKD],
];
