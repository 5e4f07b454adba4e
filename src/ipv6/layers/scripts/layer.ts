import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import type { BootState, Layer } from "../../layer.ts";
import { lineEvidence, textFile } from "../../lines.ts";
import { asSwitch, switchCommand } from "../../switch-command.ts";
import { certainWrite } from "./certain.ts";
import { firstWants, PLAIN_PLACES, SCRIPT_MAX_BYTES, scriptsIn } from "./places.ts";

const CLOUD = ["/etc/cloud/cloud.cfg"];
const CLOUD_FOLDER = "/etc/cloud/cloud.cfg.d";

/** A line of a script that touches the switch. */
interface Touch {
  readonly spot: BlindSpot;
  /** What it writes, where that is plain. */
  readonly value: 0 | 1 | undefined;
  /** What it writes to all interfaces for certain. */
  readonly sure: 0 | 1 | undefined;
}

export interface ScriptFacts {
  readonly touches: readonly Touch[];
}

/**
 * Scripts, units, rules and cron jobs that name disable_ipv6: when they run, and whether, is not followed. They
 * are blind spots, decisive where what they write is not what the card has anyway.
 */
export const scripts: Layer<ScriptFacts> = {
  id: "scripts",
  wants: PLAIN_PLACES,
  follow(observations, boot): readonly Want[] {
    return [
      ...firstWants(observations, boot),
      ...scriptsIn(observations, boot).map((path): Want => ({ path, maxBytes: SCRIPT_MAX_BYTES })),
    ];
  },
  read: (observations, boot) => ({
    touches: [...scriptsIn(observations, boot), ...cloudConfig(observations)].flatMap((path) =>
      touchesIn(observations, path, certainWrite(observations, boot, path)),
    ),
  }),
  effect({ touches }, before) {
    const value = settled(touches, before);
    if (value !== undefined) {
      const text = `a script or unit writes disable_ipv6 = ${value} to all interfaces, and no one writes it after`;
      const evidence = touches.flatMap(({ spot }) => spot.evidence);
      return {
        state: { ...before, all: value, default: value, lo: value, nic: value },
        steps: [{ layer: "scripts", text, evidence, decides: true }],
        blindSpots: [],
      };
    }
    const blindSpots = touches.map(({ spot, value }) => ({
      ...spot,
      decisive: before.stack === "present" && before.nic !== value,
    }));
    return { state: before, steps: [], blindSpots };
  },
};

function cloudConfig(observations: Observations): readonly string[] {
  const listed = observations.list(CLOUD_FOLDER);
  const names = listed.state === "found" ? listed.value.map(({ name }) => name) : [];
  return [
    ...CLOUD,
    ...names.filter((name) => name.endsWith(".cfg")).map((name) => `${CLOUD_FOLDER}/${name}`),
  ];
}

/** All that touch it write one value for certain, over a card that nobody else writes to. */
function settled(touches: readonly Touch[], before: BootState): 0 | 1 | undefined {
  const values = new Set(touches.map(({ sure }) => sure));
  const [only] = values;
  const isQuiet = before.stack === "present" && before.loads === "boot" && !before.managed;
  return values.size === 1 && isQuiet && before.nic !== "unknown" && before.named.size === 0
    ? only
    : undefined;
}

function touchesIn(observations: Observations, path: string, sure: 0 | 1 | undefined): readonly Touch[] {
  const file = textFile(observations, path);
  if (file.state !== "found" || !isRun(observations, path)) return [];
  return file.lines.flatMap((line): Touch[] => {
    const written = path.includes("/tmpfiles.d/") ? TMPFILE.exec(line.text) : null;
    const command = written
      ? { iface: written[1], value: asSwitch(written[2]) }
      : /disable_ipv6/.test(line.text)
        ? switchCommand(line.text.replace(/^(Exec\w+=[-@:+!]*|\s*-\s+|@reboot\s+(root\s+)?)/, ""))
        : applies(line.text);
    if (!command) return [];
    const text = `${path} touches disable_ipv6 while the machine comes up`;
    const spot = { layer: "scripts", text, evidence: [lineEvidence(file.locator, line)], decisive: true };
    const reaches = command.iface === undefined || command.iface !== "default";
    const value = command.value;
    // A unit that no link starts: only what would bring IPv6 back is held against the answer.
    return reaches && !(value === 1 && isIdleUnit(observations, path)) ? [{ spot, value, sure }] : [];
  });
}

/** Who runs these runs only what may be executed. A file system without modes does not tell. */
const RUN_IF_EXECUTABLE =
  /^\/etc\/(?:rc\.local|rc\.d\/rc\.local|local\.d\/.*|network\/if-.*|NetworkManager\/dispatcher\.d\/.*|networkd-dispatcher\/.*)$|^\/var\/lib\/cloud\/scripts\//;

function isRun(observations: Observations, path: string): boolean {
  if (!RUN_IF_EXECUTABLE.test(path)) return true;
  const file = observations.file(path);
  return file.state !== "found" || file.value.mode === undefined || (file.value.mode & 0o111) !== 0;
}

const UNITS = "/etc/systemd/system";

/** A service of the image's own that is in no folder of links, and that no unit of the same name starts. */
function isIdleUnit(observations: Observations, path: string): boolean {
  const name = path.startsWith(`${UNITS}/`) ? path.slice(UNITS.length + 1) : "";
  const listed = observations.list(UNITS);
  if (!name.endsWith(".service") || name.includes("/") || listed.state !== "found") return false;
  const stem = name.slice(0, -".service".length);
  const names = listed.value.map((one) => one.name);
  if (names.some((one) => one !== name && one.startsWith(`${stem}.`))) return false;
  return names
    .filter((one) => /\.(wants|requires)$/.test(one))
    .every((folder) => {
      const links = observations.list(`${UNITS}/${folder}`);
      return links.state !== "found" || !links.value.some((one) => one.name === name);
    });
}

/** Source: tmpfiles.d(5), `w`. */
const TMPFILE =
  /^\s*w\S*\s+\/proc\/sys\/net\/ipv6\/conf\/([^/\s]+)\/disable_ipv6\s+\S+\s+\S+\s+\S+\s+\S+\s+(\S+)\s*$/;

/** `sysctl -p FILE` and `sysctl --system` apply settings once more. */
function applies(text: string): { readonly iface: undefined; readonly value: undefined } | undefined {
  if (/^\s*#/.test(text)) return undefined;
  const again =
    /\bsysctl\s+(?:-\S+\s+)*(?:-p|--load|--system)\b|systemd-sysctl\b.*\brestart|restart\s+systemd-sysctl/;
  return again.test(text) ? { iface: undefined, value: undefined } : undefined;
}
