import * as z from "zod";
import { ScanError } from "../../../src/errors.ts";

/** What Azure answered instead of what was wanted. Source: Azure REST API reference, "Error codes". */
export interface Fault {
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** `AuthorizationFailed`, `ResourceNotFound`; empty when there is none. */
  readonly code: string;
  readonly message: string;
}

/** What the SDK's readers throw when an answer has another shape, such as a page of a proxy. */
const FOREIGN = "ForeignAnswer";

/** Undefined for what is no answer of Azure: aborts, bugs, errors of our own. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof z.ZodError || isReaderOfSdk(error))
    return { status: 0, code: FOREIGN, message: "what answers is not Azure" };
  if (!(error instanceof Error) || error instanceof ScanError || error.name === "AbortError")
    return undefined;
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (error.name === "RestError")
    return { status, code, message: refusedList(error.message) ?? firstLine(error.message) };
  // An operation that failed after it was accepted comes as text.
  const [, later, message] =
    /^The long-running operation has failed(?:\. (\w+)\. ([\s\S]*))?$/.exec(error.message) ?? [];
  if (error.message.startsWith("The long-running operation has failed"))
    return { status, code: later ?? "", message: firstLine(message ?? error.message) };
  if (error.message === "Operation was canceled")
    return { status, code: "OperationCanceled", message: "Azure cancelled the operation" };
  if (CREDENTIALS.has(error.name))
    return { status: 401, code: error.name, message: error.message.slice(0, 4000) };
  return undefined;
}

/** What Azure says of a list that it refuses the SDK keeps to itself, but for the code. */
function refusedList(message: string): string | undefined {
  const [, status] = /^Pagination failed with unexpected statusCode (\d+)$/.exec(message) ?? [];
  return status === undefined ? undefined : `a list is refused (${status})`;
}

/** A TypeError of the SDK's own code, where it takes an answer apart. */
function isReaderOfSdk(error: unknown): boolean {
  const where = error instanceof TypeError ? (error.stack?.split("\n")[1] ?? "") : "";
  return /[Dd]eserialize/.test(where) && where.includes("arm-compute");
}

const CREDENTIALS = new Set([
  "CredentialUnavailableError",
  "AuthenticationError",
  "AggregateAuthenticationError",
  "AuthenticationRequiredError",
]);

/** What Entra ID, or the way to it, says no with; undefined where there are just no credentials. */
function whyOf(message: string): string | undefined {
  const [said] = /AADSTS\d+: [^\n]{1,300}/.exec(message) ?? [];
  const [, network] =
    /More details:\n(endpoints_resolution_error|network_error|openid_config_error)\b/.exec(message) ?? [];
  return said ?? (network === undefined ? undefined : `its sign-in cannot be reached (${network})`);
}

/** What answers shows no certificate that is trusted, or speaks no TLS. Source: Node.js, errors of tls and of OpenSSL. */
const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_)/;

/** The errors that stand for one reason; the first that fits is told. */
const REASONS: readonly {
  readonly is: (fault: Fault) => boolean;
  readonly say: (fault: Fault) => string;
  /** What to do about it. */
  readonly hint?: string;
}[] = [
  {
    is: ({ code }) => code === FOREIGN || code === "PARSE_ERROR",
    say: () => "what answers is not Azure: a proxy, or a wrong endpoint?",
  },
  {
    is: ({ status, code }) => status === 0 && UNTRUSTED.test(code),
    say: ({ code }) =>
      `${code}: what answers is not trusted to be Azure; behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS`,
  },
  {
    is: ({ status, code, message }) =>
      status === 401 && CREDENTIALS.has(code) && whyOf(message) !== undefined,
    say: ({ message }) => `Azure gives no token: ${whyOf(message)}`,
  },
  {
    is: ({ status, code }) => status === 401 || /^(?:Invalid|Expired)AuthenticationToken/.test(code),
    say: () => "Azure does not know who asks",
    hint: "run `az login`, or see the credentials of `sixray doctor azure`",
  },
  {
    is: ({ code }) => /^(?:SubscriptionNotFound|InvalidSubscriptionId|SubscriptionNotRegistered)/.test(code),
    say: () => "there is no such subscription for these credentials",
  },
  {
    is: ({ code }) => code === "RequestDisallowedByPolicy" || code === "RequestDisallowedByAzure",
    say: ({ message }) => `a policy of the subscription forbids it: ${message}`,
  },
  {
    is: ({ status, code }) =>
      code === "AuthorizationFailed" || code === "LinkedAuthorizationFailed" || status === 403,
    say: ({ message }) =>
      `not allowed: ${permissionOf(message)} (\`sixray doctor azure\` tells what is missing)`,
  },
  {
    is: (fault) => needsTerms(fault),
    say: ({ message }) => `needs-terms: the image's legal terms are not accepted: ${message}`,
  },
  {
    is: ({ code, message }) =>
      /Quota/.test(code) || (code === "OperationNotAllowed" && /quota/i.test(message)),
    say: ({ message }) => `a quota is used up: ${message}`,
  },
  {
    is: ({ status, code }) => status === 404 && code === "",
    say: () => "what answers is not Azure (404): a proxy, or a wrong endpoint?",
  },
  {
    is: ({ status, code }) => status === 404 || code.endsWith("NotFound"),
    say: ({ message }) => `not found: ${message}`,
  },
  {
    is: ({ status }) => status === 429,
    say: () => "Azure takes no more requests for now (429), also after waiting as it asked",
  },
];

