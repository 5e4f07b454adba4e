import type { Tree } from "../../disk/filesystems/tree.ts";
import { isReadError, limitReached, unsupported } from "../../errors.ts";
import type { Observation } from "../../model/observations.ts";
import {
  type ObservedKey,
  type RegistrySnapshot,
  type RegistryWant,
  registryPath,
} from "../../model/registry.ts";
import { foldName } from "../registry/cells.ts";
import { observedValue } from "../registry/decode.ts";
import type { RegistryKey } from "../registry/key.ts";
import { type HiveFile, hiveOf, type OpenedHive, realKeyPath } from "./hives.ts";

export interface RegistryRead {
  readonly registry: RegistrySnapshot;
  readonly notes: readonly string[];
  /** Hives that may be older than what Windows would see. */
  readonly doubts: readonly { readonly locator: string; readonly why: string }[];
}

/** A key that names another one that names another one ends here. */
const ROUNDS_MAX = 4;
const BELOW = "\\*";
const BELOW_MAX = 8192;
/** Of all keys together: a hive can name the same key, and the same value, over and over. */
const VALUES_MAX = 1 << 16;
const VALUES_MAX_BYTES = 16 << 20;

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
  const left: Left = { values: VALUES_MAX, bytes: VALUES_MAX_BYTES };
  const seen = new Map<string, Observation<ObservedKey>>();
  const asked = new Set<string>();
  let pending = wants;
  for (let round = 0; pending.length > 0 && round < ROUNDS_MAX; round++) {
    for (const want of pending) asked.add(registryPath(want));
    const found = await Promise.all(
      pending.map(async (want) => observeKeys(await open(want.hive), want, left)),
    );
    for (const [path, key] of found.flat()) seen.set(path, key);
    pending = follow(new Map(seen)).filter((want) => !asked.has(registryPath(want)));
  }
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
  return { registry: seen, notes, doubts };
}

/** How much may still be read. */
interface Left {
  values: number;
  bytes: number;
}

type Observed = readonly [path: string, key: Observation<ObservedKey>];

async function observeKeys(hive: OpenedHive, want: RegistryWant, left: Left): Promise<readonly Observed[]> {
  if (hive.state !== "found") return [[registryPath(want), hive]];
  const { locator } = hive;
  const above = want.key.endsWith(BELOW) ? want.key.slice(0, -BELOW.length) : undefined;
  try {
    const path = await realKeyPath(hive.hive, above ?? want.key);
    const at = `${locator} > ${path}`;
    try {
      const key = await hive.hive.root.find(path);
      if (!key) return [[registryPath(want), { state: "absent", locator: at }]];
      return above === undefined
        ? [[registryPath(want), await observeKey(key, want, at, left)]]
        : await observeBelow(key, want, above, at, left);
    } catch (error) {
      return [[registryPath(want), unreadable(error, at)]];
    }
  } catch (error) {
    return [[registryPath(want), unreadable(error, `${locator} > ${want.key}`)]];
  }
}

async function observeBelow(
  key: RegistryKey,
  want: RegistryWant,
  above: string,
  at: string,
  left: Left,
): Promise<readonly Observed[]> {
  const below = await key.subkeys(BELOW_MAX);
  const each = below.map(async (one): Promise<Observed> => {
    const path = registryPath({ ...want, key: `${above}\\${one.name}` });
    const own = `${at}\\${one.name}`;
    try {
      if (one.isLink) throw unsupported(own, `the key is a link to ${await one.target()}`);
      return [path, await observeKey(one, want, own, left)];
    } catch (error) {
      return [path, unreadable(error, own)];
    }
  });
  const listed: Observed = [registryPath(want), { state: "found", locator: at, value: { values: [] } }];
  return [listed, ...(await Promise.all(each))];
}

async function observeKey(
  key: RegistryKey,
  want: RegistryWant,
  locator: string,
  left: Left,
): Promise<Observation<ObservedKey>> {
  left.values -= key.valuesCount;
  if (left.values < 0) throw limitReached(locator, `more than ${VALUES_MAX} values in all keys looked at`);
  const wanted = want.values?.map(foldName);
  const values = await key.values();
  const chosen = wanted ? values.filter(({ name }) => wanted.includes(foldName(name))) : values;
  left.bytes -= chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (left.bytes < 0)
    throw limitReached(locator, `values of more than ${VALUES_MAX_BYTES} bytes in all keys looked at`);
  return { state: "found", locator, value: { values: await Promise.all(chosen.map(observedValue)) } };
}

function unreadable(error: unknown, locator: string): Observation<ObservedKey> {
  if (!isReadError(error)) throw error;
  return { state: "unreadable", reason: error.line, locator };
}
