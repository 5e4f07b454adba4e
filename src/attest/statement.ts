/** What is signed: the report and its evidence bundles by digest, and the verdicts in in-toto's words. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { corrupt, ScanError } from "../errors.ts";
import type { Report } from "../model/report.ts";
import { escapeJson } from "../report/escape.ts";
import {
  STATEMENT_TYPE,
  type Subject,
  statementOn,
  TEST_RESULT_TYPE,
  type TestResult,
} from "../report/intoto/statement.ts";
import { firstIssue, parseJson } from "./json.ts";

/** A file by the name it was given, with its digest. */
export interface Digested {
  readonly path: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The statement on a report and its bundles, as it is signed. Throws `usage` when a file is given twice. */
export function writeStatement(report: Report, files: readonly Digested[]): Uint8Array {
  const names = new Set<string>();
  const digests = new Map<string, string>();
  const subjects = files.map(({ path, sha256 }): Subject => {
    const twin = digests.get(sha256);
    if (twin !== undefined) throw new ScanError("usage", `${path} is the same file as ${twin}`);
    digests.set(sha256, path);
    return { name: unusedName(basename(path), names), digest: { sha256 } };
  });
  return new TextEncoder().encode(escapeJson(JSON.stringify(statementOn(report, subjects))));
}

/** Names in a statement are to differ from each other (spec/v1/statement.md). */
function unusedName(name: string, taken: Set<string>): string {
  let unused = name;
  for (let count = 2; taken.has(unused); count++) unused = `${name} (${count})`;
  taken.add(unused);
  return unused;
}

const SUBJECTS_MAX = 200_000;
const names = z.array(z.string());
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "not the hexadecimal digits of a SHA-256");

/** A statement as it is read back: what of it is looked at. */
export interface ReadStatement {
  readonly subject: readonly {
    readonly name?: string | undefined;
    readonly digest: { readonly sha256: string };
  }[];
  readonly predicate: Pick<TestResult, "result" | "passedTests" | "warnedTests" | "failedTests"> & {
    readonly configuration: readonly unknown[];
    readonly sixray_generatedAt?: string | undefined;
  };
}

/** Unknown fields are ignored, as the specification wants it: ignoring one must never turn a refusal around. */
const statementSchema: z.ZodType<ReadStatement> = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.object({ sha256 }) }))
    .min(1)
    .max(SUBJECTS_MAX),
  predicateType: z.literal(TEST_RESULT_TYPE),
  predicate: z.object({
    result: z.enum(["PASSED", "WARNED", "FAILED"]),
    configuration: z.array(z.unknown()),
    passedTests: names.default([]),
    warnedTests: names.default([]),
    failedTests: names.default([]),
    sixray_generatedAt: z.string().optional(),
  }),
});

/** Reads the payload of an envelope whose signature holds. Throws `corrupt`. */
export function readStatement(payload: Uint8Array, label: string): ReadStatement {
  const found = statementSchema.safeParse(parseJson(payload, label));
  if (found.success) return found.data;
  throw corrupt(label, `not a statement of ours: ${firstIssue(found.error)}`);
}
