import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { Layer } from "../../layer.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { linksManager, NETWORK_TARGETS, unitStart } from "../../units.ts";
import { isFirstBoot, isPreset, MACHINE_ID, PRESET_WANTS } from "./presets.ts";

const OWN = "/etc/systemd/system";
const VENDOR = "/usr/lib/systemd/system";
const SYSCTL = `${OWN}/systemd-sysctl.service`;
const NETWORKS = "/etc/systemd/network";
const MANAGERS = ["NetworkManager.service", "systemd-networkd.service"];
const UNFOLLOWED: ReadonlyMap<string, string> = new Map([
  ["connman.service", "ConnMan"],
  ["netctl-auto@eth0.service", "netctl"],
  ["netctl@eth0.service", "netctl"],
]);
/** What may keep a service from running, or makes it run something else. */
const CHANGES = /^\s*(Condition\w+|Assert\w+|ExecStart)\s*=/;

export interface ServiceFacts {
  readonly blindSpots: readonly BlindSpot[];
}

/** Where links of units do not tell the whole. Sources: systemd.unit(5), systemd.preset(5). */
export const services: Layer<ServiceFacts> = {
  id: "services",
  wants: [],
  follow(observations): readonly Want[] {
    const own = observations.list(OWN);
    const names = own.state === "found" ? own.value.map(({ name }) => name) : [];
    const presets = appliesPresets(observations);
    const enabled = presets ? MANAGERS.filter((unit) => isPreset(observations, unit)) : [];
    return [
      ...(names.includes("systemd-sysctl.service.d") ? [{ path: `${SYSCTL}.d/*.conf` }] : []),
      ...(linksManager(observations) === false ? [{ path: MACHINE_ID }] : []),
      ...(presets ? PRESET_WANTS : []),
      ...(enabled.length > 0 ? [{ path: NETWORKS, what: "list" as const }] : []),
      ...enabled.map((unit): Want => ({ path: `${VENDOR}/${unit}`, what: "list" })),
    ];
  },
  read: (observations, boot) => ({
    blindSpots: [
      ...changedApplier(observations),
      ...unfollowed(observations),
      ...firstBoot(observations, boot),
    ],
  }),
  effect: ({ blindSpots }, before) => ({
    state: before,
    steps: [],
    blindSpots: before.stack === "present" && before.nic !== 0 ? blindSpots : [],
  }),
};

function changedApplier(observations: Observations): readonly BlindSpot[] {
  const listed = observations.list(`${SYSCTL}.d`);
  const dropIns = (listed.state === "found" ? listed.value : []).map(({ name }) => `${SYSCTL}.d/${name}`);
  return [SYSCTL, ...dropIns].flatMap((path) => {
    const file = textFile(observations, path);
    const line =
      file.state === "found"
        ? file.lines.find(({ text }) => CHANGES.test(text) && !/=.*systemd-sysctl\s*$/.test(text))
        : undefined;
    if (file.state !== "found" || !line) return [];
    const text = `${path} changes when systemd-sysctl runs, or what runs in its place: that is not followed`;
    return [{ layer: "services", text, evidence: [lineEvidence(file.locator, line)], decisive: true }];
  });
}

function unfollowed(observations: Observations): readonly BlindSpot[] {
  const links = observations.list(`${OWN}/multi-user.target.wants`);
  return (links.state === "found" ? links.value : []).flatMap(({ name }) => {
    const program = UNFOLLOWED.get(name.replace(/@.+(?=\.service$)/, "@eth0"));
    if (program === undefined) return [];
    const text = `${program} configures the network, and what it does about IPv6 is not followed`;
    return [{ layer: "services", text, evidence: [{ locator: `${links.locator}/${name}` }], decisive: true }];
  });
}

/** Where /etc links a network manager already, another one is not expected. */
function appliesPresets(observations: Observations): boolean {
  return isFirstBoot(observations) && linksManager(observations) === false;
}

function firstBoot(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  if (!appliesPresets(observations)) return [];
  const networks = observations.list(NETWORKS);
  const hasNetworks = networks.state === "found" && networks.value.length > 0;
  return MANAGERS.flatMap((unit, index) => {
    const file = observations.entry(`${VENDOR}/${unit}`);
    if (file.state !== "found" || (index === 1 && !hasNetworks) || !isPreset(observations, unit)) return [];
    if (unitStart(observations, boot, unit, [], NETWORK_TARGETS).state !== "idle") return [];
    const text = `there is no machine-id yet: the first boot enables ${unit} by its preset`;
    return [{ layer: "services", text, evidence: [{ locator: file.locator }], decisive: true }];
  });
}
