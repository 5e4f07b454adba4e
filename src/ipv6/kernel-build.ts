import type { BootFacts } from "../model/boot.ts";
import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import type { Want } from "../model/snapshot.ts";
import { lineEvidence, type TextFile, textFile } from "./lines.ts";

/** How IPv6 got into the kernel that boots. `none`: the image holds no kernel at all. */
export interface KernelBuild {
  readonly build: "built-in" | "module" | "absent" | "none" | "unknown";
  readonly evidence: readonly Evidence[];
  /** For `unknown`: why. */
  readonly reason?: string;
  /** Options that its .config says are not set, of those that `OPTIONS` lists. */
  readonly unset?: ReadonlySet<string>;
  /** CONFIG_CMDLINE and how it joins the boot loader's. */
  readonly embedded?: {
    readonly text: string;
    readonly how: "override" | "extend" | "default";
    readonly evidence: Evidence;
  };
}

const CONFIG_UNTIL = [["CONFIG_IPV6=", "# CONFIG_IPV6 is not set"]];
const MODULE_FOLDERS = ["/usr/lib/modules", "/lib/modules"];
/** Without KALLSYMS the kernel knows no function by name; without BOOT_CONFIG it does not look behind the initramfs. */
const OPTIONS = ["CONFIG_KALLSYMS", "CONFIG_BOOT_CONFIG"];

/** A .config lists CONFIG_CMDLINE and `OPTIONS` before CONFIG_IPV6, so that the head answers all. */
export const KERNEL_WANTS: readonly Want[] = [{ path: "/boot/config-*", until: CONFIG_UNTIL }];

/** The costlier places, when the first did not answer. */
export function followKernel(
  observations: Observations,
  boot: Pick<BootFacts, "kernelVersion">,
): readonly Want[] {
  const seen = kernelBuild(observations, boot);
  if (seen.build !== "unknown" && seen.build !== "none") return [];
  const version = boot.kernelVersion ?? "*";
  return MODULE_FOLDERS.flatMap((folder): Want[] => [
    { path: folder, what: "list" },
    { path: `${folder}/${version}/config`, until: CONFIG_UNTIL },
    { path: `${folder}/${version}/modules.builtin` },
    { path: `${folder}/${version}/modules.builtin.modinfo` },
    { path: `${folder}/${version}/kernel/net/ipv6`, what: "list" },
  ]);
}

/**
 * Decides from the kernel's own build record. Up to 7.0 a built-in IPv6 is listed in modules.builtin; from 7.1
 * on only its parameters are, in modules.builtin.modinfo. When the version is not known, all kernels must agree.
 */
export function kernelBuild(observations: Observations, boot: Pick<BootFacts, "kernelVersion">): KernelBuild {
  const versions = boot.kernelVersion === undefined ? versionsIn(observations) : [boot.kernelVersion];
  if (versions === undefined)
    return { build: "unknown", evidence: [], reason: "the kernels could not be listed" };
  const builds = versions.map((version) => buildOf(observations, version));
  const [first] = builds;
  if (!first) return { build: "none", evidence: [] };
  // Where the kernels differ in those options, what needs one of them may be without effect.
  const unset = new Set(builds.flatMap((one) => [...(one.unset ?? [])]));
  if (builds.every(({ build }) => build === first.build))
    return unset.size === (first.unset?.size ?? 0) ? first : { ...first, unset };
  return {
    build: "unknown",
    evidence: builds.flatMap(({ evidence }) => evidence),
    reason: "it is not known which kernel boots, and the kernels here differ",
  };
}

/** Undefined when a folder could not be listed. */
function versionsIn(observations: Observations): readonly string[] | undefined {
  const found = new Set<string>();
  const boot = observations.list("/boot");
  if (boot.state === "unreadable") return undefined;
  for (const { name } of boot.state === "found" ? boot.value : [])
    if (name.startsWith("config-")) found.add(name.slice("config-".length));
  for (const folder of MODULE_FOLDERS) {
    const listed = observations.list(folder);
    for (const { name } of listed.state === "found" ? listed.value : []) found.add(name);
  }
  return [...found];
}

