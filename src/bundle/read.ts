import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract as untar } from "tar-stream";
import { corrupt, errorLine, limitReached, ScanError } from "../errors.ts";
import type { Extract } from "../model/extract.ts";
import { strangersJson } from "../model/json-text.ts";
import type { Observation } from "../model/observations.ts";
import type { ObservedKey, RegistrySnapshot } from "../model/registry.ts";
import type { Snapshot, SnapshotEntry } from "../model/snapshot.ts";
import { type Manifest, type ManifestEntry, type ManifestKey, manifestSchema } from "./manifest.ts";
import { isMember, memberOf } from "./member.ts";
import { gathered } from "./stream.ts";

/** An evidence bundle, checked: every content has the digest that the manifest gives it, and nothing else is in it. */
export interface Bundle {
  readonly engine: string;
  /** The day it was taken, in UTC. */
  readonly day: string;
  readonly extract: Extract;
}

/** No bundle is larger, packed: who reads one from a file need not read more. */
export const BUNDLE_BYTES_MAX: number = 64 << 20;
/** Many times what the largest machine gives. */
const LIMITS = {
  unpackedBytes: 256 << 20,
  members: 20_000,
  /** As JSON it takes up to fifty times as much of memory. */
  manifestBytes: 16 << 20,
  manifestDepth: 32,
} as const;
const MANIFEST = "manifest.json";

/**
 * Reads a bundle. `label` is its name in errors. Rejects with `corrupt` when it is none, was changed, or holds what a
 * bundle never does (links, devices, paths out of it), with `limit` when it is too large.
 */
export async function readBundle(bytes: Uint8Array, label: string): Promise<Bundle> {
  if (bytes.length > BUNDLE_BYTES_MAX) throw limitReached(label, "larger than any evidence bundle: 64 MiB");
  const members = await unpacked(bytes, label);
  const manifest = manifestIn(members, label);
  members.delete(MANIFEST);
  const entries = manifest.entries.map((entry) => snapshotEntry(entry, members, label));
  const [extra] = members.keys();
  if (extra !== undefined) throw corrupt(label, `${extra} is not in the manifest`);
  const { engine, day } = manifest;
  return { engine, day, extract: extractOf(manifest, entries, label) };
}

async function unpacked(bytes: Uint8Array, label: string): Promise<Map<string, Uint8Array>> {
  const members = new Map<string, Uint8Array>();
  let total = 0;
  const gunzip = createGunzip();
  const tar = untar();
  const broken = (error: unknown): ScanError =>
    error instanceof ScanError ? error : corrupt(label, `not an evidence bundle: ${errorLine(error)}`);
  gunzip.on("data", (chunk: Buffer) => {
    total += chunk.length;
    if (total > LIMITS.unpackedBytes) gunzip.destroy(limitReached(label, "unpacks to more than 256 MiB"));
  });
  gunzip.on("error", (error) => tar.destroy(error));
  Readable.from([bytes]).pipe(gunzip).pipe(tar);
  try {
    for await (const member of tar) {
      const { name, size, type } = member.header;
      if (type !== "file")
        throw corrupt(label, `${JSON.stringify(name)} is a ${type ?? "member without a type"}`);
      if (!isMember(name)) throw corrupt(label, `${JSON.stringify(name)} is no name of a bundle's member`);
      if (members.has(name)) throw corrupt(label, `${name} is in it twice`);
      if (members.size >= LIMITS.members) throw limitReached(label, `more than ${LIMITS.members} members`);
      if (name === MANIFEST && (size ?? 0) > LIMITS.manifestBytes)
        throw limitReached(label, "its manifest.json is larger than any: 16 MiB");
      members.set(name, await gathered(member));
    }
  } catch (error) {
    throw broken(error);
  } finally {
    gunzip.destroy();
  }
  return members;
}

function manifestIn(members: ReadonlyMap<string, Uint8Array>, label: string): Manifest {
  const bytes = members.get(MANIFEST);
  if (!bytes) throw corrupt(label, "not an evidence bundle: no manifest.json");
  const { data, error } = manifestSchema.safeParse(parse(bytes, label));
  if (data) return data;
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") ?? "";
  throw corrupt(label, `manifest.json: ${path}${path === "" ? "" : ": "}${issue?.message ?? "no manifest"}`);
}

function parse(bytes: Uint8Array, label: string): unknown {
  const read = strangersJson(bytes, LIMITS.manifestDepth);
  if (!("problem" in read)) return read.value;
  const { problem, reason } = read;
  throw (problem === "depth" ? limitReached : corrupt)(label, `${MANIFEST}: ${reason}`);
}

/** Takes its content out of `members`, so that what is left over shows. */
function snapshotEntry(entry: ManifestEntry, members: Map<string, Uint8Array>, label: string): SnapshotEntry {
  if (entry.kind !== "file") return entry;
  const { member, sha256, ...rest } = entry;
  const bytes = members.get(member);
  if (member !== memberOf(entry.path))
    throw corrupt(label, `manifest.json: ${member} is not of ${entry.path}`);
  if (!bytes) throw corrupt(label, `${member} is missing`);
  members.delete(member);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== sha256)
    throw corrupt(label, `${member} was changed: its SHA-256 is ${digest}, the manifest says ${sha256}`);
  return { ...rest, bytes };
}

function extractOf(manifest: Manifest, entries: readonly SnapshotEntry[], label: string): Extract {
  const { image, unread, cost, access, notes, doubts, registry, reason = "" } = manifest;
  const taken = { image, unread, cost, ...(access === undefined ? {} : { access }) };
  if (manifest.state === "failed") return { ...taken, state: "failed", reason };
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  if (byPath.size !== entries.length) throw corrupt(label, "manifest.json: a path is in it twice");
  const snapshot: Snapshot =
    registry === undefined ? { entries: byPath } : { entries: byPath, registry: registryOf(registry) };
  return { ...taken, state: "read", snapshot, notes, doubts };
}

function registryOf(keys: readonly ManifestKey[]): RegistrySnapshot {
  return new Map(
    keys.map((one): [string, Observation<ObservedKey>] => {
      const { key, ...seen } = one;
      if (seen.state !== "found") return [key, seen];
      const values = seen.values.map(({ name, type, data }) => ({
        name,
        type,
        data: data.kind === "bytes" ? { kind: data.kind, value: bytesOf(data.value) } : data,
      }));
      return [key, { state: "found", locator: seen.locator, value: { values } }];
    }),
  );
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
