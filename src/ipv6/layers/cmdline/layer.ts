import type { BlindSpot, Step } from "../../../model/prediction.ts";
import { isParameter } from "../../arguments.ts";
import { type CommandLine, readCommandLine } from "../../command-line.ts";
import { writeEarly } from "../../conf.ts";
import { parameterValue, sysctlValue } from "../../integer.ts";
import { KERNEL_WANTS } from "../../kernel-build.ts";
import type { BootState, Layer, LayerResult, Switch } from "../../layer.ts";

/** What the kernel itself does with its command line. Source: net/ipv6/af_inet6.c, fs/proc/proc_sysctl.c. */
export const cmdline: Layer<CommandLine> = {
  id: "cmdline",
  wants: KERNEL_WANTS,
  read: readCommandLine,
  effect(line, before) {
    const result = applyAll(line, before);
    const added = bootconfig(line);
    return line.known
      ? { ...result, steps: [...result.steps, ...added.steps], unlessOff: added.spots }
      : { ...unknownLine(line, before, result), steps: [...result.steps, ...added.steps] };
  },
};

function applyAll(line: CommandLine, before: BootState): LayerResult {
  let result: LayerResult = { state: before, steps: [], blindSpots: [] };
  for (const apply of [disable, startValues, blacklisted, sysctls]) {
    const { state, steps, blindSpots } = apply(line, result.state);
    result = {
      state,
      steps: [...result.steps, ...steps],
      blindSpots: [...result.blindSpots, ...blindSpots],
    };
  }
  return result;
}

/**
 * A line that is not known can only add to "off": what it sets to 0 is 0 anyway, and sysctl.d comes later. It counts
 * where one of those that it may be switches IPv6 off.
 */
function unknownLine(line: CommandLine, before: BootState, known: LayerResult): LayerResult {
  const spot: BlindSpot = {
    layer: "cmdline",
    text: `the kernel command line is not known: ${line.why}`,
    evidence: [],
    decisive: false,
  };
  const { state } = known;
  const others = line.mayBe.map(
    (words) => applyAll({ ...line, arguments: [...line.arguments, ...words] }, before).state,
  );
  if (others.some(({ stack }) => stack !== state.stack)) return { ...known, unlessOff: [spot] };
  const either = (pick: (one: BootState) => Switch): Switch =>
    others.every((one) => pick(one) === pick(state)) ? pick(state) : "unknown";
  const nic = either((one) => one.nic);
  const open: BootState = {
    ...state,
    all: either((one) => one.all),
    default: either((one) => one.default),
    lo: either((one) => one.lo),
    nic,
  };
  return nic === state.nic
    ? { ...known, state: open, blindSpots: [...known.blindSpots, spot] }
    : { ...known, state: open, doubt: { ...spot, decisive: true } };
}

/**
 * `bootconfig` adds what the initramfs carries at its end, in front of the line; that is not read. Source: init/main.c,
 * setup_boot_config; since 5.6.
 */
function bootconfig(line: CommandLine): {
  readonly steps: readonly Step[];
  readonly spots: readonly BlindSpot[];
} {
  if (!line.arguments.some((one) => one.name === "bootconfig")) return { steps: [], spots: [] };
  if (line.unset.has("CONFIG_BOOT_CONFIG")) {
    const text = "bootconfig has no effect: the kernel was built without CONFIG_BOOT_CONFIG";
    return { steps: [{ layer: "cmdline", text, evidence: line.evidence }], spots: [] };
  }
  const text =
    "bootconfig on the kernel command line: the initramfs can carry more arguments, which are not read";
  return { steps: [], spots: [{ layer: "cmdline", text, evidence: line.evidence, decisive: true }] };
}

function disable(line: CommandLine, state: BootState): LayerResult {
  const value = lastValue(line, "ipv6.disable");
  // A module gets its parameters from modprobe.
  if (value === undefined || value === 0 || state.stack === "absent" || state.loads === "late")
    return { state, steps: [], blindSpots: [] };
  const text = "ipv6.disable on the kernel command line keeps the IPv6 stack from registering";
  const step: Step = { layer: "cmdline", text, evidence: line.evidence, decides: true };
  return { state: { ...state, stack: "disabled" }, steps: [step], blindSpots: [] };
}

