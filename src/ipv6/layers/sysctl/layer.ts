import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import {
  type ConfigFile,
  type FolderRules,
  isMask,
  readConfigFolders,
  unseen,
} from "../../config-folders.ts";
import { type BootState, INITIAL_STATE, type Layer, type LayerResult, type Switch } from "../../layer.ts";
import { textFile } from "../../lines.ts";
import { SYSTEMD_VERSION_WANTS } from "../../versions.ts";
import { confKey, parseSysctlFile, type Setting, SYSCTL_LINE_END } from "./parse.ts";
import { type Applier, applierOf } from "./programs.ts";
import { type Outcome, replay, type World } from "./replay.ts";

const FOLDERS = ["/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d"];
const SPLIT_USR = "/lib/sysctl.d";
const SYSCTL_CONF = "/etc/sysctl.conf";
const SERVICE = "/etc/systemd/system/systemd-sysctl.service";

export interface SysctlFacts {
  readonly applier: Applier;
  readonly settings: readonly Setting[];
  readonly blindSpots: readonly BlindSpot[];
  readonly steps: readonly Step[];
  /** Names the NIC has, where the image says so. */
  readonly nicNames: readonly string[];
  /** The service that would apply them is masked. */
  readonly masked: boolean;
}

/** What systemd-sysctl (or procps, or OpenRC) writes at boot. */
export const sysctl: Layer<SysctlFacts> = {
  id: "sysctl",
  wants: [
    { path: SYSCTL_CONF },
    ...FOLDERS.map((folder) => ({ path: `${folder}/*.conf` })),
    { path: "/lib", what: "names" },
    { path: "/etc/os-release" },
  ],
  follow(observations, boot): readonly Want[] {
    const split = observations.list("/lib").state === "found" && observations.realPath("/lib") === "/lib";
    const wants: Want[] = split ? [{ path: `${SPLIT_USR}/*.conf` }] : [];
    const service = observations.list("/etc/systemd/system");
    if (service.state === "found" && service.value.some(({ name }) => SERVICE.endsWith(`/${name}`)))
      wants.push({ path: SERVICE });
    // procps also reads what a shell's * leaves out.
    if (applierOf(observations).name !== "systemd-sysctl")
      wants.push(...FOLDERS.map((folder) => ({ path: `${folder}/.*.conf` })));
    // The version is worth a look only where it makes a difference.
    const facts = readSysctl(observations, boot);
    if (facts.applier.programs.length > 1 && outcomesDiffer(facts)) wants.push(...SYSTEMD_VERSION_WANTS);
    return wants;
  },
  read: readSysctl,
  effect(facts, before) {
    if (before.stack === "absent" || before.stack === "disabled")
      return { state: before, steps: [], blindSpots: [] };
    if (facts.masked) {
      const text = "systemd-sysctl.service is masked: no file of sysctl.d is applied";
      return { state: before, steps: [{ layer: "sysctl", text, evidence: [] }], blindSpots: [] };
    }
    return applySettings(facts, before);
  },
};

function readSysctl(observations: Observations, boot: BootFacts): SysctlFacts {
  const applier = applierOf(observations);
  const systemd = applier.name === "systemd-sysctl";
  const split = observations.list("/lib").state === "found" && observations.realPath("/lib") === "/lib";
  const rules: FolderRules = {
    layer: "sysctl",
    accepts: (name) => name.endsWith(".conf") && (!systemd || !name.startsWith(".")),
    ending: SYSCTL_LINE_END,
  };
  const found = readConfigFolders(observations, split ? [...FOLDERS, SPLIT_USR] : FOLDERS, rules);
  const conf = sysctlConf(observations);
  const blindSpots = [...found.blindSpots];
  const steps: Step[] = found.overridden.map(({ path, by }) => ({
    layer: "sysctl",
    text: `${path} is not read: ${by} has the same name and comes first`,
    evidence: [],
  }));
  let files = found.files;
  if (!systemd) {
    if (conf.state === "unreadable")
      blindSpots.push(unseen("sysctl", SYSCTL_CONF, conf.reason, conf.locator));
    files = orderOf(applier, found.files, conf.state === "found" ? [{ path: SYSCTL_CONF, ...conf }] : []);
  } else if (conf.state === "found" && !files.some(({ locator }) => locator === conf.locator)) {
    const idle = parseSysctlFile({ path: SYSCTL_CONF, ...conf }).some(isOurs);
    const text = `${SYSCTL_CONF} is not read: systemd-sysctl reads it through a link in sysctl.d only, and there is none`;
    if (idle) steps.push({ layer: "sysctl", text, evidence: [] });
  }
  return {
    applier,
    settings: files.flatMap(parseSysctlFile).filter(isOurs),
    blindSpots,
    steps,
    nicNames: boot.nicNames,
    masked: systemd && isMask(observations, SERVICE),
  };
}

