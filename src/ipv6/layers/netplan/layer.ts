import type { Observations } from "../../../model/observations.ts";
import type { Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { type ConfigFile, type FolderRules, readConfigFolders } from "../../config-folders.ts";
import { evidenceIn } from "../../lines.ts";
import { type Generated, type Generator, NOTHING_GENERATED } from "../../manager.ts";
import { withLib } from "../../split-usr.ts";
import { parseYaml, type Yaml } from "../../yaml.ts";
import { mergeFiles } from "./definitions.ts";
import { renderAll } from "./render.ts";

const FOLDERS = ["/run/netplan", "/etc/netplan", "/usr/lib/netplan"];
const GENERATORS = "/usr/lib/systemd/system-generators";

const RULES: FolderRules = { layer: "netplan", accepts: (name) => name.endsWith(".yaml") };

/** netplan: its generator runs before any service and writes for networkd or NetworkManager. */
export const netplan: Generator = {
  id: "netplan",
  wants: [
    { path: "/etc/netplan", what: "list" },
    ...FOLDERS.map((folder): Want => ({ path: `${folder}/*.yaml` })),
  ],
  follow: (observations): readonly Want[] => {
    const folders = withLib(observations, FOLDERS);
    const names = folders.flatMap((folder) => {
      const listed = observations.list(folder);
      return listed.state === "found" ? listed.value : [];
    });
    const generators = withLib(observations, [GENERATORS]);
    return [
      ...folders.map((folder): Want => ({ path: `${folder}/*.yaml` })),
      ...(names.some(({ name }) => RULES.accepts(name)) ? generators : []).map(
        (path): Want => ({ path, what: "list" }),
      ),
    ];
  },
  generate,
};

function generate(observations: Observations): Generated {
  const { files, blindSpots, dangling } = readConfigFolders(
    observations,
    withLib(observations, FOLDERS),
    RULES,
  );
  if (files.length === 0 && dangling.length === 0) return { ...NOTHING_GENERATED, blindSpots };
  const [first] = files;
  if (!isInstalled(observations)) {
    const text = "/etc/netplan is not read: netplan's generator is not installed";
    return {
      files: [],
      blindSpots,
      steps: [{ layer: "netplan", text, evidence: first ? [evidenceIn(first)] : [] }],
    };
  }
  const [nowhere] = dangling;
  if (nowhere !== undefined)
    return refused(`${nowhere} leads nowhere`, { locator: observations.entry(nowhere).locator });
  const parsed: (readonly [ConfigFile, Yaml | undefined])[] = [];
  for (const file of files) {
    const { root, error } = parseYaml(file.lines.map(({ text }) => text).join("\n"));
    if (error !== undefined) return refused(error, evidenceIn(file));
    // A document that holds nothing is none of netplan's, unless the file is empty.
    if (!root && file.lines.some(({ text }) => /^[^\s#]/.test(text)))
      return refused("expected mapping", evidenceIn(file));
    parsed.push([file, root]);
  }
  const merged = mergeFiles(parsed);
  if (merged.refused) return refused(merged.refused.reason, merged.refused.evidence);
  const steps = merged.definitions.map(
    (one): Step => ({
      layer: "netplan",
      text: `netplan writes the configuration of ${one.id} for ${one.renderer ?? merged.renderer}`,
      evidence: [one.evidence],
    }),
  );
  return {
    files: first ? renderAll(merged.definitions, merged.renderer, { locator: first.locator }) : [],
    steps,
    blindSpots,
  };
}

/** An invalid file anywhere: netplan writes nothing at all. Readers of YAML differ, so this is not certain. */
function refused(reason: string, evidence: ReturnType<typeof evidenceIn>): Generated {
  const text = `netplan refuses its configuration and writes nothing: ${reason}`;
  return {
    files: [],
    steps: [{ layer: "netplan", text, evidence: [evidence] }],
    blindSpots: [{ layer: "netplan", text, evidence: [evidence], decisive: true }],
  };
}

/** Where the generators can be seen and netplan's is none of them, its files are left over from something. */
function isInstalled(observations: Observations): boolean {
  const all = withLib(observations, [GENERATORS]).map((folder) => observations.list(folder));
  const seen = all.flatMap((listed) => (listed.state === "found" ? [listed.value] : []));
  return seen.length === 0 || seen.some((names) => names.some(({ name }) => name === "netplan"));
}
