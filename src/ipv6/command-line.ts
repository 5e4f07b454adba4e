import type { BootFacts } from "../model/boot.ts";
import type { Evidence } from "../model/locator.ts";
import type { Observations } from "../model/observations.ts";
import { type Argument, kernelArguments } from "./arguments.ts";
import { kernelBuild } from "./kernel-build.ts";

/** The command line as the kernel sees it. */
export interface CommandLine {
  readonly known: boolean;
  readonly why: string;
  /** Of a line that is not known: what it may be. */
  readonly mayBe: readonly (readonly Argument[])[];
  readonly arguments: readonly Argument[];
  readonly evidence: readonly Evidence[];
  readonly nicNames: readonly string[];
  readonly kernelVersion: string | undefined;
  /** Options that the kernel was built without, as far as they matter to its command line. */
  readonly unset: ReadonlySet<string>;
}

/** With what is built into the kernel. Source: init/main.c, CONFIG_CMDLINE and its like. */
export function readCommandLine(observations: Observations, boot: BootFacts): CommandLine {
  const { embedded, unset = new Set() } = kernelBuild(observations, boot);
  const why = boot.cmdlineUnknown ?? "no boot entry was found";
  const { nicNames, kernelVersion } = boot;
  const rest = { nicNames, kernelVersion, unset, mayBe: (boot.cmdlineMayBe ?? []).map(kernelArguments) };
  if (embedded?.how === "override") {
    const evidence = [embedded.evidence];
    return { known: true, why: "", arguments: kernelArguments(embedded.text), evidence, ...rest };
  }
  const known = boot.cmdline !== undefined;
  const usesEmbedded = embedded !== undefined && (embedded.how === "extend" || boot.cmdline === "");
  const text = [usesEmbedded ? embedded.text : "", boot.cmdline ?? ""].join(" ");
  const evidence = [...boot.cmdlineEvidence, ...(usesEmbedded ? [embedded.evidence] : [])];
  return { known, why, arguments: kernelArguments(text), evidence, ...rest };
}
