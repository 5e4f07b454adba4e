import { corrupt } from "../errors.ts";
import { type Attestation, preAuthEncoding } from "./envelope.ts";
import { type Key, verifyWith } from "./keys.ts";

/** Who is to have signed. */
export type Expected =
  | { readonly kind: "key"; readonly key: Key; readonly label: string }
  | {
      readonly kind: "identity";
      /** The subject alternative name of the certificate, to the letter. */
      readonly identity: string;
      /** Who vouched for it: `https://token.actions.githubusercontent.com`. */
      readonly issuer: string;
      /** Contents of trusted roots (trusted_root.json of Sigstore), one of which has to hold. */
      readonly roots: readonly unknown[];
    };

/** Who signed, once it is certain. */
export type Signer =
  | { readonly kind: "key"; readonly algorithm: string; readonly hint: string }
  | { readonly kind: "identity"; readonly identity: string; readonly issuer: string };

/** Rejects with `corrupt` when it is not the expected one's signature, to the byte. */
export async function checkSignature(
  attestation: Attestation,
  expected: Expected,
  label: string,
): Promise<Signer> {
  const { claimed } = attestation;
  if (expected.kind === "identity") {
    if (claimed.kind !== "certificate")
      throw corrupt(label, "was signed with a key, not by an identity: --key checks it");
    const { checkIdentity } = await import("./identity.ts");
    return checkIdentity(attestation, expected, label);
  }
  if (claimed.kind === "certificate")
    throw corrupt(
      label,
      "was signed by an identity: --certificate-identity and --certificate-oidc-issuer check it",
    );
  return checkKey(attestation, expected.key, expected.label, label);
}

function checkKey({ envelope, claimed }: Attestation, key: Key, keyLabel: string, label: string): Signer {
  const hints = [envelope.keyid, claimed.kind === "key" ? claimed.hint : ""];
  const other = hints.find((hint) => hint !== "" && hint !== key.hint);
  if (other !== undefined)
    throw corrupt(
      label,
      `was signed with another key: ${JSON.stringify(other)}, ${keyLabel} is ${JSON.stringify(key.hint)}`,
    );
  if (!verifyWith(key, preAuthEncoding(envelope.payload), envelope.signature))
    throw corrupt(
      label,
      `the signature does not hold: it was changed, or signed with another key than ${keyLabel}`,
    );
  return { kind: "key", algorithm: key.name, hint: key.hint };
}
