import { corrupt, ScanError, unsupported } from "../errors.ts";
import type { ImageEvidence } from "../model/image-evidence.ts";
import type { Observation } from "../model/observations.ts";
import type { ObservedKey, RegistryData, RegistrySnapshot } from "../model/registry.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import {
  FILES,
  LIMITS,
  MANIFEST,
  type Manifest,
  type ManifestEntry,
  type ManifestKey,
  manifest,
} from "./manifest.ts";
import { membersOf } from "./members.ts";

export interface Bundle {
  /** `sixray 0.1.0`: the one that extracted it. */
  readonly engine: string;
  readonly evidence: ImageEvidence;
}

/**
 * Reads a bundle, which is as hostile as a disk: nothing in it is ever written or opened under its own name, and every
 * content is held to its digest. Throws a ScanError that says what is wrong.
 */
export async function readBundle(packed: Uint8Array, label: string): Promise<Bundle> {
  const members = await membersOf(packed, label);
  const document = manifestIn(members, label);
  const used = new Set([MANIFEST]);
  const entries = new Map<string, SnapshotEntry>();
  for (const one of document.entries ?? []) {
    if (entries.has(one.path)) throw corrupt(label, `two entries for ${one.path}`);
    entries.set(one.path, entryOf(one, members, used, label));
  }
  const extra = [...members.keys()].find((name) => !used.has(name));
  if (extra !== undefined) throw corrupt(label, `the manifest does not know ${extra}`);
  const { engine, image, failure, notes, unread, doubts, cost, access, registry } = document;
  if (document.entries === undefined && failure === undefined)
    throw corrupt(label, "neither entries nor a failure in the manifest");
  const snapshot =
    document.entries === undefined
      ? undefined
      : { entries, ...(registry === undefined ? {} : { registry: registryOf(registry, label) }) };
  return {
    engine,
    evidence: {
      image,
      ...(snapshot === undefined ? {} : { snapshot }),
      ...(failure === undefined ? {} : { failure }),
      notes,
      unread,
      doubts,
      cost,
      ...(access === undefined ? {} : { access }),
    },
  };
}

function manifestIn(members: ReadonlyMap<string, Uint8Array>, label: string): Manifest {
  const bytes = members.get(MANIFEST);
  if (!bytes) throw corrupt(label, `no ${MANIFEST}: not an evidence bundle`);
  if (bytes.length > LIMITS.manifestBytes)
    throw new ScanError("limit", `${MANIFEST} is too large`, { at: [label] });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw corrupt(label, `${MANIFEST} is no JSON in UTF-8`);
  }
  if (typeof value === "object" && value !== null && "bundleVersion" in value && value.bundleVersion !== 1)
    throw unsupported(label, `bundle version ${String(value.bundleVersion)}`);
  const found = manifest.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw corrupt(label, `${MANIFEST}: ${issue?.path.map(String).join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function entryOf(
  entry: ManifestEntry,
  members: ReadonlyMap<string, Uint8Array>,
  used: Set<string>,
  label: string,
): SnapshotEntry {
  if (entry.kind !== "file") return entry;
  const { sha256, ...rest } = entry;
  const name = FILES + sha256;
  const bytes = members.get(name);
  if (!bytes) throw corrupt(label, `${name} is missing, the content of ${entry.path}`);
  used.add(name);
  return { ...rest, bytes };
}

function registryOf(keys: readonly ManifestKey[], label: string): RegistrySnapshot {
  const registry = new Map<string, Observation<ObservedKey>>();
  for (const { key, ...seen } of keys) {
    if (registry.has(key)) throw corrupt(label, `two entries for ${key}`);
    registry.set(key, observedKey(seen));
  }
  return registry;
}

type Seen = ManifestKey extends infer K ? (K extends unknown ? Omit<K, "key"> : never) : never;

function observedKey(seen: Seen): Observation<ObservedKey> {
  if (seen.state !== "found") return seen;
  const { state, locator, values } = seen;
  return {
    state,
    locator,
    value: { values: values.map(({ name, type, data }) => ({ name, type, data: dataOf(data) })) },
  };
}

type ManifestData = Extract<ManifestKey, { state: "found" }>["values"][number]["data"];

function dataOf(data: ManifestData): RegistryData {
  return data.kind === "bytes"
    ? { kind: "bytes", value: new Uint8Array(Buffer.from(data.base64, "base64")) }
    : data;
}
