import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isMask } from "../../config-folders.ts";
import type { Layer } from "../../layer.ts";
import { isFirstBoot, isPreset, MACHINE_ID, presetWants, unreadPresets } from "../../presets.ts";
import { withLib } from "../../split-usr.ts";
import { VENDOR_UNITS } from "../../unit-folders.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const NETWORKS = "/etc/systemd/network";
const NETWORKD = "systemd-networkd.service";
/** Those that write the switch of cards that nobody speaks of; networkd only does where it is told to. */
const MANAGERS = ["NetworkManager.service", NETWORKD, "connman.service"];

export interface PresetFacts {
  readonly blindSpots: readonly BlindSpot[];
}

/** What the first boot enables, which no link tells yet. Sources: machine-id(5), systemd.preset(5). */
export const presets: Layer<PresetFacts> = {
  id: "presets",
  wants: [{ path: MACHINE_ID }],
  follow(observations, boot): readonly Want[] {
    if (!isFirstBoot(observations)) return [];
    const idle = idleManagers(observations, boot);
    const there = idle.filter((unit) => installed(observations, unit)?.wasSeen);
    return [
      ...idle.flatMap((unit) => places(observations, unit).map((path): Want => ({ path, what: "list" }))),
      ...(there.length > 0 ? presetWants(observations) : []),
      ...(there.includes(NETWORKD) ? [{ path: NETWORKS, what: "list" as const }] : []),
    ];
  },
  read: (observations, boot) => ({ blindSpots: firstBoot(observations, boot) }),
  effect: ({ blindSpots }, before) => ({
    state: before,
    steps: [],
    blindSpots: before.stack === "present" && before.nic !== 0 ? blindSpots : [],
  }),
};

/** A manager that the first boot enables and so starts, as nothing else does. */
export interface Enabled {
  readonly unit: string;
  readonly text: string;
  readonly evidence: Evidence;
}

/** All of them, once the presets were read. */
export function enabledAtFirstBoot(observations: Observations, boot: BootFacts): readonly Enabled[] {
  if (!isFirstBoot(observations) || unreadPresets(observations, true).length > 0) return [];
  return idleManagers(observations, boot).flatMap((unit) => {
    const found = installed(observations, unit);
    if (!found || (unit === NETWORKD && !hasNetworks(observations)) || !isPreset(observations, unit))
      return [];
    const text = `there is no machine-id yet: the first boot enables ${unit} by its preset`;
    return [{ unit, text, evidence: { locator: found.locator } }];
  });
}

function firstBoot(observations: Observations, boot: BootFacts): readonly BlindSpot[] {
  const isFirst = isFirstBoot(observations);
  const there = (isFirst ? idleManagers(observations, boot) : []).filter((unit) =>
    installed(observations, unit),
  );
  const unread = unreadPresets(observations, there.length > 0);
  if (!isFirst || unread.length > 0) return unread;
  return enabledAtFirstBoot(observations, boot).map(({ text, evidence }) => ({
    layer: "presets",
    text,
    evidence: [evidence],
    decisive: true,
  }));
}

function idleManagers(observations: Observations, boot: BootFacts): readonly string[] {
  return MANAGERS.filter((unit) => unitStart(observations, boot, unit, [], NETWORK_TARGETS).state === "idle");
}

/** Where its unit is, or may be; undefined: not installed, or masked there. */
function installed(
  observations: Observations,
  unit: string,
): { readonly locator: string; readonly wasSeen: boolean } | undefined {
  const entries = places(observations, unit)
    .filter((path) => !isMask(observations, path))
    .map((path) => observations.entry(path));
  const entry =
    entries.find(({ state }) => state === "found") ?? entries.find(({ state }) => state !== "absent");
  if (entry === undefined) return undefined;
  const wasSeen = entry.state !== "unreadable" || entry.reason !== "was not extracted";
  return { locator: entry.locator, wasSeen };
}

function places(observations: Observations, unit: string): readonly string[] {
  return withLib(observations, [VENDOR_UNITS]).map((folder) => `${folder}/${unit}`);
}

function hasNetworks(observations: Observations): boolean {
  const networks = observations.list(NETWORKS);
  return networks.state === "unreadable" || (networks.state === "found" && networks.value.length > 0);
}