function sysctlConf(observations: Observations): ReturnType<typeof textFile> {
  return textFile(observations, SYSCTL_CONF, SYSCTL_LINE_END);
}

/** procps: all folders in the order of names, then sysctl.conf. OpenRC: vendor folders, /etc, sysctl.conf, /run. */
function orderOf(
  { name }: Applier,
  files: readonly ConfigFile[],
  conf: readonly ConfigFile[],
): readonly ConfigFile[] {
  if (name !== "OpenRC") return [...files, ...conf];
  const below = (folder: string): readonly ConfigFile[] =>
    files.filter(({ path }) => path.startsWith(`${folder}/`));
  return [...below("/lib"), ...below("/usr"), ...below("/etc"), ...conf, ...below("/run")];
}

/** Our keys, and every pattern or exclusion that may touch them. */
function isOurs({ key, pattern }: Setting): boolean {
  return confKey(key) !== undefined || (pattern && key.startsWith("net") && key.split("/").length === 5);
}

function applySettings(facts: SysctlFacts, before: BootState): LayerResult {
  const { settings, blindSpots } = facts;
  const outcomes = outcomesOf(facts, before);
  const [first] = outcomes;
  if (!first) return { state: before, steps: facts.steps, blindSpots };
  const state = agree(outcomes, before);
  const own = settings.filter(({ value, key }) => value !== undefined && key.endsWith("disable_ipv6"));
  const deciding = new Set(outcomes.map(({ writers }) => writers.get("nic")));
  const steps = own.map(
    (setting): Step => ({
      layer: "sysctl",
      text: `${facts.applier.name} sets ${setting.key.replaceAll("/", ".")} = ${setting.value}`,
      evidence: [setting.evidence],
      decides: deciding.has(setting.evidence),
    }),
  );
  const unsure =
    state.nic === "unknown" && before.nic !== "unknown"
      ? [
          {
            layer: "sysctl",
            text: "the network card's value depends on when it appears, on its name or on the version of the program",
            evidence: own.map(({ evidence }) => evidence),
            decisive: true,
          },
        ]
      : [];
  return { state, steps: [...facts.steps, ...steps], blindSpots: [...blindSpots, ...unsure] };
}

function outcomesDiffer(facts: SysctlFacts): boolean {
  const idle: BootState = { ...INITIAL_STATE, stack: "present", loads: "boot" };
  const byProgram = facts.applier.programs.map((program) => {
    const { nic, all, lo } = agree(
      outcomesOf({ ...facts, applier: { ...facts.applier, programs: [program] } }, idle),
      idle,
    );
    return `${nic} ${all} ${lo}`;
  });
  return new Set(byProgram).size > 1;
}

/** Every way the boot can go, as far as it is not known. */
function outcomesOf({ applier, settings, nicNames }: SysctlFacts, before: BootState): readonly Outcome[] {
  const named = new Map(before.named);
  for (const { key, pattern } of settings) {
    const iface = pattern ? undefined : confKey(key)?.iface;
    if (iface !== undefined && !["all", "default", "lo"].includes(iface))
      named.set(iface, named.get(iface) ?? before.default);
  }
  const start = { ...before, named };
  const worlds: World[] = applier.programs.flatMap((program) =>
    (program.ordered ? [program] : [program, { ...program, ordered: true }]).flatMap((one) =>
      (["before", "before, then added", "after"] as const).flatMap((nic) =>
        [true, false].flatMap((maybeIsNic) =>
          (before.loads === "boot" ? [true] : [true, false]).map((stackReady) => ({
            program: one,
            nic,
            maybeIsNic,
            stackReady,
          })),
        ),
      ),
    ),
  );
  return worlds.map((world) => replay(settings, start, world, nicNames));
}

/** What all outcomes have in common. */
function agree(outcomes: readonly Outcome[], before: BootState): BootState {
  const states = outcomes.map(({ state }) => state);
  const same = (pick: (state: BootState) => Switch | undefined): Switch => {
    const values = new Set(states.map(pick));
    const [only] = values;
    return values.size === 1 && only !== undefined ? only : "unknown";
  };
  const last = states.at(0) ?? before;
  return {
    ...last,
    all: same((state) => state.all),
    default: same((state) => state.default),
    lo: same((state) => state.lo),
    nic: same((state) => state.nic),
    named: new Map([...last.named.keys()].map((name) => [name, same((state) => state.named.get(name))])),
  };
}
