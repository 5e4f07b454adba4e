import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { SPLIT_SYSCTL_FOLDER, SYSCTL_CONF, SYSCTL_FOLDERS } from "../../../model/sysctl-folders.ts";
import { splitArguments } from "../../arguments.ts";
import { isNic } from "../../conf.ts";
import { type BootState, INITIAL_STATE, type Layer, type LayerResult, type Switch } from "../../layer.ts";
import { textFile } from "../../lines.ts";
import { isSplit } from "../../split-usr.ts";
import { OWN_UNITS } from "../../unit-folders.ts";
import { PROCPS_WANTS, SYSTEMD_WANTS } from "../../versions.ts";
import { confKey, lineEndOf, parseLines, type Setting } from "./parse.ts";
import { placesOf } from "./places.ts";
import { APPLIER_WANTS, type Applier, applierOf } from "./programs.ts";
import { type Outcome, type Program, replay, type World } from "./replay.ts";
import { dropInFolders, type Service, serviceOf, startWants } from "./service.ts";

const CREDENTIALS = "/etc/credstore";

export interface SysctlFacts extends Service {
  readonly applier: Applier;
  /** What each program that it may be would read: its settings about our keys, file by file. */
  readonly runs: readonly Run[];
  readonly blindSpots: readonly BlindSpot[];
  readonly steps: readonly Step[];
  /** Names the NIC has, where the image says so. */
  readonly nicNames: readonly string[];
}

interface Run {
  readonly program: Program;
  readonly files: readonly (readonly Setting[])[];
}

/** What systemd-sysctl (or procps, or OpenRC) writes at boot. */
export const sysctl: Layer<SysctlFacts> = {
  id: "sysctl",
  wants: [
    { path: SYSCTL_CONF },
    ...SYSCTL_FOLDERS.map((folder) => ({ path: `${folder}/*.conf` })),
    { path: "/lib", what: "names" },
    { path: "/etc/os-release" },
    { path: CREDENTIALS, what: "list" },
  ],
  follow(observations, boot): readonly Want[] {
    const { name, service = "" } = applierOf(observations);
    const wants: Want[] = isSplit(observations) ? [{ path: `${SPLIT_SYSCTL_FOLDER}/*.conf` }] : [];
    const units = observations.list(OWN_UNITS);
    if (units.state === "found" && units.value.some((one) => service.endsWith(`/${one.name}`)))
      wants.push({ path: service });
    wants.push(...dropInFolders(observations, service).map((folder) => ({ path: `${folder}/*.conf` })));
    // procps also reads what a shell's * leaves out.
    if (name === "sysctl --system")
      wants.push(...[...SYSCTL_FOLDERS, SPLIT_SYSCTL_FOLDER].map((folder) => ({ path: `${folder}/.*conf` })));
    if (name === "OpenRC") wants.push(...APPLIER_WANTS);
    // The version is worth a look only where it makes a difference.
    const facts = readSysctl(observations, boot);
    if (facts.runs.some(({ files }) => files.some((settings) => settings.length > 0)))
      wants.push(...startWants(observations, facts.applier));
    if (facts.runs.length > 1 && runsDiffer(facts))
      wants.push(...(name === "systemd-sysctl" ? SYSTEMD_WANTS : PROCPS_WANTS));
    return wants;
  },
  read: readSysctl,
  effect(facts, before) {
    if (before.stack === "absent" || before.stack === "disabled")
      return { state: before, steps: [], blindSpots: [] };
    if (facts.idle !== undefined)
      return {
        state: before,
        steps: [{ layer: "sysctl", text: facts.idle, evidence: [] }],
        blindSpots: [],
      };
    const applied = applySettings(facts, before);
    const result = facts.onlyByUdev === undefined ? applied : byUdev(applied, before, facts.onlyByUdev);
    const [evidence] = facts.changed;
    if (!evidence) return result;
    const state = perhaps(before, result.state);
    if (state.nic === before.nic) return { ...result, state };
    const text =
      "the image changes systemd-sysctl.service, or it could not be read: whether it applies the settings is not followed";
    const spot: BlindSpot = { layer: "sysctl", text, evidence: [evidence], decisive: true };
    return { ...result, state, blindSpots: [...result.blindSpots, spot] };
  },
};

/** The settings are applied, or not; of the card a blind spot tells. */
function perhaps(before: BootState, after: BootState): BootState {
  const either = (one: Switch, other: Switch): Switch => (one === other ? one : "unknown");
  return {
    ...after,
    all: either(before.all, after.all),
    default: either(before.default, after.default),
    lo: either(before.lo, after.lo),
  };
}

/**
 * A first guess, from what was seen so far: a file that switches IPv6 off, whatever the others say, or the name of
 * one that may.
 */
