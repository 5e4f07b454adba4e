import type { Evidence } from "../../model/locator.ts";
import type { Observation } from "../../model/observations.ts";
import {
  type ObservedKey,
  type ObservedValue,
  type RegistrySnapshot,
  type RegistryWant,
  registryPath,
} from "../../model/registry.ts";

/** One value of a wanted key; its locator names the value, too. */
export function valueIn(
  registry: RegistrySnapshot,
  want: RegistryWant,
  name: string,
): Observation<ObservedValue> {
  const key = keyIn(registry, want);
  const locator = `${key.locator}\\${name}`;
  if (key.state === "unreadable") return key;
  if (key.state === "absent") return { state: "absent", locator };
  const value = key.value.values.find((one) => one.name.toLowerCase() === name.toLowerCase());
  return value ? { state: "found", value, locator } : { state: "absent", locator };
}

export function keyIn(registry: RegistrySnapshot, want: RegistryWant): Observation<ObservedKey> {
  const path = registryPath(want);
  return registry.get(path) ?? { state: "unreadable", reason: "was not extracted", locator: path };
}

/** Those that are there, for all that is known, and could not be read. */
export function unreadIn(
  registry: RegistrySnapshot,
  wants: readonly RegistryWant[],
): readonly Extract<Observation<ObservedKey>, { state: "unreadable" }>[] {
  return wants.map((want) => keyIn(registry, want)).filter((seen) => seen.state === "unreadable");
}

/** A DWORD, or undefined when there is none of that type. */
export function numberIn(registry: RegistrySnapshot, want: RegistryWant, name: string): number | undefined {
  const seen = valueIn(registry, want, name);
  return seen.state === "found" && seen.value.data.kind === "number" ? seen.value.data.value : undefined;
}

export function evidenceOf(seen: Observation<ObservedValue>): Evidence {
  if (seen.state === "unreadable") return { locator: seen.locator };
  return { locator: seen.locator, text: seen.state === "found" ? shown(seen.value) : "no such value" };
}

function shown({ type, data }: ObservedValue): string {
  switch (data.kind) {
    case "number":
      return `${type} 0x${data.value.toString(16).padStart(8, "0")}`;
    case "text":
      return `${type} ${data.value}`;
    case "list":
      return `${type} ${data.value.join(", ")}`;
    case "bytes":
      return `${type} of ${data.value.length} bytes`;
  }
}
