import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import { KEYS } from "./keys.ts";
import { leadsIn } from "./leads.ts";
import { numberIn, valueIn } from "./read.ts";

const CURRENT = "Microsoft\\Windows\\CurrentVersion";

const RUN: readonly string[] = [
  `${CURRENT}\\RunOnce`,
  `${CURRENT}\\Run`,
  `${CURRENT}\\Policies\\Explorer\\Run`,
  `WOW6432Node\\${CURRENT}\\RunOnce`,
  `WOW6432Node\\${CURRENT}\\Run`,
];

/**
 * Commands that run at a logon, for a machine. Looked at only where IPv6 would be off. Source: Microsoft, "Run and
 * RunOnce Registry Keys".
 */
export const RUN_KEYS: readonly RegistryWant[] = [
  ...RUN.map((key): RegistryWant => ({ hive: "SOFTWARE", key })),
  { hive: "SOFTWARE", key: "Microsoft\\Windows NT\\CurrentVersion\\Winlogon", values: ["Userinit", "Shell"] },
];

const FOLDER = "/Windows/System32"; // where such a command starts

/** The command that runs before Windows is up, which it does while `SetupType` is set; undefined when none is. */
export function setupCommand(registry: RegistrySnapshot): string | undefined {
  const type = numberIn(registry, KEYS.setup, "SetupType");
  const seen = valueIn(registry, KEYS.setup, "CmdLine");
  if (type === undefined || type === 0 || seen.state !== "found" || seen.value.data.kind !== "text")
    return undefined;
  return seen.value.data.value;
}

/** The scripts that the registry's own commands name. */
export function scriptsOfCommands(
  registry: RegistrySnapshot,
): readonly { readonly path: string; readonly what: string }[] {
  const atLogon = RUN_KEYS.flatMap((want) => {
    const key = registry.get(registryPath(want));
    return key?.state === "found" ? key.value.values : [];
  }).flatMap(({ data }) => (data.kind === "text" ? [data.value] : []));
  return [setupCommand(registry) ?? "", ...atLogon]
    .flatMap((command) => leadsIn(command, FOLDER))
    .flatMap(({ paths }) => paths)
    .map((path) => ({ path, what: "a script that a command in the registry names" }));
}
