import * as z from "zod";
import type { ImageRef } from "../model/image.ts";
import type { Doubt } from "../model/image-evidence.ts";
import type { Access, ReadCost, Unread } from "../model/report.ts";

/*
 * `manifest.json` of an evidence bundle, version 1: everything but the contents of files, which lie beside it as
 * `files/<sha256>`. Names from an image stand only in here, never as names of members.
 */

export const MANIFEST = "manifest.json";
export const FILES = "files/";
export const FILE_MEMBER = /^files\/[0-9a-f]{64}$/;

/** What a bundle may hold: far more than any image was seen to need, and little enough to take whole. */
export const LIMITS = {
  packedBytes: 64 << 20,
  unpackedBytes: 128 << 20,
  manifestBytes: 32 << 20,
  members: 10_000,
  entries: 100_000,
} as const;

const text = z.string();
const size = z.int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const path = z.string().regex(/^\//, "is not an absolute path");
const nodeType = z.enum(["file", "directory", "symlink", "other"]);

const file = z.object({
  kind: z.literal("file"),
  path,
  locator: text,
  sizeBytes: size,
  truncated: z.boolean(),
  mode: size.exactOptional(),
  uid: size.exactOptional(),
  sha256,
});
const seen = z.object({
  kind: z.literal("seen"),
  path,
  locator: text,
  type: nodeType,
  mode: size.exactOptional(),
  sizeBytes: size.exactOptional(),
});
const entry = z.discriminatedUnion("kind", [
  file,
  seen,
  z.object({ kind: z.literal("symlink"), path, locator: text, target: text }),
  z.object({ kind: z.literal("directory"), path, locator: text, names: z.array(text) }),
  z.object({ kind: z.literal("absent"), path, locator: text }),
  z.object({ kind: z.literal("unreadable"), path, locator: text, reason: text }),
]);
export type ManifestEntry = z.infer<typeof entry>;

const registryData = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("number"), value: z.number() }),
  z.object({ kind: z.literal("text"), value: text }),
  z.object({ kind: z.literal("list"), value: z.array(text) }),
  z.object({ kind: z.literal("bytes"), base64: z.base64() }),
]);
const registryKey = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("found"),
    key: text,
    locator: text,
    values: z.array(z.object({ name: text, type: text, data: registryData })),
  }),
  z.object({ state: z.literal("absent"), key: text, locator: text }),
  z.object({ state: z.literal("unreadable"), key: text, locator: text, reason: text }),
]);
export type ManifestKey = z.infer<typeof registryKey>;

const image: z.ZodType<ImageRef> = z.object({
  provider: text,
  id: text,
  name: text,
  family: text,
  date: text.exactOptional(),
  arch: text.exactOptional(),
  sizeBytes: size.exactOptional(),
  digest: text.exactOptional(),
  platform: z.enum(["linux", "windows"]).exactOptional(),
  deprecated: z.boolean().exactOptional(),
  region: text.exactOptional(),
  account: text.exactOptional(),
  owner: text.exactOptional(),
});
const unread: z.ZodType<Unread> = z.object({ what: text, reason: text });
const doubt: z.ZodType<Doubt> = z.object({ locator: text, why: text });
const cost: z.ZodType<ReadCost> = z.object({
  reads: size,
  bytes: size,
  rounds: size,
  requests: size.exactOptional(),
});
const access: z.ZodType<Access> = z.object({
  rung: text,
  booted: z.boolean(),
  created: z.array(text),
  costUsd: z.number().exactOptional(),
  checksums: z.enum(["verified", "none"]).exactOptional(),
});

/** Unknown keys are refused: a bundle of a later engine may say something that changes the answer. */
export const manifest = z.strictObject({
  bundleVersion: z.literal(1),
  engine: text,
  image,
  failure: text.exactOptional(),
  notes: z.array(text),
  unread: z.array(unread),
  doubts: z.array(doubt),
  cost,
  access: access.exactOptional(),
  entries: z.array(entry).max(LIMITS.entries).exactOptional(),
  registry: z.array(registryKey).max(LIMITS.entries).exactOptional(),
});
export type Manifest = z.infer<typeof manifest>;
