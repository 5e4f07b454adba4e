/**
 * The file an attestation lies in: a Sigstore bundle v0.3 around a DSSE envelope, or the envelope alone
 * (https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md,
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto). Hostile until its signature holds:
 * sizes are bounded, keys that nobody knows and encodings that mean the same twice are refused.
 */
import { z } from "zod";
import { corrupt, limitReached } from "../errors.ts";
import { firstIssue, parseJson } from "./json.ts";

/** The only payload an envelope of ours may hold (in-toto Attestation v1, envelope layer). */
export const PAYLOAD_TYPE = "application/vnd.in-toto+json";
export const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

/** A statement on 100,000 images is 20 MB. */
const BYTES_MAX = 64 << 20;

export interface Envelope {
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** A hint that nothing vouches for; empty when there is none. */
  readonly keyid: string;
}

/** Who says to have signed. Nothing of it is proven before the signature is checked. */
export type Claimed =
  | { readonly kind: "key"; readonly hint: string }
  | { readonly kind: "certificate" }
  /** An envelope without a bundle around it. */
  | { readonly kind: "unsaid" };

export interface Attestation {
  readonly envelope: Envelope;
  readonly claimed: Claimed;
  /** Entries of a transparency log that come with it. */
  readonly logEntries: number;
  /** The whole bundle, as JSON, for readers that check what is in it. */
  readonly bundle: unknown;
}

/** Base64 with one spelling only: canonical padding, no other alphabet, no bits left over. */
const bytes = z.string().transform((text, context) => {
  const found = new Uint8Array(Buffer.from(text, "base64"));
  if (Buffer.from(found).toString("base64") === text) return found;
  context.addIssue({ code: "custom", message: "not base64 (RFC 4648, section 4)" });
  return z.NEVER;
});

const hint = z.string().max(1024);

const envelopeSchema = z.strictObject({
  payload: bytes,
  payloadType: z.literal(PAYLOAD_TYPE),
  signatures: z
    .array(z.strictObject({ sig: bytes, keyid: hint.optional() }))
    .length(1, "exactly one signature is wanted: more signers are not known here"),
});

const certificate = z.strictObject({ rawBytes: bytes });

const bundleSchema = z.strictObject({
  mediaType: z.enum([BUNDLE_TYPE, "application/vnd.dev.sigstore.bundle+json;version=0.3"]),
  verificationMaterial: z
    .strictObject({
      publicKey: z.strictObject({ hint: hint.optional() }).optional(),
      certificate: certificate.optional(),
      tlogEntries: z.array(z.looseObject({})).max(8).optional(),
      timestampVerificationData: z
        .strictObject({
          rfc3161Timestamps: z
            .array(z.strictObject({ signedTimestamp: bytes }))
            .max(8)
            .optional(),
        })
        .optional(),
    })
    .refine(
      (material) => (material.publicKey === undefined) !== (material.certificate === undefined),
      "either a public key or a certificate is wanted",
    ),
  dsseEnvelope: envelopeSchema,
});

/** Reads an attestation file; nothing in it is trusted yet. Throws `corrupt` or `limit`. */
export function readAttestation(file: Uint8Array, label: string): Attestation {
  if (file.length > BYTES_MAX) throw limitReached(label, "larger than any attestation: 64 MiB");
  const json = parseJson(file, label);
  const alone = typeof json === "object" && json !== null && "payload" in json;
  if (alone) {
    const found = envelopeSchema.safeParse(json);
    if (!found.success) throw corrupt(label, `not an attestation: ${firstIssue(found.error)}`);
    return {
      envelope: envelopeOf(found.data),
      claimed: { kind: "unsaid" },
      logEntries: 0,
      bundle: undefined,
    };
  }
  const found = bundleSchema.safeParse(json);
  if (!found.success) throw corrupt(label, `not an attestation: ${firstIssue(found.error)}`);
  const { verificationMaterial: material, dsseEnvelope } = found.data;
  return {
    envelope: envelopeOf(dsseEnvelope),
    claimed: material.publicKey
      ? { kind: "key", hint: material.publicKey.hint ?? "" }
      : { kind: "certificate" },
    logEntries: material.tlogEntries?.length ?? 0,
    bundle: json,
  };
}

function envelopeOf({ payload, signatures }: z.infer<typeof envelopeSchema>): Envelope {
  const [first] = signatures;
  return { payload, signature: first?.sig ?? new Uint8Array(), keyid: first?.keyid ?? "" };
}

/** What is signed: DSSE's pre-authentication encoding (protocol.md, section "Signature Definition"). */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  const type = Buffer.from(PAYLOAD_TYPE);
  const head = `DSSEv1 ${type.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return new Uint8Array(Buffer.concat([Buffer.from(head), payload]));
}
