import * as z from "zod";
import type { ImageRef } from "./image.ts";
import type { Access, ReadCost, Unread } from "./report.ts";

/* Plain data of the model as it is read back from reports and bundles, each held to the model's own type. */

const text = z.string();

export const imageRef: z.ZodType<ImageRef> = z.object({
  provider: text.describe("file, http, aws, gcp, azure"),
  id: text.describe("What the provider calls this very image"),
  name: text,
  family: text.describe("The line of images it belongs to"),
  date: text.exactOptional(),
  arch: text.exactOptional(),
  sizeBytes: z.int().nonnegative().exactOptional(),
  digest: text.exactOptional(),
  platform: z.enum(["linux", "windows"]).exactOptional(),
  deprecated: z.boolean().exactOptional(),
  region: text.exactOptional(),
  account: text.exactOptional(),
  traits: z.record(text, text).exactOptional().describe("What else the provider says of it"),
  owner: text.exactOptional(),
});

export const unread: z.ZodType<Unread> = z.object({ what: text, reason: text });

export const readCost: z.ZodType<ReadCost> = z.object({
  reads: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  rounds: z.int().nonnegative(),
  requests: z.int().nonnegative().exactOptional(),
});

export const access: z.ZodType<Access> = z.object({
  rung: text.describe("direct, copy-snapshot, worker-serial"),
  booted: z.boolean().describe("The image itself was started: what was read may differ from what is shipped"),
  created: z.array(text).describe("Temporary resources, by name"),
  costUsd: z.number().nonnegative().exactOptional(),
  checksums: z.enum(["verified", "none"]).exactOptional(),
});