/** ipv6.disable_ipv6 is the start value of `default`; every interface copies it, `all` stays 0. */
function startValues(line: CommandLine, state: BootState): LayerResult {
  if (state.loads === "late") return { state, steps: [], blindSpots: [] };
  const steps: Step[] = [];
  let next = state;
  const off = lastValue(line, "ipv6.disable_ipv6");
  if (off !== undefined && off !== 0) {
    next = { ...next, default: 1, lo: 1, nic: 1 };
    const text = "ipv6.disable_ipv6 starts every interface with disable_ipv6 = 1 (all goes on reading 0)";
    steps.push({ layer: "cmdline", text, evidence: line.evidence, decides: true });
  }
  const autoconf = lastValue(line, "ipv6.autoconf");
  if (autoconf !== undefined) {
    next = { ...next, autoconf };
    const text = `ipv6.autoconf = ${autoconf}: it only limits addresses, IPv6 stays as it is`;
    steps.push({ layer: "cmdline", text, evidence: line.evidence });
  }
  return { state: next, steps, blindSpots: [] };
}

/**
 * Settings that keep built-in or modular code from starting. Source: init/main.c, initcall_blacklisted, which
 * do_init_module comes to as well; that a module then fails to load was tried with 6.1.
 */
function blacklisted(line: CommandLine, state: BootState): LayerResult {
  const values = (name: string): readonly string[] =>
    line.arguments.filter((one) => isParameter(one, name)).map(({ value }) => value ?? "");
  const lists = (value: string | undefined, wanted: string): boolean =>
    value?.split(",").includes(wanted) ?? false;
  // The last module_blacklist= counts; initcall_blacklist= adds up.
  const byModule = state.loads === "late" && lists(values("module_blacklist").at(-1), "ipv6");
  const byInitcall = values("initcall_blacklist").some((value) => lists(value, "inet6_init"));
  if ((!byModule && !byInitcall) || state.stack === "absent") return { state, steps: [], blindSpots: [] };
  if (!byModule && line.unset.has("CONFIG_KALLSYMS")) {
    const text =
      "initcall_blacklist=inet6_init has no effect: the kernel was built without CONFIG_KALLSYMS, which it needs";
    return { state, steps: [{ layer: "cmdline", text, evidence: line.evidence }], blindSpots: [] };
  }
  const text = `${byModule ? "module_blacklist=ipv6" : "initcall_blacklist=inet6_init"} keeps IPv6 from starting`;
  const step: Step = { layer: "cmdline", text, evidence: line.evidence, decides: true };
  return { state: { ...state, stack: "absent" }, steps: [step], blindSpots: [] };
}

const SYSCTL = /^sysctl\.net\.ipv6\.conf\.([^.]+)\.disable_ipv6$/;

/** sysctl.KEY=VALUE is written before init starts, and only where the key is there: not for a module. */
function sysctls(line: CommandLine, before: BootState): LayerResult {
  const steps: Step[] = [];
  const blindSpots: BlindSpot[] = [];
  let state = before;
  for (const { name, value } of line.arguments) {
    const iface = SYSCTL.exec(name.replaceAll("/", "."))?.[1];
    const number = sysctlValue(value ?? "");
    if (iface === undefined || number === undefined || state.loads !== "boot") continue;
    const taken = takesSysctls(line.kernelVersion);
    if (taken === "unknown") {
      const text = `whether kernel ${line.kernelVersion} takes ${name} on its command line is not known`;
      blindSpots.push({ layer: "cmdline", text, evidence: line.evidence, decisive: true });
      continue;
    }
    if (taken === "no") {
      const text = `${name} has no effect: kernels before 5.8 know no sysctl arguments`;
      steps.push({ layer: "cmdline", text, evidence: line.evidence });
      continue;
    }
    state = writeEarly(state, iface, number === 0 ? 0 : 1, line.nicNames);
    const text = `${name} on the kernel command line sets ${iface} to ${number}`;
    steps.push({ layer: "cmdline", text, evidence: line.evidence, decides: iface !== "lo" });
  }
  return { state, steps, blindSpots };
}

/** From 5.8 on. Red Hat's 4.18 carries much that is newer: what of this, its release notes do not tell. */
function takesSysctls(version: string | undefined): "yes" | "no" | "unknown" {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  if (major === undefined || minor === undefined) return "yes";
  if (/^4\.18\.0-.*\.el8/.test(version ?? "")) return "unknown";
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 8) ? "yes" : "no";
}

/** The value that holds: the last that the kernel accepts. */
function lastValue(line: CommandLine, name: string): number | undefined {
  const values = line.arguments
    .filter((one) => isParameter(one, name))
    .map(({ value }) => (value === undefined ? undefined : parameterValue(value)));
  return values.findLast((value) => value !== undefined);
}
