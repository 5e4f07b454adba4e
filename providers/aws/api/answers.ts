// What AWS answers when it does not do what was asked. Sources: "Error codes for the Amazon EC2 API" (EC2 API
// Reference), the exceptions and reasons of the EBS direct API's service model, and the common errors of the SDK.

/** What an error means for what comes next. */
export type Trouble =
  /** Slow down and try again. */
  | "throttled"
  /** A server error or a lost connection: the request may have been done or not. */
  | "passing"
  /** There are no usable credentials: nothing will work. */
  | "credentials"
  /** The caller may not do this. */
  | "denied"
  /** There is no such thing, or not for the caller. */
  | "absent"
  | "other";

export interface Answer {
  readonly trouble: Trouble;
  /** The service's code: `InvalidAMIID.NotFound`. */
  readonly code: string;
  /** The EBS direct API's reason: `UNAUTHORIZED_ACCOUNT`. */
  readonly reason: string | undefined;
  /** In one line, for people. */
  readonly text: string;
  /** The answer's own time showed that this machine's clock is off; the SDK goes by AWS's from now on. */
  readonly clockMended?: boolean;
}

const THROTTLED =
  /^(?:Throttling|ThrottlingException|ThrottledException|RequestThrottled|RequestThrottledException|RequestLimitExceeded|EC2ThrottledException|TooManyRequestsException|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|SnapshotCreationPerVolumeRateExceeded)$/;
const CREDENTIALS =
  /^(?:CredentialsProviderError|TokenProviderError|ProviderError|ExpiredToken|ExpiredTokenException|RequestExpired|UnrecognizedClientException|InvalidClientTokenId|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken|MissingAuthenticationTokenException)$/;
const DENIED = /^(?:UnauthorizedOperation|AccessDenied|AccessDeniedException|Client\.UnauthorizedOperation)$/;
const PASSING =
  /^(?:InternalError|InternalFailure|InternalServerException|InternalServerError|ServiceUnavailable|Unavailable|RequestTimeout|RequestTimeoutException|TimeoutError|SyntaxError|ForeignAnswer)$/;
const LOST = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** What the other side shows is not trusted, or speaks no TLS. Source: Node.js, errors of tls and of OpenSSL. */
const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_)/;

/** Undefined for what did not come from the service or the way to it: a bug or an abort. */
export function answerOf(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || error.name === "AbortError") return undefined;
  const system = text(property(error, "code"));
  const status = statusOf(error);
  const code = error.name === "Error" && system !== undefined ? system : error.name;
  const reason = text(property(error, "Reason")) ?? text(property(error, "reason"));
  if (UNTRUSTED.test(system ?? ""))
    return {
      trouble: "other",
      code,
      reason,
      text: `${system}: ${error.message}: what answers is not trusted to be AWS; behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS`,
    };
  const trouble = troubleOf(code, system, status, error.message);
  if (trouble === "other" && status === undefined && !/NotFound|Invalid/.test(code)) return undefined;
  const clockMended = property(property(error, "$metadata"), "clockSkewCorrected") === true;
  const line = lineOf(code, reason, status, error.message);
  return { trouble, code, reason, text: line, ...(clockMended ? { clockMended } : {}) };
}

function troubleOf(
  code: string,
  system: string | undefined,
  status: number | undefined,
  message: string,
): Trouble {
  if (THROTTLED.test(code) || status === 429) return "throttled";
  // "Not authorized for images": another account's, as against credentials that are not accepted.
  if (code === "AuthFailure" && /not authorized for/i.test(message)) return "denied";
  if (CREDENTIALS.test(code)) return "credentials";
  if (DENIED.test(code)) return "denied";
  if (/\.(?:NotFound|Unavailable)$|^ResourceNotFoundException$|^ParameterNotFound$/.test(code))
    return "absent";
  if (PASSING.test(code) || LOST.has(system ?? "") || (status !== undefined && status >= 500))
    return "passing";
  if (system === "ENOTFOUND" || /socket hang up|aborted|premature/i.test(message)) return "passing";
  // What came back could not be understood: an error page of something in between.
  return status === 200 ? "passing" : "other";
}

function lineOf(
  code: string,
  reason: string | undefined,
  status: number | undefined,
  message: string,
): string {
  if (/^(?:SyntaxError|Unknown|ForeignAnswer)$/.test(code) || message.startsWith("@aws-sdk XML parse error"))
    return `AWS answers with something that is not its own${status === undefined ? "" : ` (HTTP ${status})`}`;
  // EC2 appends kilobytes that only it can decode.
  const [first = ""] = message.split(/\s*Encoded authorization failure message:/);
  const told = first.replaceAll(/\s+/g, " ").trim().slice(0, 300);
  const short = code === "ENOTFOUND" ? `${told}: is there such a region, and a way to the network?` : told;
  const name = reason === undefined ? code : `${code}, ${reason}`;
  return short === "" || short === "UnknownError"
    ? `${name}${status === undefined ? "" : ` (HTTP ${status})`}`
    : `${name}: ${short}`;
}

/** Whether the caller's own rules forbid it, as against the owner of the thing. */
export function isOwnPolicy(answer: Answer): boolean {
  return answer.trouble === "denied" && /not authorized to perform|explicit deny/i.test(answer.text);
}

/** By whom a call was denied, when the service says more than "denied". */
export function deniedBy({ text: line }: Answer): string {
  if (/service control policy/i.test(line)) return " (a service control policy of the organisation)";
  if (/resource control policy/i.test(line)) return " (a resource control policy of the organisation)";
  if (/permissions boundary/i.test(line)) return " (the permissions boundary)";
  if (/session policy/i.test(line)) return " (the session policy)";
  return "";
}

function statusOf(error: Error): number | undefined {
  const metadata = property(error, "$metadata");
  const response = property(error, "$response");
  for (const [from, key] of [
    [metadata, "httpStatusCode"],
    [response, "statusCode"],
  ] as const) {
    const value = property(from, key);
    if (typeof value === "number") return value;
  }
  return undefined;
}

function property(from: unknown, key: string): unknown {
  return typeof from === "object" && from !== null ? Reflect.get(from, key) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
