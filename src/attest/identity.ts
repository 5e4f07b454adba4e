/**
 * Signatures without a key of one's own: a certificate for an identity, an entry in a transparency log, and a trusted
 * root that says which authorities and logs to believe (Sigstore's client specification). No request is made.
 */
import { corrupt, errorLine, ScanError } from "../errors.ts";
import type { Attestation } from "./envelope.ts";
import { optional } from "./optional.ts";
import type { Expected, Signer } from "./signature.ts";

type ExpectedIdentity = Extract<Expected, { readonly kind: "identity" }>;

/** Rejects with `corrupt` for a signature that does not hold, `usage` for a trusted root that is none. */
export async function checkIdentity(
  { bundle }: Attestation,
  expected: ExpectedIdentity,
  label: string,
): Promise<Signer> {
  const [{ bundleFromJSON }, { TrustedRoot }, { toSignedEntity, toTrustMaterial, Verifier }] =
    await Promise.all([
      optional("@sigstore/bundle", () => import("@sigstore/bundle")),
      optional("@sigstore/protobuf-specs", () => import("@sigstore/protobuf-specs")),
      optional("@sigstore/verify", () => import("@sigstore/verify")),
    ]);
  const verifiers = expected.roots.map((root) => {
    try {
      return new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root)));
    } catch (error) {
      throw new ScanError("usage", `not a trusted root of Sigstore: ${errorLine(error)}`);
    }
  });
  const refusals: string[] = [];
  for (const verifier of verifiers) {
    try {
      const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(bundle)));
      return asExpected(identity?.subjectAlternativeName, identity?.extensions?.issuer, expected, label);
    } catch (error) {
      if (error instanceof ScanError) throw error;
      // Whatever the library makes of hostile input is a refusal.
      refusals.push(errorLine(error));
    }
  }
  throw corrupt(
    label,
    `the signature does not hold: ${[...new Set(refusals)].join("; ") || "no trusted root"}`,
  );
}

/** By ourselves: the library would take the expected name as a regular expression that matches anywhere. */
function asExpected(
  identity: string | undefined,
  issuer: string | undefined,
  expected: ExpectedIdentity,
  label: string,
): Signer {
  if (identity !== expected.identity || issuer !== expected.issuer)
    throw corrupt(
      label,
      `was signed by ${JSON.stringify(identity ?? "")}, vouched for by ${JSON.stringify(issuer ?? "")}, not by ${JSON.stringify(expected.identity)}, vouched for by ${JSON.stringify(expected.issuer)}`,
    );
  return { kind: "identity", identity, issuer };
}
