import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { SYSCTL_CONF } from "../../../model/sysctl-folders.ts";
import { isNic } from "../../conf.ts";
import { readConfigFolders, unseen } from "../../config-folders.ts";
import type { Layer } from "../../layer.ts";
import { evidenceIn, type Line, textFile } from "../../lines.ts";
import { matchesPattern } from "../../pattern.ts";
import { switchCommand } from "../../switch-command.ts";
import { type Dash, type SwitchSetting, switchSettings } from "../../sysctl-lines.ts";
import { NETWORK_TARGETS, unitStart } from "../../units.ts";

const SERVICE = "tuned.service";
const MAIN = "/etc/tuned/tuned-main.conf";
const ACTIVE = ["/etc/tuned/active_profile", "/etc/tuned/post_loaded_profile"];
const PROFILES = ["/etc/tuned/profiles", "/etc/tuned", "/usr/lib/tuned/profiles", "/usr/lib/tuned"];
const FOLDERS_RUN_FIRST = ["/run", "/etc", "/usr/local/lib", "/usr/lib"].map((top) => `${top}/sysctl.d`);
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
  /** Scripts of the profiles, as far as they name the switch or could not be read. */
  readonly scripts: readonly { readonly spot: BlindSpot; readonly value: 0 | 1 | undefined }[];
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
    const { wanted, scripts } = profilesOf(observations);
    return [MAIN, ...ACTIVE, ...wanted, ...scripts].map((path): Want => ({ path }));
  },
  read(observations, boot) {
    const { nicNames } = boot;
    const start = unitStart(observations, boot, SERVICE, [], NETWORK_TARGETS);
    if (start.state !== "starts") return { readings: [], start: [], nicNames, scripts: [] };
    const profiles = profilesOf(observations);
    const scripts = profiles.scripts.flatMap((path) => touchesIn(observations, path));
    if (!profiles.hasSysctl) return { readings: [], start: [], nicNames, scripts };
    const main = textFile(observations, MAIN);
    const again =
      main.state !== "found" ||
      !main.lines.some(({ text }) => /^\s*reapply_sysctl\s*=\s*(0|false)/i.test(text));
    const rules = { layer: "tuned", accepts: (name: string) => name.endsWith(".conf") };
    const files = again
      ? readConfigFolders(observations, FOLDERS_RUN_FIRST, rules).files.map(({ path }) => path)
      : [];
    const paths = [...profiles.paths, ...files, ...(again ? [SYSCTL_CONF] : [])];
    const readings = DASHES.map((dash) =>
      paths.flatMap((path) => switchSettings(textFile(observations, path), dash)),
    );
    return { readings, start: start.evidence, nicNames, scripts };
  },
  effect({ readings, start, nicNames, scripts }, before) {
    const blindSpots = scripts.filter(({ value }) => value !== before.nic).map(({ spot }) => spot);
    const last = readings
      .map((settings) =>
        settings.findLast(
          ({ iface }) => iface === "all" || isNic(iface, nicNames) !== "no" || matchesPattern(iface, "eth0"),
        ),
      )
      .find((one) => one !== undefined && one.value !== before.nic);
    if (!last) return { state: before, steps: [], blindSpots };
    const evidence = [last.evidence, ...start];
    const text = `TuneD applies the sysctl settings once more after the network is up and may write disable_ipv6 = ${last.value}`;
    const spot: BlindSpot = { layer: "tuned", text, evidence, decisive: true };
    return { state: before, steps: [], blindSpots: [...blindSpots, spot] };
  },
};

/** When it runs, before or after the settings are applied, is not followed. */
function touchesIn(observations: Observations, path: string): TunedFacts["scripts"] {
  const file = textFile(observations, path);
  if (file.state === "absent") return [];
  if (file.state === "unreadable")
    return [{ spot: unseen("tuned", path, file.reason, file.locator), value: 0 }];
  return file.lines.flatMap((line) => {
    const command = switchCommand(line.text);
    if (!command || command.iface === "default") return [];
    const text = `TuneD runs ${path}, which touches disable_ipv6`;
    return [
      {
        spot: { layer: "tuned", text, evidence: [evidenceIn(file, line)], decisive: true },
        value: command.value,
      },
    ];
  });
}

interface Profiles {
  readonly wanted: readonly string[];
  readonly paths: readonly string[];
  /** What their `script=` names. */
  readonly scripts: readonly string[];
  /** Also when the profile is not known: those for virtual machines have one. */
  readonly hasSysctl: boolean;
}

/** `[script]` of a profile names programs, mostly of its own folder. Source: tuned, plugins/plugin_script.py. */
function scriptsIn(lines: readonly Line[], folder: string): readonly string[] {
  return lines
    .flatMap(({ text }) => /^\s*script\s*=\s*(.*)$/.exec(text)?.[1]?.split(/[\s,;]+/) ?? [])
    .map((name) => name.replace(/\$\{i:PROFILE_DIR\}/, folder))
    .map((name) => (name.startsWith("/") ? name : `${folder}/${name}`))
    .filter((name) => /^\/[\w./@+-]+$/.test(name));
}

/** The active profile and those it includes. */
function profilesOf(observations: Observations): Profiles {
  const names = ACTIVE.flatMap((path) => {
    const file = textFile(observations, path);
    return file.state === "found" ? file.lines.flatMap(({ text }) => text.trim().split(/\s+/)) : [];
  });
  const pending = names.filter((name) => /^[\w.-]+$/.test(name));
  const wanted: string[] = [];
  const paths: string[] = [];
  const scripts: string[] = [];
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
    hasSysctl ||= lines.some(
      ({ text }) => text.trim() === "[sysctl]" || /^\s*type\s*=\s*sysctl\b/.test(text),
    );
    scripts.push(...scriptsIn(lines, path.slice(0, path.lastIndexOf("/"))));
    for (const { text } of lines)
      pending.push(
        ...(/^\s*include\s*=\s*(.*)$/.exec(text)?.[1]?.split(/[\s,;]+/) ?? []).filter((one) =>
          /^[\w.-]+$/.test(one),
        ),
      );
  }
  return { wanted, paths, scripts, hasSysctl };
}
