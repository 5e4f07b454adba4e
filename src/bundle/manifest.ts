import * as z from "zod";
import type { Doubt } from "../model/extract.ts";
import type { ImageRef } from "../model/image.ts";
import type { Access, ReadCost, Unread } from "../model/report.ts";
import type { SnapshotEntry } from "../model/snapshot.ts";
import { access, imageRef, readCost, unread } from "../model/stored.ts";

/*
 * manifest.json of an evidence bundle, version 1: what was seen of an image, in the order it was seen. Contents lie
 * beside it, each named by an entry with its SHA-256.
 */

type SeenFile = Extract<SnapshotEntry, { kind: "file" }>;

/** An entry of a snapshot; a file's bytes are the member `member` of the archive. */
export type ManifestEntry =
  | Exclude<SnapshotEntry, SeenFile>
  | (Omit<SeenFile, "bytes"> & { readonly member: string; readonly sha256: string });

/** Bytes of the registry stand in base64. */
export type ManifestValue = {
  readonly name: string;
  readonly type: string;
  readonly data:
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "text"; readonly value: string }
    | { readonly kind: "list"; readonly value: readonly string[] }
    | { readonly kind: "bytes"; readonly value: string };
};

export type ManifestKey = { readonly key: string; readonly locator: string } & (
  | { readonly state: "found"; readonly values: readonly ManifestValue[] }
  | { readonly state: "absent" }
  | { readonly state: "unreadable"; readonly reason: string }
);

export interface Manifest {
  readonly bundleVersion: 1;
  /** Who took it: `sixray 0.1.0`. */
  readonly engine: string;
  /** The day it was taken, in UTC: what waivers are held against when it is judged again. */
  readonly day: string;
  readonly image: ImageRef;
  readonly state: "read" | "failed";
  /** Why nothing could be told; only when `failed`. */
  readonly reason?: string;
  readonly entries: readonly ManifestEntry[];
  readonly registry?: readonly ManifestKey[];
  readonly notes: readonly string[];
  readonly doubts: readonly Doubt[];
  readonly unread: readonly Unread[];
  readonly cost: ReadCost;
  readonly access?: Access;
}

const text = z.string();
const count = z.int().nonnegative();
const place = { path: text, locator: text };

const entry: z.ZodType<ManifestEntry> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    ...place,
    member: text,
    sha256: text.regex(/^[0-9a-f]{64}$/),
    sizeBytes: count,
    truncated: z.boolean(),
    mode: count.exactOptional(),
    uid: count.exactOptional(),
  }),
  z.object({
    kind: z.literal("seen"),
    ...place,
    type: z.enum(["file", "directory", "symlink", "other"]),
    mode: count.exactOptional(),
    sizeBytes: count.exactOptional(),
  }),
  z.object({ kind: z.literal("symlink"), ...place, target: text }),
  z.object({ kind: z.literal("directory"), ...place, names: z.array(text) }),
  z.object({ kind: z.literal("absent"), ...place }),
  z.object({ kind: z.literal("unreadable"), ...place, reason: text }),
]);

const value: z.ZodType<ManifestValue> = z.object({
  name: text,
  type: text,
  data: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("number"), value: z.number() }),
    z.object({ kind: z.literal("text"), value: text }),
    z.object({ kind: z.literal("list"), value: z.array(text) }),
    z.object({ kind: z.literal("bytes"), value: z.base64() }),
  ]),
});

const key: z.ZodType<ManifestKey> = z.discriminatedUnion("state", [
  z.object({ state: z.literal("found"), key: text, locator: text, values: z.array(value) }),
  z.object({ state: z.literal("absent"), key: text, locator: text }),
  z.object({ state: z.literal("unreadable"), key: text, locator: text, reason: text }),
]);

export const manifestSchema: z.ZodType<Manifest> = z.object({
  bundleVersion: z.literal(1),
  engine: text,
  day: z.iso.date(),
  image: imageRef,
  state: z.enum(["read", "failed"]),
  reason: text.exactOptional(),
  entries: z.array(entry),
  registry: z.array(key).exactOptional(),
  notes: z.array(text),
  doubts: z.array(z.object({ locator: text, why: text, ofSystem: z.literal(true).exactOptional() })),
  unread: z.array(unread),
  cost: readCost,
  access: access.exactOptional(),
});
