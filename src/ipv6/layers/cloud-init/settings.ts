import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import { type ConfigFile, type FolderRules, readConfigFolders, unseen } from "../../config-folders.ts";
import { evidenceIn, textFile } from "../../lines.ts";
import { child, entry, parseYaml, scalarOf, scalarsOf, type Yaml } from "../../yaml.ts";

export const CONFIG = "/etc/cloud/cloud.cfg";
export const DROP_INS = "/etc/cloud/cloud.cfg.d";

/** What cloud.cfg and its drop-ins say about the network. */
export interface CloudSettings {
  /** In order of preference; undefined: cloud-init's own order. */
  readonly renderers: readonly string[] | undefined;
  readonly renderersBy: Evidence | undefined;
  /** `network: {config: disabled}`: cloud-init writes none. */
  readonly disabledBy: Evidence | undefined;
  /** A network configuration of the image's own, instead of the cloud's. */
  readonly network: { readonly value: Yaml; readonly evidence: Evidence } | undefined;
  readonly blindSpots: readonly BlindSpot[];
}

const RULES: FolderRules = { layer: "cloud-init", accepts: (name) => name.endsWith(".cfg") };

/** Later files win, maps are merged. Source: cloud-init, util.read_conf_with_confd and stages._find_networking_config. */
export function readSettings(observations: Observations): CloudSettings {
  const found = readConfigFolders(observations, [DROP_INS], RULES);
  const blindSpots = [...found.blindSpots];
  const main = textFile(observations, CONFIG);
  if (main.state === "unreadable") blindSpots.push(unseen("cloud-init", CONFIG, main.reason, main.locator));
  const files: readonly ConfigFile[] = [
    ...(main.state === "found" ? [{ path: CONFIG, ...main }] : []),
    ...found.files,
  ];
  let settings: Omit<CloudSettings, "blindSpots"> = {
    renderers: undefined,
    renderersBy: undefined,
    disabledBy: undefined,
    network: undefined,
  };
  for (const file of files) {
    const text = file.lines.map((line) => line.text).join("\n");
    // A file with a Jinja template, or without a word about the network, is not worth the parsing.
    if (!/network|renderers/.test(text)) continue;
    const { root, error } = parseYaml(text);
    if (error !== undefined) {
      const text = `${file.path} is no YAML (${error}); cloud-init leaves it out`;
      blindSpots.push({ layer: "cloud-init", text, evidence: [evidenceIn(file)], decisive: true });
      continue;
    }
    settings = { ...settings, ...saidIn(file, root) };
  }
  return { ...settings, blindSpots };
}

function saidIn(file: ConfigFile, root: Yaml | undefined): Partial<CloudSettings> {
  const at = (line: number): Evidence =>
    evidenceIn(
      file,
      file.lines.find(({ number }) => number === line),
    );
  const list = entry(child(root, "system_info", "network"), "renderers");
  const outer = entry(root, "network");
  // As a file of a seed has it, with one more level. Source: stages.Init._find_networking_config.
  const network = entry(outer?.value, "network") ?? outer;
  const config = entry(network?.value, "config");
  return {
    ...(list ? { renderers: scalarsOf(list.value), renderersBy: at(list.line) } : {}),
    ...(config && scalarOf(config.value) === "disabled" ? { disabledBy: at(config.line) } : {}),
    ...(network && config?.value.kind !== "scalar" && network.value.kind === "map"
      ? { network: { value: network.value, evidence: at(network.line) } }
      : {}),
  };
}
