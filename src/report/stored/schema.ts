import * as z from "zod";
import type { PolicyReference, Report } from "../../model/report.ts";
import { storedResult } from "../../model/stored-result.ts";

/*
 * The canonical report, version 1, as it is read back: by `report`, `diff`, `verify` and whoever else has one. Each
 * schema is held to the model's own type. Keys may be added within version 1, so unknown ones are let pass and dropped.
 */

const text = z.string();

const policyReference: z.ZodType<PolicyReference> = z.object({
  id: text,
  title: text,
  digest: text.describe("sha256: and hexadecimal digits, over its sections and waivers"),
});

export const storedReport: z.ZodType<Report> = z.object({
  schemaVersion: z.literal(1),
  engine: text.describe("Name and version: sixray 0.1.0"),
  day: z.iso.date().exactOptional().describe("The day, in UTC, that waivers were held against"),
  generatedAt: z.iso.datetime().exactOptional().describe("When it was written, in UTC"),
  part: z
    .object({ index: z.int().positive(), count: z.int().positive() })
    .exactOptional()
    .describe("Which part of a run this is, of how many: the other parts have the other images"),
  policies: z.array(policyReference).exactOptional().describe("The policies that results were judged by"),
  results: z.array(storedResult),
});

/** The published JSON Schema; a line of NDJSON is an item of its `results`. */
export function reportJsonSchema(): object {
  return {
    $id: "https://raw.githubusercontent.com/sixray/sixray/main/schema/sixray-report-1.schema.json",
    title: "sixray report, version 1",
    description: "Keys may be added within version 1; none is removed or changes its meaning.",
    ...z.toJSONSchema(storedReport, { io: "input", unrepresentable: "any" }),
  };
}
