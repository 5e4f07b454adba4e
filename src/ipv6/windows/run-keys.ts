import { type RegistrySnapshot, type RegistryWant, registryPath } from "../../model/registry.ts";
import type { Command } from "./commands.ts";
import { KEYS } from "./keys.ts";
import { leadsIn } from "./leads.ts";
import { evidenceOf, numberIn, valueIn } from "./read.ts";
import { serviceCommands } from "./services.ts";

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

export const FOLDER = "/Windows/System32"; // where such a command starts

/** The command that runs before Windows is up, which it does while `SetupType` is set; undefined when none is. */
export function setupCommand(registry: RegistrySnapshot): string | undefined {
  const type = numberIn(registry, KEYS.setup, "SetupType");
  const seen = valueIn(registry, KEYS.setup, "CmdLine");
  if (type === undefined || type === 0 || seen.state !== "found" || seen.value.data.kind !== "text")
    return undefined;
  return seen.value.data.value;
}

/** Commands that a logon runs. */
export function logonCommands(registry: RegistrySnapshot): readonly Command[] {
  return RUN_KEYS.flatMap((want) => {
    const key = registry.get(registryPath(want));
    if (key?.state !== "found") return [];
    return key.value.values.flatMap((value): readonly Command[] => {
      const { data, name } = value;
      if (data.kind !== "text") return [];
      const evidence = evidenceOf({ state: "found", value, locator: `${key.locator}\\${name}` });
      return [{ what: "a command that runs at a logon", text: data.value, evidence }];
    });
  });
}

/** The scripts that the registry's own commands name. */
export function scriptsOfCommands(
  registry: RegistrySnapshot,
): readonly { readonly path: string; readonly what: string }[] {
  const commands = [...logonCommands(registry), ...serviceCommands(registry)].map(({ text }) => text);
  return [setupCommand(registry) ?? "", ...commands]
    .flatMap((command) => leadsIn(command, FOLDER))
    .flatMap(({ paths }) => paths)
    .map((path) => ({ path, what: "a script that a command in the registry names" }));
}
