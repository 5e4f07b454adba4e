import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { writeEarly } from "../../conf.ts";
import { unseen } from "../../config-folders.ts";
import type { Layer } from "../../layer.ts";
import { textFile } from "../../lines.ts";
import { isFirstBoot, isPreset, presetWants } from "../../presets.ts";
import { shellBoolean, shellVariables } from "../../shell-variables.ts";
import { type SwitchSetting, switchSettings } from "../../sysctl-lines.ts";
import { unitFile, unitFileWants } from "../../unit-file.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "ufw.service";
const SWITCH = "/etc/ufw/ufw.conf";
const DEFAULTS = "/etc/default/ufw";
const SETTINGS = "/etc/ufw/sysctl.conf";

export interface UfwFacts {
  readonly settings: readonly SwitchSetting[];
  readonly nicNames: readonly string[];
  /** Why it may not run after all. */
  readonly doubt?: BlindSpot;
}

function isEnabled(observations: Observations): boolean {
  return shellBoolean(shellVariables(textFile(observations, SWITCH)).get("ENABLED")) === true;
}

/** The file that it applies; empty for none. */
function settingsOf(observations: Observations): string {
  return shellVariables(textFile(observations, DEFAULTS)).get("IPT_SYSCTL")?.value ?? SETTINGS;
}

function ownSettings(observations: Observations): readonly SwitchSetting[] {
  const path = settingsOf(observations);
  return path === "" ? [] : switchSettings(textFile(observations, path));
}

function switchesOff(observations: Observations): boolean {
  return ownSettings(observations).some(({ value }) => value === 1);
}

/** ufw applies a sysctl file of its own before the network comes up. Source: ufw, src/ufw-init-functions. */
export const ufw: Layer<UfwFacts> = {
  id: "ufw",
  wants: [],
  follow(observations, boot): readonly Want[] {
    const files = [...new Set([SWITCH, DEFAULTS, SETTINGS, settingsOf(observations)])]
      .filter((path) => path.startsWith("/"))
      .map((path): Want => ({ path }));
    if (unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state === "starts")
      return [...files, ...(switchesOff(observations) ? unitFileWants(observations, SERVICE) : [])];
    if (!isFirstBoot(observations)) return [];
    return isEnabled(observations) ? [...files, ...presetWants(observations)] : [{ path: SWITCH }];
  },
  read(observations, boot) {
    const { nicNames } = boot;
    const { state } = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    const byPreset = state === "idle" && isFirstBoot(observations) && isPreset(observations, SERVICE);
    const starts = state === "starts" || byPreset;
    if (!starts || !isEnabled(observations)) return { settings: [], nicNames };
    const unit = switchesOff(observations) ? unitFile(observations, SERVICE) : undefined;
    if (unit?.state === "gone") return { settings: [], nicNames };
    const settings = ownSettings(observations);
    if (unit?.state !== "unreadable") return { settings, nicNames };
    return { settings, nicNames, doubt: unseen("ufw", SERVICE, unit.reason, unit.locator) };
  },
  effect({ settings, nicNames, doubt }, before) {
    let state = before;
    const steps: Step[] = [];
    const open = doubt === undefined ? [] : [doubt];
    for (const { iface, value, evidence } of settings) {
      state = writeEarly(state, iface, value, nicNames);
      const text = `ufw sets net.ipv6.conf.${iface}.disable_ipv6 = ${value} before the network comes up`;
      steps.push({
        layer: "ufw",
        text,
        evidence: [evidence],
        decides: iface !== "lo" && iface !== "default",
      });
    }
    const { onAdd } = before;
    if (settings.length === 0 || onAdd === undefined || onAdd === state.nic)
      return { state, steps, blindSpots: open };
    // Both come early, and neither waits for the other.
    const text = "ufw and udev, which applies what sysctl.d says of the card, write different values";
    const evidence = settings.map((setting) => setting.evidence);
    return {
      state: { ...state, nic: "unknown" },
      steps,
      blindSpots: open,
      doubt: { layer: "ufw", text, evidence, decisive: true },
    };
  },
};
