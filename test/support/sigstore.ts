/** A Sigstore of one's own on this machine: OIDC token endpoint, Fulcio, Rekor and the trusted root that vouches for them. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from "@sigstore/mock";

export const ISSUER = "https://token.actions.githubusercontent.com";
export const IDENTITY = "https://github.com/me/images/.github/workflows/scan.yml@refs/heads/main";

export interface Sigstore {
  readonly url: string;
  /** What a job with `id-token: write` finds in its environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly trustedRoot: object;
  /** What the log was sent. */
  readonly logged: readonly string[];
  close(): void;
}

export async function startSigstore(): Promise<Sigstore> {
  const pair = (): ReturnType<typeof generateKeyPairSync> =>
    generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const [caKeys, ctKeys, logKeys] = [pair(), pair(), pair()];
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  const tlog = await initializeTLog(url, logKeys);
  const logged: string[] = [];
  const fulcio = fulcioHandler(ca);
  const rekor = rekorHandler(tlog);
  server.on("request", (request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { pathname } = new URL(request.url ?? "/", url);
      if (pathname === "/token") {
        const allowed = request.headers.authorization === "Bearer of-the-runner";
        response.writeHead(allowed ? 200 : 401, { "Content-Type": "application/json" });
        response.end(JSON.stringify(allowed ? { value: token() } : { message: "no" }));
        return;
      }
      if (pathname === rekor.path) logged.push(body);
      const handler = pathname === fulcio.path ? fulcio : pathname === rekor.path ? rekor : undefined;
      if (!handler) return void response.writeHead(404).end();
      const done = await handler.fn(handler === rekor ? asRekorStores(body) : body);
      response.writeHead(done.statusCode, { "Content-Type": done.contentType ?? "text/plain" });
      response.end(done.response);
    })();
  });
  const start = new Date(Date.now() - 60_000).toISOString();
  const authority = (key: Buffer, id: Uint8Array): object => ({
    baseUrl: url,
    hashAlgorithm: "SHA2_256",
    publicKey: {
      rawBytes: key.toString("base64"),
      keyDetails: "PKIX_ECDSA_P256_SHA_256",
      validFor: { start },
    },
    logId: { keyId: Buffer.from(id).toString("base64") },
  });
  return {
    url,
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-runner",
    },
    trustedRoot: {
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [authority(tlog.publicKey, createHash("sha256").update(tlog.publicKey).digest())],
      certificateAuthorities: [
        {
          subject: { organization: "sigstore.mock", commonName: "sigstore" },
          uri: url,
          certChain: { certificates: [{ rawBytes: asBuffer(ca.rootCertificate).toString("base64") }] },
          validFor: { start },
        },
      ],
      ctlogs: [authority(ctLog.publicKey, asBuffer(ctLog.logID))],
      timestampAuthorities: [],
    },
    logged,
    close: () => void server.close(),
  };
}

function asBuffer(view: ArrayBufferView<ArrayBuffer>): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** A token of GitHub's shape, signed by nobody: the mock authority does not look. The subject is what Fulcio makes of it. */
function token(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  return `${part({ alg: "RS256" })}.${part({ iss: ISSUER, sub: IDENTITY, aud: "sigstore", exp })}.${part({})}`;
}

interface Proposed {
  readonly spec: {
    readonly proposedContent: { readonly envelope: string; readonly verifiers: readonly string[] };
  };
}
interface Envelope {
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string }[];
}

/** Rekor keeps digests and signatures of an envelope, not what is in it (types/dsse/v0.0.1/dsse_v0_0_1_schema.json). */
function asRekorStores(proposed: string): string {
  const { spec }: Proposed = JSON.parse(proposed);
  const { envelope, verifiers } = spec.proposedContent;
  const { payload, signatures }: Envelope = JSON.parse(envelope);
  const sha256 = (bytes: Uint8Array | string): object => ({
    algorithm: "sha256",
    value: createHash("sha256").update(bytes).digest("hex"),
  });
  return JSON.stringify({
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: sha256(envelope),
      payloadHash: sha256(Buffer.from(payload, "base64")),
      signatures: signatures.map(({ sig }, at) => ({ signature: sig, verifier: verifiers[at] })),
    },
  });
}
