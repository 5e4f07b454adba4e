import { setTimeout as wait } from "node:timers/promises";
import type { ComputeManagementClient } from "@azure/arm-compute";
import type { TokenCredential } from "@azure/identity";
import { ScanError } from "../../../src/errors.ts";
import { newCredential } from "./credential.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { computeSdk, restSdk } from "./sdk.ts";
import { lowestRemaining } from "./throttle.ts";

type Pipeline = ComputeManagementClient["pipeline"];
type Policy = Parameters<Pipeline["addPolicy"]>[0];

/** Below this many calls left of a kind in three minutes, calls are spread. */
const FEW_LEFT = 10;
const SPREAD_MS = 2000;
/** What Azure answers 429 or 503 to, the SDK sends again as Retry-After says, this often. */
const RETRIES_MAX = 4;

/** How long things are waited for. */
export interface Pace {
  /** Between two looks at an operation, where Azure does not say. */
  readonly pollMs: number;
  /** Between two tries to remove something. */
  readonly retryMs: number;
}

/** Azure Resource Manager, asked for one image or one listing; counts what it takes. */
export class Arm {
  readonly endpoint: Endpoint;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  requests = 0;
  throttled = false;
  readonly #clients = new Map<string, Promise<ComputeManagementClient>>();

  constructor(signal?: AbortSignal) {
    this.endpoint = endpointOf(process.env.SIXRAY_AZURE_ENDPOINT);
    this.pace = this.endpoint.loopback ? { pollMs: 20, retryMs: 50 } : { pollMs: 2000, retryMs: 3000 };
    this.signal = signal;
  }

  /** For cleaning up: an abort does not stop it. */
  unstoppable(): Arm {
    return new Arm();
  }

  compute(subscription: string): Promise<ComputeManagementClient> {
    const known = this.#clients.get(subscription);
    if (known) return known;
    const made = this.#connect(subscription);
    this.#clients.set(subscription, made);
    return made;
  }

  async #connect(subscription: string): Promise<ComputeManagementClient> {
    const { ComputeManagementClient: Client } = await computeSdk();
    const client = new Client(await this.#credential(), subscription, {
      endpoint: this.endpoint.url,
      credentials: { scopes: [this.endpoint.scope] },
      retryOptions: { maxRetries: RETRIES_MAX },
      ...(this.endpoint.loopback ? { allowInsecureConnection: true } : {}),
    });
    this.#watch(client.pipeline);
    return client;
  }

  /** What the SDK has no method for: JSON of a path under the endpoint. @throws as the SDK does */
  async get(
    path: string,
    apiVersion: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const { createRestError, getClient } = await restSdk();
    const client = getClient(this.endpoint.url, await this.#credential(), {
      credentials: { scopes: [this.endpoint.scope] },
      retryOptions: { maxRetries: RETRIES_MAX },
      ...(this.endpoint.loopback ? { allowInsecureConnection: true } : {}),
    });
    this.#watch(client.pipeline);
    const words = Object.entries({ "api-version": apiVersion, ...query });
    const search = words.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
    const reply = await client
      .pathUnchecked(`${path}?${search}`)
      .get(this.signal ? { abortSignal: this.signal } : {});
    if (reply.status !== "200") throw createRestError(reply);
    return reply.body;
  }

  /** A token for another service than Resource Manager, such as `https://disk.azure.com/.default`. */
  async token(scope: string): Promise<string> {
    if (this.endpoint.loopback) return "loopback";
    const token = await (await sharedCredential(this.endpoint)).getToken(scope);
    if (!token) throw new ScanError("access", `the credentials give no token for ${scope}`);
    return token.token;
  }

  async #credential(): Promise<TokenCredential> {
    return this.endpoint.loopback
      ? { getToken: async () => ({ token: "loopback", expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
      : sharedCredential(this.endpoint);
  }

  #watch(pipeline: Pipeline): void {
    // The SDK sends tokens over TLS only; the stand-in gets none that is worth anything.
    if (this.endpoint.loopback) pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });
    const counting: Policy = {
      name: "sixrayCounting",
      sendRequest: async (request, next) => {
        this.requests++;
        const reply = await next(request);
        if (reply.status === 429 || reply.status === 503) this.throttled = true;
        const remaining = lowestRemaining(reply.headers.get("x-ms-ratelimit-remaining-resource"));
        if (remaining < FEW_LEFT) {
          this.throttled = true;
          await wait(this.endpoint.loopback ? 1 : SPREAD_MS, undefined, signalOption(this.signal));
        }
        return reply;
      },
    };
    // Before the retries, so that an abort ends their waiting, too: not every call of the SDK's is given the signal.
    const aborting: Policy = {
      name: "sixrayAborting",
      sendRequest: (request, next) => {
        if (this.signal) request.abortSignal ??= this.signal;
        return next(request);
      },
    };
    pipeline.addPolicy(aborting);
    // Behind the retries, so that each try counts.
    pipeline.addPolicy(counting, { afterPhase: "Retry" });
  }
}

let credential: Promise<TokenCredential> | undefined;

/** One for the process: it keeps its tokens. */
function sharedCredential({ authority }: Endpoint): Promise<TokenCredential> {
  credential ??= newCredential(authority);
  return credential;
}

export function signalOption(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
