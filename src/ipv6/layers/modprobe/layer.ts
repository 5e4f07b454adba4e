import type { BootFacts } from "../../../model/boot.ts";
import type { Evidence } from "../../../model/locator.ts";
import type { Observations } from "../../../model/observations.ts";
import type { BlindSpot } from "../../../model/prediction.ts";
import type { Want } from "../../../model/snapshot.ts";
import { readConfigFolders } from "../../config-folders.ts";
import { initOf } from "../../init.ts";
import { kernelBuild } from "../../kernel-build.ts";
import type { BootState, Layer, LayerResult } from "../../layer.ts";
import { loadModule, type ModuleFate } from "./loading.ts";
import type { Command } from "./parse.ts";
import { ETC, FOLDERS, MODPROBE, readingsOf, VERSION_WANTS } from "./places.ts";

const LOAD_FOLDERS = [
  "/etc/modules-load.d",
  "/run/modules-load.d",
  "/usr/lib/modules-load.d",
  "/lib/modules-load.d",
];

export interface ModprobeFacts {
  /** What becomes of a modular IPv6; one for each version of kmod that it may be. */
  readonly fates: readonly ModuleFate[];
  /** Lines in /etc/modprobe.d that look as if they were about IPv6. */
  readonly mentions: readonly Command[];
  readonly blindSpots: readonly BlindSpot[];
}

/** What modprobe makes of a modular IPv6; without any effect on one that is built in. */
export const modprobe: Layer<ModprobeFacts> = {
  id: "modprobe",
  // A built-in IPv6 never asks modprobe; files that look as if they were about it are worth telling all the same.
  wants: ["ipv6", "IPv6", "IPV6"].map((word) => ({ path: `${ETC}/*${word}*.conf` })),
  follow(observations, boot): readonly Want[] {
    if (kernelBuild(observations, boot).build !== "module") return [];
    const wants: Want[] = [...FOLDERS, ...LOAD_FOLDERS].flatMap((folder) =>
      ["*.conf", "*.alias"].map((name) => ({ path: `${folder}/${name}` })),
    );
    wants.push({ path: "/lib", what: "names" }, { path: "/etc/modules" }, { path: "/etc/os-release" });
    if (initOf(observations) !== "systemd") wants.push({ path: MODPROBE, what: "names" });
    const { fates } = readModprobe(observations, boot);
    return new Set(fates.map((fate) => JSON.stringify(fate))).size > 1 ? [...wants, ...VERSION_WANTS] : wants;
  },
  read: readModprobe,
  effect(facts, before) {
    if (before.stack !== "present") return { state: before, steps: [], blindSpots: [] };
    return before.loads === "late" ? withFates(facts, before) : withoutEffect(facts, before);
  },
};

function readModprobe(observations: Observations, boot: BootFacts): ModprobeFacts {
  const readings = readingsOf(observations, boot.cmdline ?? "");
  const mentions = (readings[0]?.commands ?? []).filter(
    ({ subject, rest, evidence }) =>
      evidence !== undefined && (["ipv6", "net_pf_10"].includes(subject) || rest === "ipv6"),
  );
  if (kernelBuild(observations, boot).build !== "module") return { fates: [], mentions, blindSpots: [] };
  const isSystemd = initOf(observations) === "systemd";
  const early = isSystemd || isNamedEarly(observations);
  return {
    fates: readings.map(({ commands }) => loadModule(commands, early)),
    mentions,
    blindSpots: readings[0]?.blindSpots ?? [],
  };
}

/** modules-load.d(5) and Debian's /etc/modules. */
function isNamedEarly(observations: Observations): boolean {
  const { files } = readConfigFolders(observations, LOAD_FOLDERS, {
    layer: "modprobe",
    accepts: (name) => name.endsWith(".conf") && !name.startsWith("."),
  });
  const modules = observations.file("/etc/modules");
  const own = modules.state === "found" ? new TextDecoder().decode(modules.value.bytes).split("\n") : [];
  const lines = [...files.flatMap((file) => file.lines.map(({ text }) => text)), ...own];
  return lines.some((text) => text.trim().split(/\s/)[0] === "ipv6");
}

function withoutEffect({ mentions }: ModprobeFacts, state: BootState): LayerResult {
  if (mentions.length === 0) return { state, steps: [], blindSpots: [] };
  const text =
    "modprobe.d rules on ipv6 have no effect: IPv6 is built into the kernel, modprobe never runs for it";
  return { state, steps: [{ layer: "modprobe", text, evidence: evidenceOf(mentions) }], blindSpots: [] };
}

function withFates({ fates, blindSpots }: ModprobeFacts, before: BootState): LayerResult {
  const [first] = fates;
  if (!first) return { state: before, steps: [], blindSpots };
  const same = fates.every((fate) => JSON.stringify(fate) === JSON.stringify(first));
  if (!same) {
    const text = "what modprobe does with ipv6 depends on the version of kmod, which the image does not show";
    const spot: BlindSpot = { layer: "modprobe", text, evidence: [], decisive: true };
    return { state: { ...before, stack: "unknown" }, steps: [], blindSpots: [...blindSpots, spot] };
  }
  const { text, because, stack, loads, disableIpv6, autoconf } = first;
  const evidence = evidenceOf(because);
  const off = disableIpv6 !== undefined && disableIpv6 !== 0;
  const state: BootState = {
    ...before,
    stack,
    loads,
    ...(off ? { default: 1, lo: 1, nic: 1 } : {}),
    ...(autoconf === undefined ? {} : { autoconf }),
  };
  const spots: readonly BlindSpot[] =
    stack === "unknown" ? [{ layer: "modprobe", text, evidence, decisive: true }] : [];
  const decides = stack !== "present" || off;
  // dracut's systemd loads ipv6 in the initramfs, by the copy of modprobe.d that was made with it.
  const copy: readonly BlindSpot[] = decides && evidence.length > 0 ? [COPY] : [];
  return {
    state,
    steps: [{ layer: "modprobe", text, evidence, ...(decides ? { decides } : {}) }],
    blindSpots: [...blindSpots, ...spots, ...copy],
  };
}

const COPY: BlindSpot = {
  layer: "modprobe",
  text: "the initramfs may hold an older copy of modprobe.d, which is not read",
  evidence: [],
  decisive: false,
};

function evidenceOf(commands: readonly Command[]): readonly Evidence[] {
  return commands.flatMap(({ evidence }) => (evidence ? [evidence] : []));
}
