/**
 * Whether a report is what somebody signed, and what its evidence says. Offline, in this order: the signature, then the
 * statement, then the files it is about, then every image judged again. Nothing is parsed before what vouches for it.
 */
import { isReadError, ScanError } from "../errors.ts";
import type { Report, Verdict } from "../model/report.ts";
import { testResultOf } from "../report/intoto/statement.ts";
import { tally } from "../report/tally.ts";
import { beyondEvidence } from "./beyond.ts";
import type { Difference } from "./compare.ts";
import { type Attestation, readAttestation } from "./envelope.ts";
import { type Judging, type Reproducer, reproducerOf } from "./reproduce.ts";
import { checkSignature, type Expected, type Signer } from "./signature.ts";
import { type ReadStatement, readStatement, sha256Of } from "./statement.ts";
import { type Subjects, subjectsOf } from "./subjects.ts";

export interface GivenFile {
  readonly path: string;
  read(): Promise<Uint8Array>;
}

export interface VerifyInput extends Judging {
  readonly report: GivenFile;
  readonly attestation: GivenFile;
  readonly bundles: readonly GivenFile[];
  readonly expected: Expected;
  /** Images without evidence are told and not held against the report. */
  readonly allowMissing: boolean;
  /** Reads the bytes of a report. Throws `usage` when they are none. */
  readonly parseReport: (bytes: Uint8Array, path: string) => Report;
  readonly signal?: AbortSignal | undefined;
}

/** One thing that speaks against it. */
export interface Problem {
  readonly file: string;
  readonly message: string;
  /** `provider:id`, where one image is concerned. */
  readonly image?: string;
  readonly differences?: readonly Difference[];
}

