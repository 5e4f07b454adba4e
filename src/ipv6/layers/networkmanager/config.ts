import { compareBytes, type Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isMask, unseen } from "../../config-folders.ts";
import { type KeyfileEntry, keyfileBoolean, listOf, parseKeyfile } from "../../keyfile.ts";
import { textFile } from "../../lines.ts";

const MAIN = "/etc/NetworkManager/NetworkManager.conf";
const OWN = "/etc/NetworkManager/conf.d";
const RUN = "/run/NetworkManager/conf.d";
const VENDOR = "/usr/lib/NetworkManager/conf.d";

export const CONFIG_WANTS: readonly Want[] = [
  { path: MAIN },
  // Names that begin with a dot count, too.
  ...[OWN, VENDOR].flatMap((folder) => ["*.conf", ".*.conf"].map((name) => ({ path: `${folder}/${name}` }))),
];

/** NetworkManager.conf and its snippets, merged. */
export interface Config {
  readonly entries: readonly KeyfileEntry[];
  readonly blindSpots: readonly BlindSpot[];
}

/**
 * Vendor snippets first, then those of /run, then NetworkManager.conf, then /etc; of snippets with one name that
 * in /etc counts before /run before the vendor's. Source: NetworkManager.conf(5).
 */
export function readConfig(observations: Observations): Config {
  const blindSpots: BlindSpot[] = [];
  const taken = new Set<string>();
  const snippets = [OWN, RUN, VENDOR].map((folder) => {
    const listed = observations.list(folder);
    if (listed.state === "unreadable" && folder !== RUN)
      blindSpots.push(unseen("networkmanager", folder, listed.reason, listed.locator));
    const names = (listed.state === "found" ? listed.value : [])
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".conf") && !taken.has(name))
      .toSorted(compareBytes);
    for (const name of names) taken.add(name);
    return names.map((name) => `${folder}/${name}`);
  });
  const [own = [], run = [], vendor = []] = snippets;
  const entries: KeyfileEntry[] = [];
  for (const path of [...vendor, ...run, MAIN, ...own]) {
    if (isMask(observations, path)) continue;
    const file = textFile(observations, path);
    if (file.state === "unreadable")
      blindSpots.push(unseen("networkmanager", path, file.reason, file.locator));
    if (file.state !== "found") continue;
    const parsed = parseKeyfile(file) ?? [];
    const enabled = parsed.find(({ group, key }) => group === ".config" && key === "enable");
    if (enabled && keyfileBoolean(enabled.value.trimEnd()) === false) continue;
    for (const entry of parsed) entries.push({ ...entry, value: entry.value.trimEnd() });
  }
  return { entries, blindSpots };
}

export function setting(config: Config, group: string, key: string): KeyfileEntry | undefined {
  return config.entries.findLast((one) => one.group === group && one.key === key);
}

/** A list that `key=` sets and `key+=`, `key-=` change. With the line that changed it last. */
export function listSetting(
  config: Config,
  group: string,
  key: string,
): { readonly words: readonly string[]; readonly by: KeyfileEntry | undefined } {
  let words: readonly string[] = [];
  let by: KeyfileEntry | undefined;
  for (const one of config.entries) {
    if (one.group !== group) continue;
    const more = listOf(one.value);
    if (one.key === key) words = more;
    else if (one.key === `${key}+`) words = [...words, ...more];
    else if (one.key === `${key}-`) words = words.filter((word) => !more.includes(word));
    else continue;
    by = one;
  }
  return { words, by };
}

/** `[device*]` sections, the ones that were read last first: the first that fits counts. */
export function deviceSections(config: Config): readonly (readonly KeyfileEntry[])[] {
  const groups = Map.groupBy(
    config.entries.filter(({ group }) => group.startsWith("device")),
    ({ group }) => group,
  );
  return [...groups.values()].toReversed();
}
