import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { Layer } from "../../layer.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { CLOUD_INIT_WANTS, cloudInitNetwork } from "./cloud-init.ts";
import { MANAGERS, namesOf } from "./managers.ts";

const UNITS = "/etc/systemd/system";
const VENDOR_UNITS = "/usr/lib/systemd/system";
const ENABLED = ["multi-user.target.wants", "network-online.target.wants"];
const RUNLEVELS = "/etc/runlevels/default";
const SCRIPTS = ["/etc/rc.local", "/etc/network/interfaces"];

export interface LateFacts {
  /** Everything seen that may write to the NIC after sysctl. */
  readonly writers: readonly BlindSpot[];
}

/**
 * What comes after sysctl and can undo it: a guard. As long as the network managers are not followed one by
 * one, an interface that they may switch back on is never called off.
 */
export const late: Layer<LateFacts> = {
  id: "late",
  wants: [
    { path: UNITS, what: "list" },
    { path: `${UNITS}/multi-user.target.wants`, what: "list" },
    { path: "/etc/netplan", what: "list" },
    { path: RUNLEVELS, what: "list" },
    ...SCRIPTS.map((path) => ({ path })),
    ...CLOUD_INIT_WANTS,
  ],
  follow(observations): readonly Want[] {
    const own = observations.list(UNITS);
    const wants: Want[] = [];
    if (own.state === "found") {
      for (const entry of own.value) {
        if (entry.type === "file" && entry.name.endsWith(".service"))
          wants.push({ path: `${UNITS}/${entry.name}` });
        if (entry.name === "network-online.target.wants")
          wants.push({ path: `${UNITS}/${entry.name}`, what: "list" });
      }
    }
    // An image whose /etc enables nothing has its units enabled by the vendor.
    if (own.state !== "found" || !own.value.some(({ name }) => name === "multi-user.target.wants"))
      wants.push(...ENABLED.map((folder): Want => ({ path: `${VENDOR_UNITS}/${folder}`, what: "list" })));
    if (!namesOf(observations.list("/etc/network")).length && cloudInitEnabled(observations))
      wants.push({ path: "/etc/sysconfig/network-scripts", what: "list" });
    return wants;
  },
  read: (observations) => ({
    writers: [
      ...units(observations),
      ...netplan(observations),
      ...cloudInit(observations),
      ...scripts(observations),
    ],
  }),
  effect(facts, before) {
    const stays = before.stack === "absent" || before.stack === "disabled" || before.nic === 0;
    return { state: before, steps: [], blindSpots: stays ? [] : facts.writers };
  },
};

function spot(text: string, evidence: readonly Evidence[]): BlindSpot {
  return { layer: "late", text, evidence, decisive: true };
}

function units(observations: Observations): readonly BlindSpot[] {
  const folders = [UNITS, VENDOR_UNITS].flatMap((top) => ENABLED.map((folder) => `${top}/${folder}`));
  const seen = new Map<string, BlindSpot>();
  for (const folder of [UNITS, ...folders, RUNLEVELS]) {
    const listed = observations.list(folder);
    if (
      listed.state === "unreadable" &&
      !folder.startsWith(VENDOR_UNITS) &&
      listed.reason !== "was not extracted"
    )
      seen.set(
        folder,
        spot(`${folder} could not be listed: ${listed.reason}`, [{ locator: listed.locator }]),
      );
    for (const name of namesOf(listed)) {
      const unit = folder === RUNLEVELS ? `${name}.service` : name;
      const manager = MANAGERS.find((one) =>
        one.unit.test(unit === "networkmanager.service" ? "NetworkManager.service" : unit),
      );
      if (!manager || seen.has(manager.name)) continue;
      const text = `${manager.name} is enabled and ${manager.does}`;
      seen.set(manager.name, spot(text, [{ locator: `${listed.locator}/${name}` }]));
    }
  }
  return [...seen.values()];
}

function netplan(observations: Observations): readonly BlindSpot[] {
  return ["/etc/netplan", "/usr/lib/netplan"].flatMap((folder) => {
    const listed = observations.list(folder);
    const name = namesOf(listed).find((one) => /\.ya?ml$/.test(one));
    if (name === undefined) return [];
    const text =
      "netplan configures the network and switches link-local IPv6 back on unless link-local is empty";
    return [spot(text, [{ locator: `${listed.locator}/${name}` }])];
  });
}

function cloudInitEnabled(observations: Observations): boolean {
  const names = namesOf(observations.list(UNITS));
  const wanted = namesOf(observations.list(`${UNITS}/multi-user.target.wants`));
  return (
    names.includes("cloud-init.target.wants") ||
    [...names, ...wanted].some((name) => name.startsWith("cloud-init"))
  );
}

function cloudInit(observations: Observations): readonly BlindSpot[] {
  const disabled = observations.entry("/etc/cloud/cloud-init.disabled").state === "found";
  if (!cloudInitEnabled(observations) || disabled) return [];
  const { renders, evidence } = cloudInitNetwork(observations);
  if (renders === "off" || renders === "leaves-alone") return [];
  const text =
    "cloud-init writes the network configuration at first boot, for a manager that switches IPv6 back on";
  const listed = observations.list(UNITS);
  return [
    spot(text, evidence.length > 0 ? evidence : [{ locator: `${listed.locator}/cloud-init.target.wants` }]),
  ];
}

/** Scripts and units of the image's own that name the switch: what they do to it is not followed. */
function scripts(observations: Observations): readonly BlindSpot[] {
  const own = observations.list(UNITS);
  const services =
    own.state === "found"
      ? own.value
          .filter(({ name, type }) => type === "file" && name.endsWith(".service"))
          .map(({ name }) => `${UNITS}/${name}`)
      : [];
  const stanzas = namesOf(observations.list("/etc/network/interfaces.d")).map(
    (name) => `/etc/network/interfaces.d/${name}`,
  );
  return [...SCRIPTS, ...stanzas, ...services].flatMap((path) => {
    const file = textFile(observations, path);
    if (file.state !== "found") return [];
    const line = file.lines.find(({ text }) => /disable_ipv6/.test(text) && !/^\s*#/.test(text));
    if (!line) return [];
    return [
      spot(`${path} touches disable_ipv6 while the machine comes up`, [lineEvidence(file.locator, line)]),
    ];
  });
}
