import type { RegistrySnapshot, RegistryWant } from "../../model/registry.ts";
import type { Asks, Want } from "../../model/snapshot.ts";
import { adapterKeys } from "./adapters.ts";
import { AGENT_KEYS } from "./agents.ts";
import { type Components, decodeComponents } from "./components.ts";
import {
  CLOUDBASE_FILES,
  FIRST_BOOT,
  FOLDERS,
  HIBERNATION,
  namedAnswerFile,
  OFF_FILES,
  USER_STARTUP,
  USERS,
} from "./first-boot-files.ts";
import { KEYS } from "./keys.ts";
import { numberIn } from "./read.ts";
import { RUN_KEYS, scriptsOfCommands } from "./run-keys.ts";
import { scriptsIn } from "./scripts.ts";
import { SERVICES_WANT, wrapperKeys } from "./services.ts";
import { TUNNEL_KEYS } from "./tunnels.ts";

/** What decides the state: what every scan reads. */
export const DECIDING_KEYS: readonly RegistryWant[] = [KEYS.select, KEYS.driver, KEYS.parameters, KEYS.setup];

/** Beside that: firewall, bindings, tunnels, for a person's review; each costs further pages of the hive. */
export const WINDOWS_KEYS: readonly RegistryWant[] = [...Object.values(KEYS), ...AGENT_KEYS];

const FILE_MAX_BYTES = 256 << 10;

/** The files of the first boot, and the scripts that they name. */
export const WINDOWS_FILES: Asks = {
  wants: FIRST_BOOT.map(({ path }) => fileWant(path)),
  follow: (observations) => scriptsIn(observations).paths.map(fileWant),
};

/**
 * What else is wanted once the registry was seen: the answer file it names, the names of the adapters it lists; where
 * IPv6 would be off, all that may bring it back.
 */
export function followWindows(registry: RegistrySnapshot): {
  readonly files: Asks;
  readonly keys: readonly RegistryWant[];
  /** Whether it matters that this Windows, and nothing else, is what the disk boots. */
  readonly ifBoots: boolean;
} {
  const named = [...namedAnswerFile(registry), ...scriptsOfCommands(registry)];
  const components = setOff(registry);
  const isOff = components !== undefined;
  return {
    files: {
      wants: [
        ...named.map(({ path }) => fileWant(path)),
        ...(isOff
          ? [
              ...FOLDERS.map(({ path }) => fileWant(`${path}/*`)),
              { path: USERS, what: "names" as const },
              fileWant(`${USERS}/*/${USER_STARTUP}/*`),
              // The configuration of cloudbase-init again: it names a folder.
              ...[...OFF_FILES, ...CLOUDBASE_FILES].map(({ path }) => fileWant(path)),
              { path: HIBERNATION, maxBytes: 8 },
            ]
          : []),
      ],
      follow: (observations) => scriptsIn(observations, named, isOff).paths.map(fileWant),
    },
    keys: [
      ...adapterKeys(registry),
      ...(isOff ? [...RUN_KEYS, SERVICES_WANT, ...wrapperKeys(registry)] : []),
      ...(components?.tunnelsOn ? TUNNEL_KEYS : []),
    ],
    ifBoots: isOff,
  };
}

/** What switches IPv6 off on network cards, if anything does. */
function setOff(registry: RegistrySnapshot): Components | undefined {
  const value = numberIn(registry, KEYS.parameters, "DisabledComponents");
  const components = value === undefined ? undefined : decodeComponents(value);
  return components?.nativeOn ? undefined : components;
}

function fileWant(path: string): Want {
  return { path, maxBytes: FILE_MAX_BYTES };
}
