import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isNic } from "../../conf.ts";
import { readConfigFolders } from "../../config-folders.ts";
import type { Layer } from "../../layer.ts";
import { textFile } from "../../lines.ts";
import { matchesPattern } from "../../pattern.ts";
import { type Dash, type SwitchSetting, switchSettings } from "../../sysctl-lines.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "tuned.service";
const MAIN = "/etc/tuned/tuned-main.conf";
const ACTIVE = "/etc/tuned/active_profile";
const PROFILES = ["/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned"];
const SYSCTL_FOLDERS = ["/run", "/etc", "/usr/local/lib", "/usr/lib"].map((top) => `${top}/sysctl.d`);
const INCLUDES_MAX = 10;
const DASHES: readonly Dash[] = ["-ignores-failure", "-is-part-of-the-key"];

export interface TunedFacts {
  /**
   * What it may write to disable_ipv6, in order, one list for each way it may take a `-` in front of a key; empty when
   * it does not run or has nothing to do with it.
   */
  readonly readings: readonly (readonly SwitchSetting[])[];
  readonly start: readonly Evidence[];
  readonly nicNames: readonly string[];
}

/**
 * TuneD: a profile with a [sysctl] section makes it apply all sysctl files once more, /etc/sysctl.conf with them,
 * some time after the network is up. Source: tuned, plugins/plugin_sysctl.py and tuned-main.conf.
 */
export const tuned: Layer<TunedFacts> = {
  id: "tuned",
  wants: [],
  follow(observations, boot): readonly Want[] {
    if (unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS).state !== "starts") return [];
    return [MAIN, ACTIVE, ...profilesOf(observations).wanted].map((path): Want => ({ path }));
  },
  read(observations, boot) {
    const { nicNames } = boot;
    const start = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    const profiles = profilesOf(observations);
    if (start.state !== "starts" || !profiles.hasSysctl) return { readings: [], start: [], nicNames };
    const main = textFile(observations, MAIN);
    const again =
      main.state !== "found" ||
      !main.lines.some(({ text }) => /^\s*reapply_sysctl\s*=\s*(0|false)/i.test(text));
    const rules = { layer: "tuned", accepts: (name: string) => name.endsWith(".conf") };
    const files = again
      ? readConfigFolders(observations, SYSCTL_FOLDERS, rules).files.map(({ path }) => path)
      : [];
    const paths = [...profiles.paths, ...files, ...(again ? ["/etc/sysctl.conf"] : [])];
    const readings = DASHES.map((dash) =>
      paths.flatMap((path) => switchSettings(textFile(observations, path), dash)),
    );
    return { readings, start: start.evidence, nicNames };
  },
  effect({ readings, start, nicNames }, before) {
    const last = readings
      .map((settings) =>
        settings.findLast(
          ({ iface }) => iface === "all" || isNic(iface, nicNames) !== "no" || matchesPattern(iface, "eth0"),
        ),
      )
      .find((one) => one !== undefined && one.value !== before.nic);
    if (!last) return { state: before, steps: [], blindSpots: [] };
    const evidence = [last.evidence, ...start];
    const text = `TuneD applies the sysctl settings once more after the network is up and may write disable_ipv6 = ${last.value}`;
    return { state: before, steps: [], blindSpots: [{ layer: "tuned", text, evidence, decisive: true }] };
  },
};

interface Profiles {
  readonly wanted: readonly string[];
  readonly paths: readonly string[];
  /** Also when the profile is not known: those for virtual machines have one. */
  readonly hasSysctl: boolean;
}

/** The active profile and those it includes. */
function profilesOf(observations: Observations): Profiles {
  const active = textFile(observations, ACTIVE);
  const names = active.state === "found" ? active.lines.flatMap(({ text }) => text.trim().split(/\s+/)) : [];
  const pending = names.filter((name) => /^[\w.-]+$/.test(name));
  const wanted: string[] = [];
  const paths: string[] = [];
  let hasSysctl = pending.length === 0;
  for (
    let name = pending.shift();
    name !== undefined && wanted.length < INCLUDES_MAX * 4;
    name = pending.shift()
  ) {
    const candidates = PROFILES.map((folder) => `${folder}/${name}/tuned.conf`);
    wanted.push(...candidates);
    const path = candidates.find((one) => observations.file(one).state === "found");
    if (path === undefined) {
      hasSysctl = true;
      continue;
    }
    paths.push(path);
    const file = textFile(observations, path);
    const lines = file.state === "found" ? file.lines : [];
    hasSysctl ||= lines.some(({ text }) => text.trim() === "[sysctl]");
    for (const { text } of lines)
      pending.push(
        ...(/^\s*include\s*=\s*(.*)$/.exec(text)?.[1]?.split(/[\s,;]+/) ?? []).filter((one) =>
          /^[\w.-]+$/.test(one),
        ),
      );
  }
  return { wanted, paths, hasSysctl };
}