export function mayEndOff(observations: Observations): boolean {
  const paths = SYSCTL_FOLDERS.flatMap((folder) => {
    const listed = observations.list(folder);
    return listed.state === "found" ? listed.value.map(({ name }) => `${folder}/${name}`) : [];
  });
  return paths.some((path) => {
    if (OFF_BY_NAME.test(path)) return true;
    const file = textFile(observations, path);
    return file.state === "found" && file.lines.some(({ text }) => OFF.test(text));
  });
}

/** Ubuntu's 10-ipv6-privacy.conf is about temporary addresses. */
const OFF_BY_NAME = /ipv6(?!-privacy)[^/]*\.conf$/i;
const OFF = /^[^#;]*disable_ipv6\s*=\s*1/;

function readSysctl(observations: Observations, boot: BootFacts): SysctlFacts {
  const applier = applierOf(observations);
  const read = applier.programs.map((program) => ({ program, ...placesOf(observations, program) }));
  const steps = [...(read[0]?.steps ?? [])];
  if (applier.name === "systemd-sysctl") {
    const conf = textFile(observations, SYSCTL_CONF, lineEndOf("systemd"));
    const isRead = read.some(({ files }) => files.some(({ locator }) => locator === conf.locator));
    const idle = conf.state === "found" && !isRead && parseLines(conf, "systemd").some(isOurs);
    const text = `${SYSCTL_CONF} is not read: systemd-sysctl reads it through a link in sysctl.d only, and there is none`;
    if (idle) steps.push({ layer: "sysctl", text, evidence: [] });
  }
  const runs = read.map(({ program, files }) => ({
    program,
    files: files.map((file) => parseLines(file, program.dialect).filter(isOurs)),
  }));
  return {
    applier,
    runs: runs.map(({ program, files }) => ({ program, files: isTooMuch(files) ? [] : files })),
    blindSpots: [
      ...(read[0]?.blindSpots ?? []),
      ...credentials(boot),
      ...storedCredentials(observations, applier),
      ...tooMuch(runs),
    ],
    steps,
    nicNames: boot.nicNames,
    ...serviceOf(observations, boot, applier),
  };
}

/** What udev has left of it: `systemd-sysctl --prefix` by 99-systemd.rules, for each card that comes. */
function byUdev(applied: LayerResult, before: BootState, why: string): LayerResult {
  const isMoved = applied.state.nic !== before.nic;
  const text = isMoved
    ? `${why}: of sysctl.d, only what is about a card is applied, by udev`
    : `${why}: no file of sysctl.d is applied`;
  const step: Step = { layer: "sysctl", text, evidence: [] };
  return { ...applied, steps: isMoved ? [...applied.steps, step] : [step] };
}

/** The credential sysctl.extra comes last of all. Source: systemd-sysctl.service(8), systemd 252. */
function credentials({ cmdline = "", cmdlineEvidence }: BootFacts): readonly BlindSpot[] {
  const given = splitArguments(cmdline).some(
    ({ name, value }) => name.startsWith("systemd.set_credential") && value?.startsWith("sysctl.extra:"),
  );
  const text = "a credential on the kernel command line adds sysctl settings, which are not read";
  return given ? [{ layer: "sysctl", text, evidence: cmdlineEvidence, decisive: true }] : [];
}

/** The service takes sysctl.extra from there, too. Source: systemd.exec(5), ImportCredential. */
function storedCredentials(observations: Observations, { name }: Applier): readonly BlindSpot[] {
  const listed = observations.list(CREDENTIALS);
  if (listed.state !== "found" || name !== "systemd-sysctl") return [];
  const found = listed.value.some((one) => one.name === "sysctl.extra");
  const text = `${CREDENTIALS}/sysctl.extra adds sysctl settings from systemd 252 on, which are not read`;
  const evidence = [{ locator: `${listed.locator}/sysctl.extra` }];
  return found ? [{ layer: "sysctl", text, evidence, decisive: true }] : [];
}

/** An image's settings are played through for every way the boot can go: there has to be an end to that. */
const SETTINGS_MAX = 250;

function isTooMuch(files: Run["files"]): boolean {
  const all = files.flat();
  return all.length > SETTINGS_MAX || all.some(({ patterns }) => patterns?.length === 0);
}

function tooMuch(runs: readonly Run[]): readonly BlindSpot[] {
  const run = runs.find(({ files }) => isTooMuch(files));
  if (!run) return [];
  const text = `more than ${SETTINGS_MAX} settings of IPv6, or one with too many alternatives: they are not followed`;
  const evidence = run.files.flatMap(([first]) => (first ? [first.evidence] : []));
  return [{ layer: "sysctl", text, evidence, decisive: true }];
}

/** Our keys, and every pattern that may reach them. */
function isOurs({ key, value, patterns }: Setting): boolean {
  if (!patterns) return confKey(key) !== undefined;
  // What excludes may match across slashes.
  return patterns.length === 0 || value === undefined || patterns.some((one) => one.split("/").length === 5);
}

function applySettings(facts: SysctlFacts, before: BootState): LayerResult {
  const { runs, blindSpots, applier } = facts;
  const outcomes = outcomesOf(facts, before);
  const [first] = outcomes;
  if (!first) return { state: before, steps: facts.steps, blindSpots };
  const common = agree(outcomes, before);
  const state: BootState = {
    ...common,
    onAdd: onAddOf(facts, before),
    named: cardsByName(facts, common, before),
  };
  const settings = runs[0]?.files.flat() ?? [];
  const own = settings.filter(({ value, key }) => value !== undefined && key.endsWith("disable_ipv6"));
  const deciding = new Set(outcomes.map(({ writers }) => writers.get("nic")));
  const steps = own.map(
    (setting): Step => ({
      layer: "sysctl",
      text: `${applier.name} sets ${setting.key.replaceAll("/", ".")} = ${setting.value}`,
      evidence: [setting.evidence],
      decides: [...deciding].some((one) => sameLine(one, setting.evidence)),
    }),
  );
  if (state.nic !== "unknown" || before.nic === "unknown")
    return { state, steps: [...facts.steps, ...steps], blindSpots };
  const text =
    "the network card's value depends on when it appears, on its name or on the version of the program";
  const evidence = own.map((one) => one.evidence);
  const doubt: BlindSpot = { layer: "sysctl", text, evidence, decisive: true };
  return { state, steps: [...facts.steps, ...steps], blindSpots, doubt };
}

/** The card's own settings, which come with it whenever that is: what it had before makes no difference. */
function onAddOf({ runs, nicNames }: SysctlFacts, before: BootState): Switch | undefined {
  const world = { nic: "before, then added", maybeIsNic: true, stackReady: false } as const;
  const values = runs.flatMap(({ program, files }) =>
    ([0, 1] as const).map(
      (nic) => replay(files, { ...before, nic }, { ...world, program }, nicNames).state.nic,
    ),
  );
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}

/** Each program that it may be has read the line for itself. */
function sameLine(a: Evidence | undefined, b: Evidence): boolean {
  return a?.locator === b.locator && a.line === b.line;
}

/** On a machine with nothing else set, the programs that it may be do not leave the same. */
function runsDiffer(facts: SysctlFacts): boolean {
  const idle: BootState = { ...INITIAL_STATE, stack: "present", loads: "boot" };
  const left = facts.runs.map((run) => {
    const outcomes = outcomesOf({ ...facts, runs: [run] }, idle);
    return JSON.stringify(outcomes.map(({ state: { named, ...fixed } }) => [fixed, [...named]]));
  });
  return new Set(left).size > 1;
}

/** Every way the boot can go, as far as it is not known. */
function outcomesOf(facts: SysctlFacts, before: BootState): readonly Outcome[] {
  const { runs, nicNames, onlyByUdev, udevMayNot } = facts;
  const worlds = WORLDS.filter(({ stackReady, nic }) =>
    onlyByUdev === undefined ? stackReady || before.loads !== "boot" : !stackReady && nic !== "before",
  );
  return runs.flatMap(({ program, files }) => {
    const start = { ...before, named: namedBy(files.flat(), before) };
    const programs = udevMayNot ? [program, { ...program, reappliesOnAdd: false }] : [program];
    return programs.flatMap((one) =>
      worlds.map((world) => replay(files, start, { ...world, program: one }, nicNames)),
    );
  });
}

const WORLDS: readonly Omit<World, "program">[] = (
  ["before", "before, then added", "after"] as const
).flatMap((nic) =>
  [true, false].flatMap((maybeIsNic) => [true, false].map((stackReady) => ({ nic, maybeIsNic, stackReady }))),
);

function namedBy(settings: readonly Setting[], before: BootState): BootState["named"] {
  const named = new Map(before.named);
  for (const { key, patterns } of settings) {
    const iface = patterns ? undefined : confKey(key)?.iface;
    if (iface !== undefined && !["all", "default", "lo"].includes(iface))
      named.set(iface, named.get(iface) ?? before.default);
  }
  return named;
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

/** What a card of that name ends with: the same settings, for a machine of which its name is known. */
function cardsByName(facts: SysctlFacts, state: BootState, before: BootState): BootState["named"] {
  const cards = [...state.named.keys()].filter((name) => isNic(name, facts.nicNames) !== "no");
  const values = cards.map((name): readonly [string, Switch] => [
    name,
    agree(outcomesOf({ ...facts, nicNames: [name] }, before), before).nic,
  ]);
  return new Map([...state.named, ...values]);
}
