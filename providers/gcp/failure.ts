import { ScanError } from "../../src/errors.ts";

/** What went wrong, as far as it decides what to do next. */
export type FailureKind =
  | "not-found"
  | "exists"
  | "in-use"
  | "denied"
  | "credentials"
  | "quota"
  | "exhausted"
  | "policy"
  | "transient"
  | "other";

/** An answer of Google's that says no. */
export class GcpFailure extends Error {
  override readonly name = "GcpFailure";
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** By the words of an operation's error, or the reason of a refused request. Source: Compute Engine, "Troubleshooting". */
const KINDS: readonly (readonly [RegExp, FailureKind])[] = [
  [/ZONE_RESOURCE_POOL_EXHAUSTED|STOCKOUT|does not have enough resources/i, "exhausted"],
  [/constraint|organization policy|CONDITION_NOT_MET|conditionNotMet|Shielded VM/i, "policy"],
  // Too many requests, not too many things: that passes.
  [
    /rate.?limit.?exceeded|quota metric '.*' and limit '.* per (?:second|minute|100 seconds|day)/i,
    "transient",
  ],
  [/QUOTA|quota.*exceeded|exceeded.*quota/i, "quota"],
  [/RESOURCE_IN_USE|resourceInUse|already being used by|resourceNotReady|RESOURCE_NOT_READY/i, "in-use"],
  [/alreadyExists|already exists|RESOURCE_ALREADY_EXISTS/i, "exists"],
  [/default credentials|credential file|invalid_grant|invalid_rapt|reauth/i, "credentials"],
  [/RESOURCE_NOT_FOUND|was not found/i, "not-found"],
  [/Required '.*' permission|PERMISSIONS_ERROR|forbidden/i, "denied"],
];
/** By gRPC code, which Google's library makes of HTTP's, or by HTTP status. */
const CODES: Readonly<Record<number, FailureKind>> = {
  5: "not-found",
  404: "not-found",
  6: "exists",
  409: "exists",
  7: "denied",
  403: "denied",
  16: "credentials",
  401: "credentials",
  8: "transient",
  429: "transient",
  4: "transient",
  14: "transient",
  500: "transient",
  502: "transient",
  503: "transient",
  504: "transient",
};

/** No answer of Google's API: its front end's own pages, or somebody's in between. */
const FOREIGN = /^\s*<(?:!doctype|html)|response body is not JSON|is not valid JSON/i;
/** Google's library looked everywhere; its own words lead to a page for programmers. */
const NO_CREDENTIALS = /^Could not load the default credentials/;
/** What answers is not trusted. Source: Node.js, errors of tls and of OpenSSL. */
const UNTRUSTED =
  /\b(?:CERT_[A-Z_]+|ERR_TLS_[A-Z_]+|ERR_SSL_[A-Z_]+|EPROTO|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+)\b|self-signed certificate/;

/** A page says nothing of what was asked for: it is neither gone nor forbidden. */
function foreign(error: Error, code: unknown): GcpFailure {
  const [, told] = /with status (\d{3})/.exec(error.message) ?? [];
  const status = told === undefined ? code : Number(told);
  const kind =
    typeof status === "number" && status >= 100 && CODES[status] === "transient" ? "transient" : "other";
  const where = told === undefined ? "" : ` (HTTP ${told})`;
  return new GcpFailure(
    kind,
    `what answers is not Google's API${where}: a proxy, or a wrong endpoint?`,
    error,
  );
}

/** Makes a failure of whatever Google's libraries threw; aborts and our own errors pass. */
export function failureOf(error: unknown): unknown {
  if (error instanceof GcpFailure || error instanceof ScanError) return error;
  if (!(error instanceof Error) || error.name === "AbortError") return error;
  const code = "code" in error ? error.code : undefined;
  if (FOREIGN.test(error.message)) return foreign(error, code);
  if (UNTRUSTED.test(`${String(code)} ${error.message}`))
    return new GcpFailure(
      "other",
      `${oneLine(error.message)}: what answers is not trusted to be Google's; behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS`,
      error,
    );
  if (NO_CREDENTIALS.test(error.message))
    return new GcpFailure("credentials", "there are no Google credentials", error);
  const word = KINDS.find(([pattern]) => pattern.test(error.message))?.[1];
  const kind = typeof code === "number" ? (word ?? CODES[code] ?? "other") : word;
  if (kind !== undefined) return new GcpFailure(kind, oneLine(error.message), error);
  if (typeof code === "string" && /^E[A-Z]+$/.test(code))
    return new GcpFailure("transient", oneLine(error.message), error);
  return error;
}

const REFUSALS: ReadonlySet<FailureKind> = new Set(["denied", "credentials", "policy", "not-found"]);

/** Google refused outright to begin an operation: nothing came of it. */
export class NotBegun extends GcpFailure {}

/** `error` as what it is when the very first request for an operation met it. */
export function notBegun(error: unknown): unknown {
  const isRefusal = error instanceof GcpFailure && REFUSALS.has(error.kind);
  return isRefusal ? new NotBegun(error.kind, error.message, error.cause) : error;
}

/** The failure of an operation that went through with errors. */
export function operationFailure(
  errors: readonly { readonly code?: string | null; readonly message?: string | null }[],
): GcpFailure {
  const text = errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  const kind = KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
  return new GcpFailure(kind, oneLine(text));
}

/** What to do where there are no credentials. */
export const LOG_IN = "gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS";

const ADVICE: Readonly<Partial<Record<FailureKind, string>>> = {
  credentials: LOG_IN,
  denied: "sixray doctor gcp tells which permissions are missing",
  quota: "ask for more quota, or choose another region with SIXRAY_GCP_ZONES",
  policy: "providers/gcp/README.md lists the organization policies that get in the way",
};

/** The worker's place. Source: Compute Engine, answers to instances.insert. */
const NO_NETWORK = /\/networks\/default' was not found|\bnetwork resource cannot be found/i;
const NO_SUBNETWORK = /\/subnetworks\/[^' ]*' was not found|subnetwork resource cannot be found/i;

function adviceOn({ kind, message }: GcpFailure): string | undefined {
  if (NO_NETWORK.test(message))
    return "the project has no network default: name a subnetwork with SIXRAY_GCP_SUBNETWORK=projects/P/regions/R/subnetworks/S";
  if (NO_SUBNETWORK.test(message))
    return "is SIXRAY_GCP_SUBNETWORK there, and in the region of the zones in SIXRAY_GCP_ZONES?";
  return ADVICE[kind];
}

/** Whether it is the image that is not there, so that no other way leads to it. */
export function isImageGone({ kind, message }: GcpFailure): boolean {
  return kind === "not-found" && !NO_NETWORK.test(message) && !NO_SUBNETWORK.test(message);
}

/** As the one error class of the house, with what to do about it. */
export function scanErrorOf(error: unknown, label: string): unknown {
  const failure = failureOf(error);
  if (!(failure instanceof GcpFailure)) return failure;
  const advice = adviceOn(failure);
  const code = failure.kind === "transient" || failure.kind === "exhausted" ? "transient" : "access";
  const text = `${failure.message}${advice === undefined ? "" : ` (${advice})`}`;
  return new ScanError(code, text, { at: [label], cause: error });
}

/** Runs `use` with Google's errors turned into ours. */
export async function withScanErrors<T>(label: string, use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    throw scanErrorOf(error, label);
  }
}

/** Cloud Storage's library lists several errors, the first of which says it. */
function oneLine(text: string): string {
  const first = /^Multiple errors occurred.*?\n+\s*1\. (.*)/s.exec(text)?.[1]?.split("\n")[0] ?? text;
  return first.replace(/\s+/g, " ").trim().slice(0, 500);
}
