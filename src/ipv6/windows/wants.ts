import type { RegistrySnapshot, RegistryWant } from "../../model/registry.ts";
import type { Want } from "../../model/snapshot.ts";
import { adapterKeys } from "./adapters.ts";
import { AGENT_KEYS } from "./agents.ts";
import { FIRST_BOOT, fileOfAnswerPointer } from "./first-boot-files.ts";
import { KEYS } from "./keys.ts";

/** What decides the state: what every scan reads. */
export const DECIDING_KEYS: readonly RegistryWant[] = [KEYS.select, KEYS.driver, KEYS.parameters, KEYS.setup];

/** Beside that: firewall, bindings, tunnels, for a person's review; each costs further pages of the hive. */
export const WINDOWS_KEYS: readonly RegistryWant[] = [...Object.values(KEYS), ...AGENT_KEYS];

const FILE_MAX_BYTES = 256 << 10;

export const WINDOWS_FILES: readonly Want[] = FIRST_BOOT.map(({ path }) => fileWant(path));

/** What else is wanted once the registry was seen: the answer file it names, the names of the adapters it lists. */
export function followWindows(registry: RegistrySnapshot): {
  readonly files: readonly Want[];
  readonly keys: readonly RegistryWant[];
} {
  const pointer = fileOfAnswerPointer(registry);
  return {
    files: pointer?.path === undefined ? [] : [fileWant(pointer.path)],
    keys: adapterKeys(registry),
  };
}

function fileWant(path: string): Want {
  return { path, maxBytes: FILE_MAX_BYTES };
}