export interface Verification {
  /** `verified`; `refused` when anything speaks against it; `incomplete` when only evidence is missing. */
  readonly outcome: "verified" | "refused" | "incomplete";
  readonly signer?: Signer;
  /** What was signed; only once the signature holds. */
  readonly result?: ReadStatement["predicate"]["result"];
  /** What the report says of its making: no evidence speaks of it. */
  readonly signersWord?: Pick<Report, "engine" | "day" | "generatedAt" | "part">;
  /** How many images the report gives which verdict. */
  readonly verdicts?: Readonly<Record<Verdict, number>>;
  readonly images: {
    readonly total: number;
    /** Judged again with the same result. */
    readonly reproduced: number;
    /** `provider:id` of those that no bundle is of. */
    readonly missing: readonly string[];
  };
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Rejects only for `usage`, an abort or a bug: what the files hold becomes a problem. */
export async function verify(input: VerifyInput): Promise<Verification> {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const held = await signed(input, problems, warnings);
  const images = { total: 0, reproduced: 0, missing: [] };
  if (!held) return { outcome: "refused", images, problems, warnings };
  const { signer, statement } = held;
  const { result } = statement.predicate;
  const subjects = subjectsOf(statement);
  const report = await reportOf(input, statement, subjects, problems);
  if (!report) return { outcome: "refused", signer, result, images, problems, warnings };
  // Of a report that is not what was signed nothing is said but what is wrong with it.
  const told = problems.length > 0 ? {} : { signersWord: madeBy(report), verdicts: tally(report) };
  const reproducer = reproducerOn(report, input, problems);
  if (!reproducer) return { outcome: "refused", signer, result, images, problems, warnings };
  for (const bundle of input.bundles) {
    input.signal?.throwIfAborted();
    await judgeAgain(bundle, subjects, reproducer, problems);
  }
  for (const name of subjects.idle())
    warnings.push(`the attestation is also about ${name}, which was not given`);
  const missing = reproducer.missing().map(({ image: { provider, id } }) => `${provider}:${id}`);
  const incomplete = missing.length > 0 && !input.allowMissing;
  return {
    outcome: problems.length > 0 ? "refused" : incomplete ? "incomplete" : "verified",
    signer,
    result,
    ...told,
    images: { total: report.results.length, reproduced: reproducer.same(), missing },
    problems,
    warnings,
  };
}

function madeBy({ engine, day, generatedAt, part }: Report): NonNullable<Verification["signersWord"]> {
  return {
    engine,
    ...(part === undefined ? {} : { part }),
    ...(day === undefined ? {} : { day }),
    ...(generatedAt === undefined ? {} : { generatedAt }),
  };
}

async function signed(
  { attestation: file, expected }: VerifyInput,
  problems: Problem[],
  warnings: string[],
): Promise<{ readonly signer: Signer; readonly statement: ReadStatement } | undefined> {
  const bytes = await file.read();
  return attempt(file.path, problems, async () => {
    const attestation: Attestation = readAttestation(bytes, file.path);
    const signer = await checkSignature(attestation, expected, file.path);
    if (signer.kind === "key" && attestation.logEntries > 0)
      warnings.push("the attestation also names a transparency log, which a check by key does not look at");
    return { signer, statement: readStatement(attestation.envelope.payload, file.path) };
  });
}

/** The report, also when it is not what was attested: its differences say what was changed. */
async function reportOf(
  { report: file, parseReport }: VerifyInput,
  statement: ReadStatement,
  subjects: Subjects,
  problems: Problem[],
): Promise<Report | undefined> {
  const bytes = await file.read();
  const refusal = subjects.refusal(file.path, sha256Of(bytes));
  if (refusal !== undefined) problems.push({ file: file.path, message: refusal });
  const report = readableReport(bytes, file.path, parseReport, problems);
  if (!report) return undefined;
  problems.push(...beyondEvidence(bytes, report).map((message) => ({ file: file.path, message })));
  if (!sumsUp(statement.predicate, report) && refusal === undefined)
    problems.push({ file: file.path, message: "the attestation sums it up as it is not" });
  return report;
}

/** Whether a statement says of a report what it says itself: verdicts, policies, who made it and when. */
function sumsUp(statement: ReadStatement["predicate"], report: Report): boolean {
  const said = testResultOf(report);
  return (
    said.result === statement.result &&
    said.sixray_generatedAt === statement.sixray_generatedAt &&
    (["passedTests", "warnedTests", "failedTests", "configuration"] as const).every(
      (list) => JSON.stringify(said[list]) === JSON.stringify(statement[list]),
    )
  );
}

/** What is no report is the caller's mistake, unless somebody signed it or changed what was signed. */
function readableReport(
  bytes: Uint8Array,
  path: string,
  parseReport: VerifyInput["parseReport"],
  problems: Problem[],
): Report | undefined {
  try {
    return parseReport(bytes, path);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    problems.push({ file: path, message: error.message });
    return undefined;
  }
}

/** A report that was changed may name any policy; asking the user for it would be wrong. */
function reproducerOn(
  report: Report,
  input: VerifyInput,
  problems: readonly Problem[],
): Reproducer | undefined {
  try {
    return reproducerOf(report, input);
  } catch (error) {
    if (error instanceof ScanError && problems.length > 0) return undefined;
    throw error;
  }
}

async function judgeAgain(
  file: GivenFile,
  subjects: Subjects,
  reproducer: Reproducer,
  problems: Problem[],
): Promise<void> {
  const bytes = await file.read();
  const refusal = subjects.refusal(file.path, sha256Of(bytes));
  if (refusal !== undefined) problems.push({ file: file.path, message: refusal });
  await attempt(file.path, problems, async () => {
    const found = await reproducer.reproduce(bytes, file.path);
    if (found.state === "refused") problems.push({ file: file.path, image: found.image, message: found.why });
    if (found.state === "different")
      problems.push({
        file: file.path,
        image: found.image,
        message: "the evidence gives another result than the report",
        differences: found.differences,
      });
  });
}

/** What cannot be read or believed becomes a problem. */
async function attempt<T>(
  path: string,
  problems: Problem[],
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (!isReadError(error)) throw error;
    const [file = path, ...at] = error.at;
    problems.push({ file, message: at.length > 0 ? `${error.message} (${at.join(" > ")})` : error.message });
    return undefined;
  }
}
