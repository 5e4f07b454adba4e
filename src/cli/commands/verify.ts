import { readPublicKey } from "../../attest/keys.ts";
import { readRoots } from "../../attest/roots.ts";
import type { Expected } from "../../attest/signature.ts";
import { type GivenFile, type Verification, verify } from "../../attest/verify.ts";
import { ScanError } from "../../errors.ts";
import { escapeJson } from "../../report/escape.ts";
import { type EvidenceOptions, evidenceJudging } from "../evidence-judging.ts";
import { EXIT } from "../exit.ts";
import { givenBytes } from "../given-file.ts";
import { reportIn } from "../stored-report.ts";
import type { Terminal } from "../terminal.ts";
import { verificationText } from "./verify-text.ts";

export interface VerifyOptions extends EvidenceOptions {
  readonly key?: string | undefined;
  readonly certificateIdentity?: string | undefined;
  readonly certificateOidcIssuer?: string | undefined;
  readonly trustedRoot?: string | undefined;
  readonly allowMissingBundles: boolean;
  readonly json: boolean;
}

const CODES: Readonly<Record<Verification["outcome"], number>> = {
  verified: EXIT.pass,
  refused: EXIT.flagged,
  incomplete: EXIT.incomplete,
};

/** 0: verified. 1: refused. 3: nothing speaks against it, but not every image's evidence was given. */
export async function verifyCommand(
  files: { readonly report: string; readonly attestation: string; readonly bundles: readonly string[] },
  options: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  const expected = await expectedOf(options);
  const verification = await verify({
    ...(await evidenceJudging(options)),
    report: given(files.report),
    attestation: given(files.attestation),
    bundles: files.bundles.map(given),
    expected,
    allowMissing: options.allowMissingBundles,
    parseReport: reportIn,
    signal: terminal.signal,
  });
  await terminal.out(
    options.json
      ? `${escapeJson(JSON.stringify(verification, null, 2))}\n`
      : verificationText(files.report, verification, options.allowMissingBundles),
  );
  return CODES[verification.outcome];
}

function given(path: string): GivenFile {
  return { path, read: () => givenBytes(path) };
}

async function expectedOf(options: VerifyOptions): Promise<Expected> {
  const { key, certificateIdentity: identity, certificateOidcIssuer: issuer, trustedRoot } = options;
  const keyless = identity !== undefined || issuer !== undefined || trustedRoot !== undefined;
  if ((key !== undefined) === keyless)
    throw new ScanError(
      "usage",
      "who is to have signed? either --key with a public key, or --certificate-identity and --certificate-oidc-issuer",
    );
  if (key !== undefined) return { kind: "key", key: readPublicKey(await givenBytes(key), key), label: key };
  if (identity === undefined || issuer === undefined)
    throw new ScanError(
      "usage",
      "a keyless signature needs both --certificate-identity and --certificate-oidc-issuer",
    );
  return { kind: "identity", identity, issuer, roots: await rootsOf(trustedRoot) };
}

/** Sigstore's public instance where none is named. */
async function rootsOf(path: string | undefined): Promise<readonly unknown[]> {
  if (path !== undefined) return readRoots(await givenBytes(path), path);
  const { publicGoodRoots } = await import("../../attest/public-good.ts");
  return publicGoodRoots();
}
