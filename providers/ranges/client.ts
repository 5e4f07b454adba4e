import { Agent, type IncomingMessage, type RequestOptions, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { ScanError } from "../../src/errors.ts";
import { addressesOf, checkRedirect, isPrivateAddress, literalAddress, watchedLookup } from "./addresses.ts";
import { paceOf } from "./pace.ts";
import { mayBeProxied, proxySettings } from "./proxy.ts";

// Source: RFC 9110 (HTTP semantics). node:http and not fetch: it starts faster, keeps connections, and lets us look
// at every address before connecting.

const REDIRECTS_MAX = 5;
const ATTEMPTS_MAX = 4;
/** Of 429: others may have had the turn. */
const PATIENT_ATTEMPTS_MAX = 8;
const TOO_MANY = 429;
const BACK_OFF_MS = 200;
const RETRY_AFTER_MAX_MS = 60_000;
const CONNECTIONS_MAX = 16;
const RETRIED = new Set([408, 425, 429, 500, 502, 503, 504]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Answers of an address that a redirect led to and that has lost its validity: a signature ran out. */
const EXPIRED = new Set([401, 403, 404, 410]);

export interface ClientOptions {
  /** A server that sends nothing for this long counts as gone. Default 30 s. */
  readonly idleMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Refusals that `use` wants to see, beside 412 and 416. */
  readonly handsOver?: readonly number[];
}

/** Something that may work the next time. `afterMs` is what the server asked for. */
export class TryAgain extends Error {
  readonly afterMs: number | undefined;
  /** The server is well, it was asked too much: that passes. */
  readonly tooMuch: boolean;

  constructor(message: string, afterMs?: number, cause?: unknown, tooMuch = false) {
    super(message, { cause });
    this.afterMs = afterMs;
    this.tooMuch = tooMuch;
  }
}

/** GET requests for one address that a person named, over kept connections, redirects followed within rules. */
export class HttpClient {
  readonly #named: URL;
  readonly #label: string;
  readonly #idleMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #agents: { destroy(): void }[] = [];
  readonly #agentOf = new Map<string, Promise<RequestOptions>>();
  #current: URL;
  #privateNamed: boolean;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #handsOver: ReadonlySet<number>;
  /** True once the server asked for fewer requests. */
  throttled = false;
  /** How many requests were sent, redirects and repetitions among them. */
  requests = 0;

  constructor(url: URL, label: string, options: ClientOptions = {}) {
    this.#named = url;
    this.#current = url;
    this.#label = label;
    this.#idleMs = options.idleMs ?? 30_000;
    this.#signal = options.signal;
    this.#headers = options.headers ?? {};
    this.#handsOver = new Set([412, 416, ...(options.handsOver ?? [])]);
    this.#privateNamed = isPrivateAddress(literalAddress(url) ?? "");
  }

  /** Where the last answer came from. */
  get address(): URL {
    return this.#current;
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  /**
   * Sends a request and hands the answer to `use`, which throws TryAgain when it is not whole; what may work the next
   * time is tried again, with growing pauses.
   * @throws access once that is over
   */
  async get<T>(
    headers: Readonly<Record<string, string>>,
    use: (reply: IncomingMessage) => Promise<T>,
    signal: AbortSignal | undefined = this.#signal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        const reply = await this.#follow(headers, signal);
        try {
          return await use(reply);
        } finally {
          // An answer that was not read to its end would keep its connection.
          if (!reply.complete) reply.destroy();
        }
      } catch (error) {
        signal?.throwIfAborted();
        const again = tryAgainOf(error);
        if (!again) throw this.#failure(error);
        if (attempt >= (again.tooMuch ? PATIENT_ATTEMPTS_MAX : ATTEMPTS_MAX))
          throw new ScanError("access", `${again.message} (tried ${attempt} times)`, {
            at: [this.#label],
            cause: error,
          });
        await wait(again.afterMs ?? BACK_OFF_MS * 2 ** (attempt - 1), undefined, signal ? { signal } : {});
      }
    }
  }

  async #follow(
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    let url = this.#current;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const reply = await this.#send(url, headers, signal);
      const status = reply.statusCode ?? 0;
      if (REDIRECTS.has(status)) {
        reply.resume();
        const to = this.#target(reply, url);
        checkRedirect(url, to, this.#label);
        url = to;
        continue;
      }
      if (EXPIRED.has(status) && url !== this.#named && hops === 0) {
        // Once back to the address that was named: it may redirect to a fresh one.
        reply.resume();
        url = this.#named;
        continue;
      }
      this.#current = url;
      if (RETRIED.has(status)) {
        reply.resume();
        if (status === TOO_MANY) paceOf(url).tooMuch();
        if (status === TOO_MANY || status === 503) this.throttled = true;
        throw new TryAgain(
          `the server answers ${status}`,
          retryAfterMs(reply.headers["retry-after"]),
          undefined,
          status === TOO_MANY,
        );
      }
      if (status >= 400 && !this.#handsOver.has(status)) {
        reply.resume();
        throw new ScanError("access", `the server answers ${status}${hintOf(status)}`, { at: [this.#label] });
      }
      return reply;
    }
    throw new ScanError("access", `more than ${REDIRECTS_MAX} redirects`, { at: [this.#label] });
  }

  #target(reply: IncomingMessage, from: URL): URL {
    const location = reply.headers.location ?? "";
    const to = URL.parse(location, from.href);
    if (!to || location === "")
      throw new ScanError("access", "the server redirects to no usable address", { at: [this.#label] });
    return to;
  }

  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const literal = literalAddress(url);
    if (literal !== undefined) this.#see(literal, url);
    const connection = await this.#connection(url);
    const pace = paceOf(url);
    await pace.turn(signal);
    this.requests++;
    return new Promise((resolve, reject) => {
      const options: RequestOptions = {
        ...connection,
        headers: { "accept-encoding": "identity", "user-agent": "sixray", ...this.#headers, ...headers },
        timeout: this.#idleMs,
        ...(signal ? { signal } : {}),
      };
      const sent = request(url, options, (reply) => {
        if (reply.statusCode !== TOO_MANY) pace.answered();
        resolve(reply);
      });
      sent.on("error", reject);
      sent.on("timeout", () =>
        sent.destroy(new TryAgain(`the server sent nothing for ${this.#idleMs / 1000} s`)),
      );
      sent.end();
    });
  }

  /** Private addresses are for who named one: a public server must not send us to them. */
  #see(address: string, url: URL): void {
    if (!isPrivateAddress(address)) return;
    if (url === this.#named) this.#privateNamed = true;
    if (!this.#privateNamed)
      throw new ScanError("access", `the server redirects to the private address ${address}: not followed`, {
        at: [this.#label],
      });
  }

  /** One pool of connections a scheme and host, so that each is looked up under its own rule. */
  #connection(url: URL): Promise<RequestOptions> {
    const key = `${url.protocol}//${url.host} ${url === this.#named}`;
    const known = this.#agentOf.get(key);
    if (known) return known;
    const made = this.#connect(url);
    this.#agentOf.set(key, made);
    return made;
  }

  async #connect(url: URL): Promise<RequestOptions> {
    // A proxy looks the name up itself.
    if (mayBeProxied(url)) for (const address of await addressesOf(url)) this.#see(address, url);
    const options = {
      keepAlive: true,
      maxSockets: CONNECTIONS_MAX,
      proxyEnv: proxySettings(),
      lookup: watchedLookup(url.hostname, (address) => this.#see(address, url)),
    };
    const agent =
      url.protocol === "https:" ? new (await import("node:https")).Agent(options) : new Agent(options);
    this.#agents.push(agent);
    return { agent };
  }

  #failure(error: unknown): unknown {
    if (error instanceof ScanError || !(error instanceof Error)) return error;
    const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
    if (code === undefined) return error;
    const what =
      code === "ENOTFOUND"
        ? `no such host: ${this.#current.hostname}`
        : /PROXY/.test(code)
          ? `the proxy that the environment names does not let us through (${code})`
          : /CERT|SELF_SIGNED|ISSUER|TLS|SSL/.test(code)
            ? `the server's certificate is not to be trusted (${code})`
            : `cannot be reached: ${code}`;
    return new ScanError("access", what, { at: [this.#label], cause: error });
  }
}

const PASSING = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "ETIMEDOUT",
  "EPIPE",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "HPE_INVALID_CONSTANT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

function tryAgainOf(error: unknown): TryAgain | undefined {
  if (error instanceof TryAgain) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && PASSING.has(code)
    ? new TryAgain(`the connection failed: ${code}`, undefined, error)
    : undefined;
}

/** Seconds, or a date. Source: RFC 9110 section 10.2.3. */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), RETRY_AFTER_MAX_MS) : undefined;
}

function hintOf(status: number): string {
  if (status === 401 || status === 403) return ": it does not let us read this";
  return status === 404 || status === 410 ? ": there is no such file" : "";
}
