/** Puts a signed statement into a Sigstore bundle v0.3, with the user's key or with an identity from CI. */
import type { Signature, Signer, Witness } from "@sigstore/sign";
import { ScanError } from "../errors.ts";
import { PAYLOAD_TYPE } from "./envelope.ts";
import { type Key, publicPem, signWith } from "./keys.ts";
import { optional } from "./optional.ts";

/** Signs the bytes of a statement; resolves to the bytes of the file. Add another signer by writing one of these. */
export type SignStatement = (statement: Uint8Array) => Promise<Uint8Array>;

/** With a key of the user's own: nothing leaves this machine. */
export function keySigner(key: Key): SignStatement {
  return (statement) =>
    bundled(statement, {
      sign: async (message): Promise<Signature> => ({
        signature: signWith(key, message),
        key: { $case: "publicKey", publicKey: publicPem(key), hint: key.hint },
      }),
    });
}

export interface KeylessOptions {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
}

export const PUBLIC_GOOD: KeylessOptions = {
  fulcioUrl: "https://fulcio.sigstore.dev",
  rekorUrl: "https://rekor.sigstore.dev",
};

const RETRIES = 2;
const TIMEOUT_MS = 20_000;

/**
 * With a certificate that lasts minutes, for the identity that CI vouches for, and an entry in a transparency log that
 * anybody can read: identity, certificate, and digests, not the statement. Rejects with `access`.
 */
export function keylessSigner({ fulcioUrl, rekorUrl }: KeylessOptions): SignStatement {
  return async (statement) => {
    const { CIContextProvider, FulcioSigner, RekorWitness } = await sigstoreSign();
    const net = { retry: RETRIES, timeout: TIMEOUT_MS };
    const identityProvider = new CIContextProvider("sigstore");
    const signer = new FulcioSigner({ fulcioBaseURL: fulcioUrl, identityProvider, ...net });
    const witness = new RekorWitness({ rekorBaseURL: rekorUrl, entryType: "dsse", ...net });
    try {
      return await bundled(statement, signer, [witness]);
    } catch (error) {
      throw keylessError(error);
    }
  };
}

/** Never the token itself: some of the library's messages have it. */
function keylessError(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "IDENTITY_TOKEN_READ_ERROR":
      return new ScanError(
        "access",
        "no identity token to be had: in GitHub Actions the job needs `permissions: id-token: write`; elsewhere put one into SIGSTORE_ID_TOKEN, or sign with --key",
      );
    case "IDENTITY_TOKEN_PARSE_ERROR":
      return new ScanError("access", "the identity token is none (a JWT with a subject is wanted)");
    case "CA_CREATE_SIGNING_CERTIFICATE_ERROR":
    case "TLOG_CREATE_ENTRY_ERROR":
    case "TLOG_FETCH_ENTRY_ERROR": {
      const why = "cause" in error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
      return new ScanError("access", `keyless signing failed: ${error.message}${why}`);
    }
    default:
      return error;
  }
}

function sigstoreSign(): Promise<typeof import("@sigstore/sign")> {
  return optional("@sigstore/sign", () => import("@sigstore/sign"));
}

async function bundled(
  statement: Uint8Array,
  signer: Signer,
  witnesses: Witness[] = [],
): Promise<Uint8Array> {
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([
    sigstoreSign(),
    optional("@sigstore/bundle", () => import("@sigstore/bundle")),
  ]);
  const builder = new DSSEBundleBuilder({ signer, witnesses });
  const bundle = await builder.create({ data: Buffer.from(statement), type: PAYLOAD_TYPE });
  // In one line and without an end of line: no byte of it is without a meaning.
  return new TextEncoder().encode(JSON.stringify(bundleToJSON(bundle)));
}
