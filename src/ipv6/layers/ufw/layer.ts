import type { Observations } from "../../../model/observations.ts";
import type { Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { writeEarly } from "../../conf.ts";
import type { Layer } from "../../layer.ts";
import { textFile } from "../../lines.ts";
import { isFirstBoot, isPreset, presetWants } from "../../presets.ts";
import { shellBoolean, shellVariables } from "../../shell-variables.ts";
import { type SwitchSetting, switchSettings } from "../../sysctl-lines.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "ufw.service";
const SWITCH = "/etc/ufw/ufw.conf";
const DEFAULTS = "/etc/default/ufw";
const SETTINGS = "/etc/ufw/sysctl.conf";

export interface UfwFacts {
  readonly settings: readonly SwitchSetting[];
  readonly nicNames: readonly string[];
}

function isEnabled(observations: Observations): boolean {
  return shellBoolean(shellVariables(textFile(observations, SWITCH)).get("ENABLED")) === true;
}

/** The file that it applies; empty for none. */
function settingsOf(observations: Observations): string {
  return shellVariables(textFile(observations, DEFAULTS)).get("IPT_SYSCTL")?.value ?? SETTINGS;
}

/** ufw applies a sysctl file of its own before the network comes up. Source: ufw, src/ufw-init-functions. */
export const ufw: Layer<UfwFacts> = {
  id: "ufw",
  wants: [],
  follow(observations, boot): readonly Want[] {
    const files = [...new Set([SWITCH, DEFAULTS, SETTINGS, settingsOf(observations)])]
      .filter((path) => path.startsWith("/"))
      .map((path): Want => ({ path }));
    if (unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state === "starts") return files;
    if (!isFirstBoot(observations)) return [];
    return isEnabled(observations) ? [...files, ...presetWants(observations)] : [{ path: SWITCH }];
  },
  read(observations, boot) {
    const { nicNames } = boot;
    const { state } = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    const byPreset = state === "idle" && isFirstBoot(observations) && isPreset(observations, SERVICE);
    const starts = state === "starts" || byPreset;
    if (!starts || !isEnabled(observations)) return { settings: [], nicNames };
    const path = settingsOf(observations);
    return { settings: path === "" ? [] : switchSettings(textFile(observations, path)), nicNames };
  },
  effect({ settings, nicNames }, before) {
    let state = before;
    const steps: Step[] = [];
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
      return { state, steps, blindSpots: [] };
    // Both come early, and neither waits for the other.
    const text = "ufw and udev, which applies what sysctl.d says of the card, write different values";
    const evidence = settings.map((setting) => setting.evidence);
    return {
      state: { ...state, nic: "unknown" },
      steps,
      blindSpots: [],
      doubt: { layer: "ufw", text, evidence, decisive: true },
    };
  },
};
