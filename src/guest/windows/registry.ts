import type { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError } from "../../errors.ts";
import type { Observation } from "../../model/observations.ts";
import {
  type ObservedKey,
  type RegistrySnapshot,
  type RegistryWant,
  registryPath,
} from "../../model/registry.ts";
import { foldName } from "../registry/cells.ts";
import { observedValue } from "../registry/decode.ts";
import { hiveOf, type OpenedHive, realKeyPath } from "./hives.ts";

export interface RegistryRead {
  readonly registry: RegistrySnapshot;
  readonly notes: readonly string[];
  /** Hives that may be older than what Windows would see. */
  readonly doubts: readonly { readonly locator: string; readonly why: string }[];
}

/** Reads the wanted keys of a machine, all at once. */
export async function readRegistry(tree: Tree, wants: readonly RegistryWant[]): Promise<RegistryRead> {
  const names = [...new Set(wants.map(({ hive }) => hive))];
  const hives = new Map(
    await Promise.all(names.map(async (name) => [name, await hiveOf(tree, name)] as const)),
  );
  const seen = await Promise.all(
    wants.map(async (want) => [registryPath(want), await observeKey(hives.get(want.hive), want)] as const),
  );
  const notes = [...hives.values()].flatMap((one) =>
    one.state === "found" ? one.hive.notes.map((note) => `${one.locator}: ${note}`) : [],
  );
  const doubts = [...hives.values()].flatMap((one) =>
    one.state === "found" && one.hive.stale !== undefined
      ? [{ locator: one.locator, why: one.hive.stale }]
      : [],
  );
  return { registry: new Map(seen), notes, doubts };
}

async function observeKey(
  hive: OpenedHive | undefined,
  want: RegistryWant,
): Promise<Observation<ObservedKey>> {
  if (hive?.state !== "found") return hive ?? { state: "absent", locator: want.hive };
  const { locator } = hive;
  try {
    const path = await realKeyPath(hive.hive, want.key);
    const at = `${locator} > ${path}`;
    try {
      const key = await hive.hive.root.find(path);
      if (!key) return { state: "absent", locator: at };
      const wanted = want.values?.map(foldName);
      const values = await key.values();
      const chosen = wanted ? values.filter(({ name }) => wanted.includes(foldName(name))) : values;
      return { state: "found", locator: at, value: { values: await Promise.all(chosen.map(observedValue)) } };
    } catch (error) {
      return unreadable(error, at);
    }
  } catch (error) {
    return unreadable(error, `${locator} > ${want.key}`);
  }
}

function unreadable(error: unknown, locator: string): Observation<ObservedKey> {
  if (!isReadError(error)) throw error;
  return { state: "unreadable", reason: error.line, locator };
}
