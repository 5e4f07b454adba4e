import { z } from "zod";
import type { Severity } from "../../model/finding.ts";
import { PROVIDERS, parseCondition } from "../condition.ts";
import { rules } from "../rules/index.ts";
import { builtIn } from "../templates/index.ts";

/** The shape of a policy file. What JSON Schema cannot say (dates, conditions, options) is refined on top. */

const ruleId = z.enum(Object.keys(rules)).describe("Id of a rule: `sixray rules` lists them.");
const glob = z.string().min(1).max(1000);
const line = z.string().trim().min(1).max(2000);
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);

const DATE = /^\d{4}-\d{2}-\d{2}$/;

const use = z
  .strictObject({
    use: ruleId,
    when: z
      .string()
      .max(2000)
      .superRefine((text, context) => {
        const found = parseCondition(text);
        if (typeof found === "string") context.addIssue({ code: "custom", message: found });
      })
      .describe("Asked only where this holds or cannot be told: `ipv6 == on`, `os.type != windows`.")
      .optional(),
    severity: z.enum(["high", "medium", "low", "info"]).describe("Instead of the rule's own.").optional(),
    options: z
      .record(z.string(), z.union([z.string(), z.boolean()]))
      .describe("What `sixray rules ID` lists as options.")
      .optional(),
  })
  .describe("One rule of a section.");

const waiver = z
  .strictObject({
    id: name.describe("How reports name it, such as W-12."),
    match: z
      .strictObject({
        provider: z.enum(PROVIDERS).optional(),
        family: glob.describe("Glob (`*`, `?`) of the image's family.").optional(),
        id: glob.describe("Glob of the image's id; for files the path as given.").optional(),
        os: glob.describe("Glob of os-release ID.").optional(),
      })
      .refine((match) => Object.keys(match).length > 0, {
        message: 'match must name something; for all images write family: "*"',
      })
      .describe("Which images: all that are given must fit."),
    rules: z.array(ruleId).min(1).describe("Which rules' findings."),
    reason: line.describe("Why, for those who read the report."),
    approvedBy: line.describe("Who decided."),
    expires: z
      .string()
      .regex(DATE, "expires takes a day, such as 2027-03-31")
      .refine((text) => !DATE.test(text) || isDay(text), { message: "there is no such day" })
      .describe("The last day it holds, in UTC."),
  })
  .describe("A decision to live with what rules find in some images, for a time.");

export interface UseDocument {
  readonly use: string;
  readonly when?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly options?: Record<string, string | boolean> | undefined;
}

export interface WaiverDocument {
  readonly id: string;
  readonly match: {
    readonly provider?: string | undefined;
    readonly family?: string | undefined;
    readonly id?: string | undefined;
    readonly os?: string | undefined;
  };
  readonly rules: readonly string[];
  readonly reason: string;
  readonly approvedBy: string;
  readonly expires: string;
}

export interface PolicyDocument {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly extends?: string | undefined;
  readonly sections?: Record<string, readonly UseDocument[]> | undefined;
  readonly waivers?: readonly WaiverDocument[] | undefined;
}

export const policyDocument: z.ZodType<PolicyDocument> = z
  .strictObject({
    id: name.describe("How reports name the policy; the file's name when it is left out.").optional(),
    title: line.optional(),
    description: z.string().max(10_000).optional(),
    extends: z
      .enum(builtIn.map(({ id }) => id))
      .describe("A policy that comes with sixray; its sections come first.")
      .optional(),
    sections: z
      .record(z.string().min(1).max(200), z.array(use))
      .describe("Rules by section; a rule named here replaces the one of the policy that is extended.")
      .optional(),
    waivers: z.array(waiver).optional(),
  })
  .describe("A sixray policy: which rules an image is judged by, and what is waived.");

/** `sixray.yaml`: what to scan, and by which policy. */
export interface ConfigDocument {
  readonly policy?: string | undefined;
  readonly targets: readonly string[];
}

export const configDocument: z.ZodType<ConfigDocument> = z.strictObject({
  policy: z
    .string()
    .min(1)
    .describe("A policy that comes with sixray, or a file relative to this one.")
    .optional(),
  targets: z
    .array(z.string().min(1))
    .min(1)
    .describe("What to scan, as on the command line; files relative to this one."),
});

/** A day that the calendar has. */
function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** JSON Schema of a policy file, for editors. */
export function policyJsonSchema(): object {
  return {
    $id: "https://raw.githubusercontent.com/sixray/sixray/main/schema/sixray-policy.schema.json",
    title: "sixray policy",
    ...z.toJSONSchema(policyDocument, { io: "input" }),
  };
}
