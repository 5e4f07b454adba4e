import type { OsInfo } from "../../model/image.ts";
import type { Policy, Template } from "../policy.ts";
import { cis } from "./cis.ts";
import { dualStackWithFirewall } from "./dual-stack-with-firewall.ts";
import { osExtendedDebian } from "./os-extended-debian.ts";
import { osExtendedGeneric } from "./os-extended-generic.ts";
import { osExtendedRpm } from "./os-extended-rpm.ts";
import { osExtendedWindows } from "./os-extended-windows.ts";
import { strict } from "./strict.ts";

export const templates: readonly Template[] = [
  osExtendedDebian,
  osExtendedRpm,
  osExtendedWindows,
  osExtendedGeneric,
];

/** Every policy that comes with sixray: the templates of operating systems, and those that somebody has to choose. */
export const builtIn: readonly Policy[] = [...templates, cis, strict, dualStackWithFirewall];

/** The template made for an operating system: by its own id, else by the nearest name it says it is like. */
export function templateFor(os: OsInfo): Template | undefined {
  const mine = templates.filter(({ type }) => type === os.type);
  if (os.type === "windows") return mine[0];
  for (const id of [os.id, ...os.like]) {
    const found = mine.find(({ fits }) => fits.includes(id));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The policy an image is judged by when nobody chose one. */
export function policyFor(os: OsInfo): Policy {
  return templateFor(os) ?? osExtendedGeneric;
}
