import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { pack } from "tar-stream";
import type { Extract } from "../model/extract.ts";
import type { RegistrySnapshot } from "../model/registry.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import type { Manifest, ManifestEntry, ManifestKey } from "./manifest.ts";
import { memberOf } from "./member.ts";
import { gathered } from "./stream.ts";

export interface BundleFacts {
  /** `sixray 0.1.0`. */
  readonly engine: string;
  /** In UTC: `2026-11-24`. */
  readonly day: string;
}

/** An evidence bundle: a tar.gz of `manifest.json` and the files that were read. The same extract gives the same bytes. */
export async function writeBundle(extract: Extract, facts: BundleFacts): Promise<Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  const read = extract.state === "read" ? extract : undefined;
  const entries = [...(read?.snapshot.entries.values() ?? [])].map((entry) => manifestEntry(entry, contents));
  const { image, unread, cost, access } = extract;
  const { registry } = read?.snapshot ?? {};
  const manifest: Manifest = {
    bundleVersion: 1,
    ...facts,
    image,
    state: extract.state,
    ...(extract.state === "failed" ? { reason: extract.reason } : {}),
    entries,
    ...(registry === undefined ? {} : { registry: [...registry].map(manifestKey) }),
    notes: read?.notes ?? [],
    doubts: read?.doubts ?? [],
    unread: unread.map(({ what, reason }) => ({ what, reason })),
    cost,
    ...(access === undefined ? {} : { access }),
  };
  const members = [...contents].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  return compress(await archive([["manifest.json", text], ...members]));
}

function manifestEntry(entry: SnapshotEntry, contents: Map<string, Uint8Array>): ManifestEntry {
  if (entry.kind !== "file") return entry;
  const { bytes, ...rest } = entry;
  const member = memberOf(entry.path);
  contents.set(member, bytes);
  return { ...rest, member, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function manifestKey([key, seen]: [
  string,
  RegistrySnapshot extends ReadonlyMap<string, infer S> ? S : never,
]): ManifestKey {
  if (seen.state !== "found") return { key, ...seen };
  const values = seen.value.values.map(({ name, type, data }) => ({
    name,
    type,
    data:
      data.kind === "bytes" ? { kind: data.kind, value: Buffer.from(data.value).toString("base64") } : data,
  }));
  return { key, state: "found", locator: seen.locator, values };
}

/** Nobody's files, of no time: what would differ from one run to the next is left out. */
const HEADER = {
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: "",
  gname: "",
  mtime: new Date(0),
  type: "file",
} as const;

async function archive(members: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [name, bytes] of members) tar.entry({ ...HEADER, name }, Buffer.from(bytes));
  tar.finalize();
  return gathered(tar);
}

/** Byte 9 of a gzip header names the operating system (RFC 1952, section 2.3.1): 255 is "unknown", everywhere. */
const GZIP_OS_AT = 9;

async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  const packed = await promisify(gzip)(bytes, { level: 9 });
  packed[GZIP_OS_AT] = 255;
  return packed;
}
