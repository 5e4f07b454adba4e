/** Evidence bundles: a tar (POSIX.1-2024 pax, ustar headers) in gzip (RFC 1952) that depends on nothing but its content. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { limitReached } from "../errors.ts";
import type { ImageEvidence } from "../model/image-evidence.ts";
import type { Observation } from "../model/observations.ts";
import type { ObservedKey, RegistryData, RegistrySnapshot } from "../model/registry.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import { FILES, LIMITS, MANIFEST, type Manifest, type ManifestEntry, type ManifestKey } from "./manifest.ts";

/** The operating system in a gzip header (RFC 1952, 2.3.1): unknown, wherever it was packed. */
const GZIP_OS_AT = 9;
const GZIP_OS_UNKNOWN = 255;

/** The same evidence gives the same bytes. */
export async function writeBundle(evidence: ImageEvidence, engine: string): Promise<Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const document = manifestOf(evidence, engine, files);
  const members: [string, Uint8Array][] = [
    [MANIFEST, new TextEncoder().encode(`${JSON.stringify(document, null, 1)}\n`)],
    ...[...files]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([digest, bytes]): [string, Uint8Array] => [FILES + digest, bytes]),
  ];
  const bytes = members.reduce((sum, [, content]) => sum + content.length, 0);
  if (members.length > LIMITS.members || bytes > LIMITS.unpackedBytes)
    throw limitReached(evidence.image.id, "too much evidence for a bundle");
  const packed = await promisify(gzip)(await tarOf(members), { level: 9 });
  packed[GZIP_OS_AT] = GZIP_OS_UNKNOWN;
  return packed;
}

async function tarOf(members: readonly (readonly [string, Uint8Array])[]): Promise<Buffer> {
  const { pack } = await import("tar-stream");
  const tar = pack();
  const chunks: Buffer[] = [];
  tar.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve, reject) => tar.on("end", resolve).on("error", reject));
  const fixed = { mtime: new Date(0), mode: 0o644, uid: 0, gid: 0, uname: "", gname: "" };
  for (const [name, content] of members) tar.entry({ name, ...fixed }, Buffer.from(content));
  tar.finalize();
  await ended;
  return Buffer.concat(chunks);
}

function manifestOf(
  { image, snapshot, failure, notes, unread, doubts, cost, access }: ImageEvidence,
  engine: string,
  files: Map<string, Uint8Array>,
): Manifest {
  const { provider, id, name, family, ...facts } = image;
  return {
    bundleVersion: 1,
    engine,
    image: { provider, id, name, family, ...facts },
    ...(failure === undefined ? {} : { failure }),
    notes: [...notes],
    unread: [...unread],
    doubts: [...doubts],
    cost,
    ...(access === undefined ? {} : { access }),
    ...(snapshot ? { entries: [...snapshot.entries.values()].map((one) => entryOf(one, files)) } : {}),
    ...(snapshot?.registry ? { registry: keysOf(snapshot.registry) } : {}),
  };
}

function entryOf(entry: SnapshotEntry, files: Map<string, Uint8Array>): ManifestEntry {
  if (entry.kind === "directory") return { ...entry, names: [...entry.names] };
  if (entry.kind !== "file") return entry;
  const { bytes, ...rest } = entry;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  files.set(sha256, bytes);
  return { ...rest, sha256 };
}

function keysOf(registry: RegistrySnapshot): ManifestKey[] {
  return [...registry].map(([key, seen]) => keyOf(key, seen));
}

function keyOf(key: string, seen: Observation<ObservedKey>): ManifestKey {
  if (seen.state !== "found") return { ...seen, key };
  const { state, locator, value } = seen;
  const values = value.values.map(({ name, type, data }) => ({ name, type, data: dataOf(data) }));
  return { state, key, locator, values };
}

type ManifestData = Extract<ManifestKey, { state: "found" }>["values"][number]["data"];

function dataOf(data: RegistryData): ManifestData {
  switch (data.kind) {
    case "bytes":
      return { kind: "bytes", base64: Buffer.from(data.value).toString("base64") };
    case "list":
      return { kind: "list", value: [...data.value] };
    case "number":
    case "text":
      return data;
  }
}
