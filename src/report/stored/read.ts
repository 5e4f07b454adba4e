import { isDeeper } from "../../model/json-text.ts";
import type { Report, ScanResult } from "../../model/report.ts";
import { storedResult } from "../../model/stored-result.ts";
import { storedReport } from "./schema.ts";

/** Three times as deep as any report. */
const DEPTH_MAX = 32;

/** Why a text is no report. */
export class NoReport extends Error {
  override readonly name = "NoReport";
}

/** Reads a stored report back: the canonical JSON, or NDJSON of results. Throws `NoReport` with what is wrong and where. */
export function readReport(text: string): Report {
  const trimmed = text.trimStart();
  if (trimmed === "") throw new NoReport("it is empty");
  if (isDeeper(trimmed, DEPTH_MAX)) throw new NoReport(`it is nested more than ${DEPTH_MAX} deep`);
  const whole = parse(trimmed);
  if (whole !== undefined && isRecord(whole) && "results" in whole) return checkedReport(whole);
  return { schemaVersion: 1, engine: "", results: readLines(trimmed) };
}

function checkedReport(value: object): Report {
  if ("schemaVersion" in value && value.schemaVersion !== 1)
    throw new NoReport(`it is of version ${String(value.schemaVersion)}; this sixray reads version 1`);
  return checked(storedReport.safeParse(value), "");
}

function readLines(text: string): readonly ScanResult[] {
  return text
    .split("\n")
    .flatMap((line, at) => (line.trim() === "" ? [] : [{ value: parse(line), where: `line ${at + 1}` }]))
    .map(({ value, where }) => {
      if (value === undefined) throw new NoReport(`${where} is no JSON`);
      return checked(storedResult.safeParse(value), `${where}: `);
    });
}

interface Parsed<T> {
  readonly success: boolean;
  readonly data?: T | undefined;
  readonly error?: { readonly issues: readonly Issue[] } | undefined;
}
interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function checked<T>({ data, error }: Parsed<T>, where: string): T {
  if (data !== undefined) return data;
  const [issue] = error?.issues ?? [];
  const path = issue?.path.map(String).join(".") ?? "";
  throw new NoReport(`${where}${path === "" ? "" : `${path}: `}${issue?.message ?? "it is no report"}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
