import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { Layer } from "../../layer.ts";
import { withLib } from "../../split-usr.ts";
import { linksManager, NETWORK_TARGETS, unitStart } from "../../units.ts";
import { isFirstBoot, isPreset, MACHINE_ID, presetWants, unreadPresets } from "./presets.ts";

const VENDOR = "/usr/lib/systemd/system";
const NETWORKS = "/etc/systemd/network";
const MANAGERS = ["NetworkManager.service", "systemd-networkd.service"];

export interface PresetFacts {
  readonly blindSpots: readonly BlindSpot[];
}

/** What the first boot enables, which no link tells yet. Sources: machine-id(5), systemd.preset(5). */
export const presets: Layer<PresetFacts> = {
  id: "presets",
  wants: [],
  follow(observations): readonly Want[] {
    const applies = appliesPresets(observations);
    const enabled = applies ? MANAGERS.filter((unit) => isPreset(observations, unit)) : [];
    return [
      ...(linksManager(observations) === false ? [{ path: MACHINE_ID }] : []),
      ...(applies ? presetWants(observations) : []),
      ...(enabled.length > 0 ? [{ path: NETWORKS, what: "list" as const }] : []),
      ...withLib(observations, [VENDOR]).flatMap((folder) =>
        enabled.map((unit): Want => ({ path: `${folder}/${unit}`, what: "list" })),
      ),
    ];
  },
  read: (observations, boot) => ({ blindSpots: firstBoot(observations, boot) }),
  effect: ({ blindSpots }, before) => ({
    state: before,
    steps: [],
    blindSpots: before.stack === "present" && before.nic !== 0 ? blindSpots : [],
  }),
};

/** Where /etc links a network manager already, another one is not expected. */
function appliesPresets(observations: Observations): boolean {
  return isFirstBoot(observations) && linksManager(observations) === false;
}

function firstBoot(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  if (linksManager(observations) !== false) return [];
  const unread = unreadPresets(observations, appliesPresets(observations));
  if (!appliesPresets(observations) || unread.length > 0) return unread;
  const networks = observations.list(NETWORKS);
  const hasNetworks =
    networks.state === "unreadable" || (networks.state === "found" && networks.value.length > 0);
  return MANAGERS.flatMap((unit, index) => {
    const files = withLib(observations, [VENDOR]).map((folder) => observations.entry(`${folder}/${unit}`));
    const file = files.find(({ state }) => state !== "absent");
    if (file === undefined || (index === 1 && !hasNetworks) || !isPreset(observations, unit)) return [];
    if (unitStart(observations, boot, unit, [], NETWORK_TARGETS).state !== "idle") return [];
    const text = `there is no machine-id yet: the first boot enables ${unit} by its preset`;
    return [{ layer: "presets", text, evidence: [{ locator: file.locator }], decisive: true }];
  });
}