export function needsTerms({ code, message }: Fault): boolean {
  return (
    /^(?:MarketplacePurchaseEligibilityFailed|ResourcePurchase\w*|PurchasePlan\w*|VMMarketplace\w*)$/.test(
      code,
    ) || /legal terms|accept.{0,40}terms/i.test(message)
  );
}

/** The action that AuthorizationFailed names, or what it says. */
function permissionOf(message: string): string {
  return /perform action '([\w./*]+)'/.exec(message)?.[1] ?? message;
}

/** One clause for people, with what to do where that is known. */
export function reasonOf(fault: Fault): string {
  const hint = REASONS.find(({ is }) => is(fault))?.hint;
  return hint === undefined ? bareReasonOf(fault) : `${bareReasonOf(fault)}: ${hint}`;
}

/** The same for whoever has just been told what to do. */
export function bareReasonOf(fault: Fault): string {
  const known = REASONS.find(({ is }) => is(fault));
  if (known) return known.say(fault);
  const code = fault.code === "" ? `${fault.status}` : fault.code;
  return fault.status === 0 && fault.code !== "" && !/[a-z]/.test(fault.code)
    ? `Azure cannot be reached: ${fault.code}`
    : `Azure answers ${code}: ${fault.message}`;
}

/** Whether the same may well be answered the next time: Azure is busy or ill, or is not reached. */
export function passes({ status, code }: Fault): boolean {
  if (status === 0) return /^(?:E[A-Z_]+|REQUEST_SEND_ERROR)$/.test(code) && !UNTRUSTED.test(code);
  return status === 408 || status === 429 || status >= 500;
}

/** The same as an error of the house; passes on what is no answer of Azure. */
export function told(error: unknown, label: string): unknown {
  const fault = faultOf(error);
  if (!fault) return error;
  return new ScanError(passes(fault) ? "transient" : "access", reasonOf(fault), {
    at: [label],
    cause: error,
  });
}

/** Runs it, with Azure's refusals as errors of the house. */
export async function telling<T>(label: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw told(error, label);
  }
}

/** Whether it is not there: by Azure's own word, of a subscription that can be seen. A page of a proxy is none. */
export function isGone({ status, code }: Fault): boolean {
  return code !== "SubscriptionNotFound" && code !== "" && (status === 404 || code.endsWith("NotFound"));
}

const request = z.object({ request: z.object({ method: z.string() }) });

/** Whether Azure refused outright to make something: nothing came of it. A look at an operation under way is no such. */
export function isRefused(error: unknown): boolean {
  const { status = 0, code = "" } = faultOf(error) ?? {};
  const asked = request.safeParse(error);
  const outright = asked.success && asked.data.request.method !== "GET";
  return outright && status >= 400 && status < 500 && ![408, 409, 429].includes(status) && code !== "";
}

/** Messages of the SDK may hold a whole page; signed addresses have no place in what is printed. */
function firstLine(message: string): string {
  const line = message.split("\n", 1)[0]?.trim() ?? "";
  const safe = line.replaceAll(/https?:\/\/\S+\?\S*sig=\S+/g, "(signed address)");
  return safe.length > 400 ? `${safe.slice(0, 399)}…` : safe;
}
