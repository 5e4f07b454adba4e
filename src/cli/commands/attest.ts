import { beyondEvidence } from "../../attest/beyond.ts";
import { readPrivateKey } from "../../attest/keys.ts";
import { reproducerOf } from "../../attest/reproduce.ts";
import { keylessSigner, keySigner, PUBLIC_GOOD, type SignStatement } from "../../attest/sign.ts";
import { type Digested, sha256Of, writeStatement } from "../../attest/statement.ts";
import { ScanError } from "../../errors.ts";
import type { Report } from "../../model/report.ts";
import { escapeText } from "../../report/escape.ts";
import { type EvidenceOptions, evidenceJudging } from "../evidence-judging.ts";
import { EXIT } from "../exit.ts";
import { givenBytes } from "../given-file.ts";
import { writeAll } from "../output.ts";
import { reportIn } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";
import { differenceLines } from "./verify-text.ts";

export interface AttestOptions extends EvidenceOptions {
  readonly key?: string | undefined;
  readonly keyless: boolean;
  readonly output?: string | undefined;
  readonly fulcioUrl?: string | undefined;
  readonly rekorUrl?: string | undefined;
  readonly quiet: boolean;
}

/** Signs a report with its evidence. What the evidence contradicts is not signed: exit 1. */
export async function attestCommand(
  path: string,
  bundles: readonly string[],
  options: AttestOptions,
  terminal: Terminal,
): Promise<number> {
  const sign = await signerOf(options);
  const bytes = await givenBytes(path);
  const report = reportIn(bytes, path);
  const files: Digested[] = [{ path, sha256: sha256Of(bytes) }];
  const beyond = beyondEvidence(bytes, report).map((what) => `${path}: ${what}`);
  const problems = [...beyond, ...(await judgedAgain(report, bundles, options, terminal, files))];
  if (problems.length > 0) {
    for (const line of problems) terminal.err(`sixray: ${escapeText(line)}\n`);
    terminal.err("sixray: nothing was signed\n");
    return EXIT.flagged;
  }
  const output = options.output ?? `${path.replace(/\.json$/i, "")}.sigstore.json`;
  await writeAll([{ path: output, content: await sign(writeStatement(report, files)) }]);
  if (!options.quiet) terminal.err(`sixray: wrote ${escapeText(output)}\n`);
  return EXIT.pass;
}

async function signerOf({ key, keyless, fulcioUrl, rekorUrl }: AttestOptions): Promise<SignStatement> {
  if ((key === undefined) === !keyless)
    throw new ScanError("usage", "who signs? either --key with a private key, or --keyless in CI");
  if (key !== undefined)
    return keySigner(readPrivateKey(await givenBytes(key), key, process.env.SIXRAY_KEY_PASSPHRASE));
  return keylessSigner({
    fulcioUrl: fulcioUrl ?? PUBLIC_GOOD.fulcioUrl,
    rekorUrl: rekorUrl ?? PUBLIC_GOOD.rekorUrl,
  });
}

/** Adds the digest of every bundle to `files`. Resolves to what speaks against the report. */
async function judgedAgain(
  report: Report,
  bundles: readonly string[],
  options: AttestOptions,
  terminal: Terminal,
  files: Digested[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  const reproducer = reproducerOf(report, await evidenceJudging(options));
  for (const path of bundles) {
    terminal.signal.throwIfAborted();
    const bytes = await givenBytes(path);
    files.push({ path, sha256: sha256Of(bytes) });
    const found = await reproducer.reproduce(bytes, path);
    if (found.state === "refused") problems.push(`${path}: ${found.why}`);
    if (found.state === "different")
      problems.push(...differenceLines(found.differences).map((line) => `${path}: ${found.image}: ${line}`));
  }
  const missing = reproducer.missing().length;
  if (missing > 0 && !options.quiet)
    terminal.err(
      `sixray: warning: no bundle for ${missing} of ${report.results.length} images: verify can only take the signer's word for them\n`,
    );
  return problems;
}
