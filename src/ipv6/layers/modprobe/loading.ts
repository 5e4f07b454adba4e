import { kernelArguments } from "../../arguments.ts";
import { parameterValue } from "../../integer.ts";
import type { BootState } from "../../layer.ts";
import { type Action, type Modules, modprobe, type Request } from "./kmod.ts";
import type { Command } from "./parse.ts";

/** What becomes of IPv6 when it is a module. */
export interface ModuleFate {
  readonly stack: BootState["stack"];
  readonly loads: BootState["loads"];
  readonly text: string;
  readonly because: readonly Command[];
  /** Parameters that it is loaded with. */
  readonly disableIpv6?: number;
  readonly autoconf?: number;
}

/** What is known of any kernel's modules: ipv6, and the alias by which the kernel asks for it at the first socket. */
const MODULES: Modules = new Map([["ipv6", { depends: [], aliases: ["net_pf_10"] }]]);

/**
 * `early`: somebody loads ipv6 by name before sysctl settings are written: systemd does so when it starts (source:
 * src/core/kmod-setup.c, with the blacklist), or modules-load.d. Else it comes with the first socket, by its alias.
 */
export function loadModule(all: readonly Command[], early: boolean): ModuleFate {
  const commands = all.filter(({ keyword, subject }) => keyword !== "blacklist" || subject === "ipv6");
  if (isTooMuch(commands)) return unknownFate("modprobe.d has more rules than are followed", []);
  const byName = early ? modprobe(commands, MODULES, "ipv6", true) : undefined;
  const byAlias = modprobe(commands, MODULES, "net-pf-10", false);
  const tried = [
    ...(byName ? [{ request: byName, loads: "boot" as const }] : []),
    { request: byAlias, loads: "late" as const },
  ];
  const skipped: Command[] = [];
  for (const { request, loads } of tried) {
    const soft = unresolved(commands, request);
    if (soft) return unknownFate("soft dependencies of ipv6 may make kmod overlook its install line", [soft]);
    for (const action of request.actions) {
      if (action.kind === "insmod" && action.module === "ipv6") return loaded(action, loads);
      if (action.kind === "install" && !doesNothing(action.text)) {
        const text = `modprobe runs \`${action.text}\` instead of loading ipv6; what that does is not known`;
        return unknownFate(text, action.because);
      }
      skipped.push(...action.because);
    }
    skipped.push(...request.blockedBy);
  }
  const install = modprobe(commands, MODULES, "ipv6", false).actions[0];
  if (install?.kind === "install" && doesNothing(install.text)) {
    const text = `modprobe runs \`${install.text}\` instead of loading ipv6`;
    return { stack: "absent", loads: "unknown", text, because: install.because };
  }
  return unknownFate(
    "ipv6 is kept from being loaded on demand, but any module that depends on it still loads it",
    [...new Set(skipped)],
  );
}

/** Rules lead to rules: there has to be an end to that. */
const RULES_MAX = 500;
const SOFTDEPS_MAX = 20_000;

function isTooMuch(commands: readonly Command[]): boolean {
  const soft = commands.filter(({ keyword }) => keyword === "softdep");
  const rules = commands.filter(({ keyword, subject }) => keyword !== "options" || subject === "ipv6");
  return rules.length > RULES_MAX || soft.reduce((sum, { rest }) => sum + rest.length, 0) > SOFTDEPS_MAX;
}

function unknownFate(text: string, because: readonly Command[]): ModuleFate {
  return { stack: "unknown", loads: "unknown", text, because };
}

/** A softdep line on ipv6 whose modules may be there, which would undo the `install` line that seems to hold. */
function unresolved(commands: readonly Command[], { actions }: Request): Command | undefined {
  const isInstalled = actions.some(({ kind, module }) => kind === "install" && module === "ipv6");
  if (!isInstalled) return undefined;
  return commands.find(({ keyword, subject }) => keyword === "softdep" && /^(ipv6|.*[*?[].*)$/.test(subject));
}

/** A command that is known to load nothing, whatever its arguments. */
function doesNothing(command: string): boolean {
  if (/[;&|`$()<>\\"'\n]/.test(command)) return false;
  const [program = ""] = command.trim().split(/\s+/);
  return /^(?:(?:\/usr)?\/bin\/)?(?:true|false)$|^:$|^exit$/.test(program);
}

/** Options add up over all files, those of the command line come last; of a parameter the last value counts. */
function loaded(action: Action, loads: "boot" | "late"): ModuleFate {
  const parameters = kernelArguments(action.options).map(({ name, value }) => ({
    name: name.replaceAll("-", "_"),
    value,
  }));
  const values = new Map<string, number>();
  for (const { name, value } of parameters) {
    if (!["disable", "disable_ipv6", "autoconf"].includes(name)) continue;
    const number = value === undefined ? undefined : parameterValue(value);
    if (number === undefined)
      return unknownFate(
        `ipv6 is loaded with ${name}=${value ?? ""}, which the kernel refuses`,
        action.because,
      );
    values.set(name, number);
  }
  const given = parameters.map(({ name, value }) => `${name}=${value ?? ""}`).join(" ");
  const disable = values.get("disable") ?? 0;
  const disableIpv6 = values.get("disable_ipv6");
  const autoconf = values.get("autoconf");
  const start =
    disableIpv6 !== undefined && disableIpv6 !== 0 ? ": every interface starts with disable_ipv6 = 1" : "";
  const text =
    disable !== 0
      ? `the module is loaded with ${given}: the IPv6 stack does not register`
      : `the ipv6 module is loaded${loads === "boot" ? " as the system starts" : " on first use"}${given === "" ? "" : ` with ${given}`}${start}`;
  return {
    stack: disable === 0 ? "present" : "disabled",
    loads,
    text,
    because: action.because,
    ...(disableIpv6 === undefined ? {} : { disableIpv6 }),
    ...(autoconf === undefined ? {} : { autoconf }),
  };
}
