/**
 * A test result as in-toto has it: Statement v1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md)
 * with predicate test-result v0.1 (spec/predicates/test-result.md).
 */
import type { Report, ScanResult, Verdict } from "../../model/report.ts";
import { plain } from "../shorten.ts";

export const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
export const TEST_RESULT_TYPE = "https://in-toto.io/attestation/test-result/v0.1";

/** What a statement is about: matched by digest alone, the name is for people. */
export interface Subject {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** ResourceDescriptor: one of `uri`, `digest` and `content` has to be there (spec/v1/resource_descriptor.md). */
interface Descriptor {
  readonly name: string;
  readonly uri?: string;
  readonly digest?: { readonly sha256: string };
  readonly content?: string;
}

export interface TestResult {
  readonly result: "PASSED" | "WARNED" | "FAILED";
  readonly configuration: readonly Descriptor[];
  readonly passedTests: readonly string[];
  readonly warnedTests: readonly string[];
  readonly failedTests: readonly string[];
  /** An extension field, as the specification lets producers add them. */
  readonly sixray_generatedAt?: string;
}

export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Subject[];
  readonly predicateType: typeof TEST_RESULT_TYPE;
  readonly predicate: TestResult;
}

export function statementOn(report: Report, subject: readonly Subject[]): Statement {
  return { _type: STATEMENT_TYPE, subject, predicateType: TEST_RESULT_TYPE, predicate: testResultOf(report) };
}

const PASSED: readonly Verdict[] = ["pass"];
/** Somebody answers for these: they passed, with a warning. */
const WARNED: readonly Verdict[] = ["waived"];

/** What needs a person and what could not be read never passed, not even with a warning. */
export function testResultOf({ engine, generatedAt, policies = [], results }: Report): TestResult {
  const named = (matches: (verdict: Verdict) => boolean): readonly string[] =>
    results.filter(({ verdict }) => matches(verdict)).map(nameOf);
  const passedTests = named((verdict) => PASSED.includes(verdict));
  const warnedTests = named((verdict) => WARNED.includes(verdict));
  const failedTests = named((verdict) => !PASSED.includes(verdict) && !WARNED.includes(verdict));
  return {
    // Nothing judged is nothing passed.
    result:
      failedTests.length > 0 || results.length === 0
        ? "FAILED"
        : warnedTests.length > 0
          ? "WARNED"
          : "PASSED",
    configuration: [
      ...engineOf(engine),
      ...policies.map(({ id, digest }) => ({
        name: plain(id),
        digest: { sha256: digest.replace(/^sha256:/, "") },
      })),
    ],
    passedTests,
    warnedTests,
    failedTests,
    ...(generatedAt === undefined ? {} : { sixray_generatedAt: generatedAt }),
  };
}

/** As a package URL (https://github.com/package-url/purl-spec) where it has the form of one. */
function engineOf(engine: string): readonly Descriptor[] {
  if (engine === "") return [];
  const [, version] = /^sixray (\d[\w.+-]*)$/.exec(engine) ?? [];
  if (version !== undefined)
    return [{ name: engine, uri: `pkg:npm/sixray@${version.replaceAll("+", "%2B")}` }];
  return [{ name: plain(engine), content: Buffer.from(engine.slice(0, 512)).toString("base64") }];
}

function nameOf({ image, verdict }: ScanResult): string {
  return plain(`${image.provider}:${image.id} (${verdict})`);
}
