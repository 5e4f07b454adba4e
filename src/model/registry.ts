import type { Observation } from "./observations.ts";

/** A key that is wanted of a Windows machine. */
export interface RegistryWant {
  readonly hive: "SYSTEM" | "SOFTWARE";
  /**
   * Below the hive; `CurrentControlSet` stands for the one that `Select\Current` names. A last part `*` stands for each
   * key right below: those are in the snapshot under their own names, and `*` itself says whether they could be listed.
   */
  readonly key: string;
  /** Wanted values; all of them when not said. */
  readonly values?: readonly string[];
}

export type RegistryData =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "list"; readonly value: readonly string[] }
  | { readonly kind: "bytes"; readonly value: Uint8Array };

export interface ObservedValue {
  readonly name: string;
  /** `REG_DWORD`; a number where it has no name. */
  readonly type: string;
  readonly data: RegistryData;
}

export interface ObservedKey {
  readonly values: readonly ObservedValue[];
}

/**
 * Keys as they were wanted (`SYSTEM\CurrentControlSet\Services\Tcpip6`) and what was seen of each. Locators name
 * the hive and the real key: `image > gpt#2 > ntfs > /Windows/System32/config/SYSTEM > ControlSet001\Services\Tcpip6`.
 */
export type RegistrySnapshot = ReadonlyMap<string, Observation<ObservedKey>>;

/** The name by which a snapshot holds what was wanted. */
export function registryPath({ hive, key }: RegistryWant): string {
  return `${hive}\\${key}`;
}