function buildOf(observations: Observations, version: string): KernelBuild {
  const configs = ["/boot/config-", ...MODULE_FOLDERS.map((folder) => `${folder}/`)].map((start) =>
    start.endsWith("-") ? `${start}${version}` : `${start}${version}/config`,
  );
  for (const path of configs) {
    const found = fromConfig(textFile(observations, path));
    if (found) return found;
  }
  const broken: string[] = [];
  for (const folder of MODULE_FOLDERS) {
    const found = fromModules(observations, `${folder}/${version}`, broken);
    if (found) return found;
  }
  const reason = broken[0] ?? `nothing tells how IPv6 was built into kernel ${version}`;
  return { build: "unknown", evidence: [], reason };
}

/** A configuration has thousands of lines, and several layers ask. */
const told = new WeakMap<object, KernelBuild>();

function fromConfig(file: TextFile): KernelBuild | undefined {
  if (file.state !== "found") return undefined;
  const known = told.get(file.lines);
  if (known) return known;
  const build = buildInConfig(file);
  if (build) told.set(file.lines, build);
  return build;
}

function buildInConfig(file: Extract<TextFile, { state: "found" }>): KernelBuild | undefined {
  const line = file.lines.find(({ text }) => /^(CONFIG_IPV6=|# CONFIG_IPV6 is not set)/.test(text));
  if (!line) return undefined;
  const value = /^CONFIG_IPV6=(.)/.exec(line.text)?.[1];
  return {
    build: value === "y" ? "built-in" : value === "m" ? "module" : "absent",
    evidence: [lineEvidence(file.locator, line)],
    unset: new Set(OPTIONS.filter((one) => file.lines.some(({ text }) => text === `# ${one} is not set`))),
    ...embeddedIn(file),
  };
}

function embeddedIn(file: Extract<TextFile, { state: "found" }>): Pick<KernelBuild, "embedded"> {
  const line = file.lines.find(({ text }) => text.startsWith('CONFIG_CMDLINE="'));
  const text = /^CONFIG_CMDLINE="(.*)"$/.exec(line?.text ?? "")?.[1]?.replace(/\\(.)/g, "$1");
  if (!line || !text) return {};
  const set = (option: string): boolean => file.lines.some((one) => one.text === `${option}=y`);
  const how =
    set("CONFIG_CMDLINE_OVERRIDE") || set("CONFIG_CMDLINE_FORCE")
      ? "override"
      : set("CONFIG_CMDLINE_BOOL") || set("CONFIG_CMDLINE_EXTEND")
        ? "extend"
        : "default";
  return { embedded: { text, how, evidence: lineEvidence(file.locator, line) } };
}

function fromModules(observations: Observations, folder: string, broken: string[]): KernelBuild | undefined {
  const builtin = textFile(observations, `${folder}/modules.builtin`);
  const modinfo = textFile(observations, `${folder}/modules.builtin.modinfo`, /\0/);
  const modules = observations.list(`${folder}/kernel/net/ipv6`);
  for (const [file, wanted] of [
    [builtin, /(^|\/)net\/ipv6\/ipv6\.ko$/],
    [modinfo, /^ipv6\.parm=/],
  ] as const) {
    const line = file.state === "found" ? file.lines.find(({ text }) => wanted.test(text)) : undefined;
    if (line) return { build: "built-in", evidence: [lineEvidence(file.locator, line)] };
    if (file.state === "unreadable" && file.reason !== "was not extracted") broken.push(file.reason);
  }
  const module =
    modules.state === "found" ? modules.value.find(({ name }) => /^ipv6\.ko(\.|$)/.test(name)) : undefined;
  return module
    ? { build: "module", evidence: [{ locator: `${modules.locator}/${module.name}` }] }
    : undefined;
}
