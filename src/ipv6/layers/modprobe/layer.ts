import type { BootFacts } from "../../../model/boot.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot, Step } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { isParameter, splitArguments } from "../../arguments.ts";
import { type ConfigFolders, readConfigFolders } from "../../config-folders.ts";
import { parameterValue } from "../../integer.ts";
import { kernelBuild } from "../../kernel-build.ts";
import type { BootState, Layer, LayerResult } from "../../layer.ts";
import { matchesPattern } from "../../pattern.ts";
import { type Command, parseModprobe } from "./parse.ts";

const ETC = "/etc/modprobe.d";
const OTHERS = ["/run/modprobe.d", "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"];
/** The alias by which the kernel asks for IPv6 at the first socket: net-pf-10. */
const ALIAS = "net_pf_10";
/** Commands that load nothing. */
const DOES_NOTHING = /^(\/usr)?(\/bin\/)?(true|false|:)(\s|$)/;

export interface ModprobeFacts {
  readonly commands: readonly Command[];
  readonly blindSpots: readonly BlindSpot[];
  /** `modprobe.blacklist=ipv6` on the command line. */
  readonly blacklistedByCmdline: boolean;
  /** `ipv6.PARAMETER=` on the command line, that kmod hands on last. */
  readonly cmdlineOptions: readonly { readonly name: string; readonly value: string }[];
  /** modules-load.d names ipv6: it is there before sysctl settings are written. */
  readonly loadedEarly: boolean;
}

/** What modprobe makes of a modular IPv6; without any effect on one that is built in. */
export const modprobe: Layer<ModprobeFacts> = {
  id: "modprobe",
  // A built-in IPv6 never asks modprobe; files that look as if they were about it are worth telling all the same.
  wants: ["ipv6", "IPv6", "IPV6"].map((word) => ({ path: `${ETC}/*${word}*.conf` })),
  follow(observations, boot): readonly Want[] {
    if (kernelBuild(observations, boot).build !== "module") return [];
    return [ETC, ...OTHERS, "/etc/modules-load.d", "/usr/lib/modules-load.d"].map((folder) => ({
      path: `${folder}/*.conf`,
    }));
  },
  read: readModprobe,
  effect(facts, before) {
    if (before.stack !== "present") return { state: before, steps: [], blindSpots: [] };
    return before.loads === "late" ? loadModule(facts, before) : withoutEffect(facts, before);
  },
};

function readModprobe(observations: Observations, boot: BootFacts): ModprobeFacts {
  const modular = kernelBuild(observations, boot).build === "module";
  const folders = modular ? [ETC, ...OTHERS] : [ETC];
  const rules = { layer: "modprobe", accepts: isConfName };
  const masked = readConfigFolders(observations, folders, rules);
  const through = readConfigFolders(observations, folders, { ...rules, ignoreDangling: true });
  const args = splitArguments(boot.cmdline ?? "");
  return {
    commands: commandsOf(masked),
    blindSpots: modular ? [...masked.blindSpots, ...skew(masked, through)] : [],
    blacklistedByCmdline: args.some(
      (one) => isParameter(one, "modprobe.blacklist") && (one.value ?? "").split(",").includes("ipv6"),
    ),
    cmdlineOptions: args.flatMap(({ name, value }) => {
      const [module, parameter] = name.replaceAll("-", "_").split(".");
      return module === "ipv6" && parameter && value !== undefined ? [{ name: parameter, value }] : [];
    }),
    loadedEarly: modular && namedInModulesLoad(observations),
  };
}

function isConfName(name: string): boolean {
  return name.endsWith(".conf") && !name.startsWith(".");
}

function commandsOf({ files }: ConfigFolders): readonly Command[] {
  return files
    .flatMap(parseModprobe)
    .filter(({ subject, keyword }) =>
      keyword === "install"
        ? ["ipv6", ALIAS].some((name) => matchesPattern(subject, name))
        : ["ipv6", ALIAS].includes(subject),
    );
}

/** Up to kmod 33 a link that leads nowhere masks, from 34 on it lets the next folder's file through. */
function skew(masked: ConfigFolders, through: ConfigFolders): readonly BlindSpot[] {
  const key = (commands: readonly Command[]): string => JSON.stringify(commands.map((one) => one.evidence));
  if (key(commandsOf(masked)) === key(commandsOf(through))) return [];
  const text = `${masked.dangling.join(", ")}: a link that leads nowhere; kmod 34 and earlier ones read it differently`;
  return [{ layer: "modprobe", text, evidence: [], decisive: true }];
}

