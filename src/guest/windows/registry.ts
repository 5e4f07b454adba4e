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
import { type HiveFile, hiveOf, type OpenedHive, realKeyPath } from "./hives.ts";

export interface RegistryRead {
  readonly registry: RegistrySnapshot;
  readonly notes: readonly string[];
  /** Hives that may be older than what Windows would see. */
  readonly doubts: readonly { readonly locator: string; readonly why: string }[];
}

/** What is seen first can tell what else is wanted. */
export type FollowKeys = (seen: RegistrySnapshot) => readonly RegistryWant[];

/** Reads the wanted keys of a machine, all at once, and then those that they name. */
export async function readRegistry(
  tree: Tree,
  wants: readonly RegistryWant[],
  follow: FollowKeys = () => [],
): Promise<RegistryRead> {
  const opened = new Map<HiveFile, Promise<OpenedHive>>();
  const open = (name: HiveFile): Promise<OpenedHive> => {
    const known = opened.get(name) ?? hiveOf(tree, name);
    opened.set(name, known);
    return known;
  };
  const read = (all: readonly RegistryWant[]): Promise<[string, Observation<ObservedKey>][]> =>
    Promise.all(all.map(async (want) => [registryPath(want), await observeKey(await open(want.hive), want)]));
  const first = await read(wants);
  const more = await read(follow(new Map(first)));
  const hives = await Promise.all(opened.values());
  const notes = hives.flatMap((one) => {
    if (one.state === "absent") return [`${one.locator}: no such hive, so what it says is not known`];
    return one.state === "found" ? one.hive.notes.map((note) => `${one.locator}: ${note}`) : [];
  });
  const doubts = hives.flatMap((one) =>
    one.state === "found" && one.hive.stale !== undefined
      ? [{ locator: one.locator, why: one.hive.stale }]
      : [],
  );
  return { registry: new Map([...first, ...more]), notes, doubts };
}

async function observeKey(hive: OpenedHive, want: RegistryWant): Promise<Observation<ObservedKey>> {
  if (hive.state !== "found") return hive;
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