function namedInModulesLoad(observations: Observations): boolean {
  const { files } = readConfigFolders(observations, ["/etc/modules-load.d", "/usr/lib/modules-load.d"], {
    layer: "modprobe",
    accepts: isConfName,
  });
  return files.some(({ lines }) => lines.some(({ text }) => text.trim() === "ipv6"));
}

function withoutEffect(facts: ModprobeFacts, state: BootState): LayerResult {
  if (facts.commands.length === 0) return { state, steps: [], blindSpots: [] };
  const text =
    "modprobe.d rules on ipv6 have no effect: IPv6 is built into the kernel, modprobe never runs for it";
  const evidence = facts.commands.map((command) => command.evidence);
  return { state, steps: [{ layer: "modprobe", text, evidence }], blindSpots: [] };
}

function loadModule(facts: ModprobeFacts, before: BootState): LayerResult {
  const { blindSpots } = facts;
  const install = facts.commands.find(
    ({ keyword, subject }) => keyword === "install" && matchesPattern(subject, "ipv6"),
  );
  if (install) return { ...installed(install, before), blindSpots };
  const blocked = facts.commands.filter(
    ({ keyword, subject, rest }) =>
      (keyword === "blacklist" && subject === "ipv6") ||
      (keyword === "alias" && subject === ALIAS && rest === "off") ||
      (keyword === "install" && subject === ALIAS),
  );
  if (blocked.length > 0 || facts.blacklistedByCmdline) {
    const text = "ipv6 is kept from being loaded on demand, but any module that depends on it still loads it";
    const evidence = blocked.map((command) => command.evidence);
    const state: BootState = { ...before, stack: "unknown" };
    const spot: BlindSpot = { layer: "modprobe", text, evidence, decisive: true };
    return { state, steps: [{ layer: "modprobe", text, evidence }], blindSpots: [...blindSpots, spot] };
  }
  return withOptions(facts, before);
}

function installed(install: Command, before: BootState): Omit<LayerResult, "blindSpots"> {
  const nothing = DOES_NOTHING.test(install.rest);
  const text = nothing
    ? `modprobe runs \`${install.rest}\` instead of loading ipv6`
    : `modprobe runs \`${install.rest}\` instead of loading ipv6; what that does is not known`;
  const stack = nothing ? "absent" : "unknown";
  return {
    state: { ...before, stack },
    steps: [{ layer: "modprobe", text, evidence: [install.evidence], decides: true }],
  };
}

/** Options add up over all files; those of the command line come last; the last value of a parameter wins. */
function withOptions(facts: ModprobeFacts, before: BootState): LayerResult {
  const options = facts.commands
    .filter(({ keyword, subject }) => keyword === "options" && subject === "ipv6")
    .flatMap((command) =>
      command.rest.split(/\s+/).map((word) => {
        const [name = "", value = ""] = word.split("=");
        return { name: name.replaceAll("-", "_"), value, evidence: [command.evidence] };
      }),
    );
  const all = [...options, ...facts.cmdlineOptions.map((one) => ({ ...one, evidence: [] }))];
  const last = (name: string): (typeof all)[number] | undefined =>
    all.findLast((one) => one.name === name && parameterValue(one.value) !== undefined);
  const steps: Step[] = [];
  let state: BootState = { ...before, loads: facts.loadedEarly ? "boot" : before.loads };
  const disable = last("disable");
  if (disable && parameterValue(disable.value) !== 0) {
    state = { ...state, stack: "disabled" };
    const text = `the module is loaded with disable=${disable.value}: the IPv6 stack does not register`;
    steps.push({ layer: "modprobe", text, evidence: disable.evidence, decides: true });
  }
  const start = last("disable_ipv6");
  if (start && parameterValue(start.value) !== 0) {
    state = { ...state, default: 1, lo: 1, nic: 1 };
    const text = `the module is loaded with disable_ipv6=${start.value}: every interface starts with it`;
    steps.push({ layer: "modprobe", text, evidence: start.evidence, decides: true });
  }
  return { state, steps, blindSpots: facts.blindSpots };
}
