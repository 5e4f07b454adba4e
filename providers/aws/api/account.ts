import { setTimeout as sleep } from "node:timers/promises";
import type { EBSClient } from "@aws-sdk/client-ebs";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";
import { ScanError } from "../../../src/errors.ts";
import type { ApiKind, Settings } from "../settings.ts";
import type { Place } from "../target.ts";
import { type Answer, answerOf } from "./answers.ts";
import { checkEndpoints, endpointFault } from "./endpoint.ts";
import { onlyOwnAnswers } from "./foreign.ts";
import { Gate } from "./gate.ts";
import type { Meter } from "./meter.ts";
import { Pace } from "./pace.ts";
import {
  type EbsSdk,
  type Ec2Sdk,
  ebsSdk,
  ec2Sdk,
  type QuotasSdk,
  quotasSdk,
  type SsmSdk,
  type StsSdk,
  ssmSdk,
  stsSdk,
} from "./sdk.ts";

/** A request that failed for good, and what the service said. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly call: string;
  readonly answer: Answer;

  constructor(call: string, answer: Answer, cause: unknown) {
    super(`${call}: ${answer.text}`, { cause });
    this.call = call;
    this.answer = answer;
  }
}

/** AWS throttles on and on. `access`, so that a read is not tried again on top of all that waiting. */
export class Throttled extends ScanError {}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly meter?: Meter | undefined;
  /** Not tried again when it is unclear whether it was done: what would be made twice. */
  readonly once?: boolean;
}

/** A service's client and the module its commands come from. */
export interface Service<Client, Sdk> {
  readonly client: Client;
  readonly sdk: Sdk;
}

/** Where middleware sees an answer as it came. */
const BEFORE_READING = { step: "deserialize", priority: "low" } as const;
const THROTTLE_PAUSE_MAX_MS = 5000;

/**
 * One account in one region, as a profile reaches it: clients, the pace of requests and what is done when they fail.
 * Requests are repeated here and not by the SDK, so that each one sent is counted and paced.
 */
export class Account {
  readonly place: Place;
  readonly settings: Settings;
  /** Copies under way: AWS allows so many in a region. */
  readonly copies: Gate;
  readonly #paces = new Map<ApiKind, Pace>();
  #ec2: Promise<Service<EC2Client, Ec2Sdk>> | undefined;
  #ebs: Promise<Service<EBSClient, EbsSdk>> | undefined;
  #ssm: Promise<Service<SSMClient, SsmSdk>> | undefined;
  #sts: Promise<Service<STSClient, StsSdk>> | undefined;
  #quotas: Promise<Service<ServiceQuotasClient, QuotasSdk>> | undefined;

  /** @throws ScanError `usage` when the environment leads requests to what is no address */
  constructor(place: Place, settings: Settings) {
    checkEndpoints(process.env);
    this.place = place;
    this.settings = settings;
    this.copies = new Gate(settings.copiesMax);
  }

  ec2(): Promise<Service<EC2Client, Ec2Sdk>> {
    this.#ec2 ??= ec2Sdk().then((sdk) => {
      const client = new sdk.EC2Client(this.#config());
      client.middlewareStack.add(onlyOwnAnswers, BEFORE_READING);
      return { sdk, client };
    });
    return this.#ec2;
  }

  ebs(): Promise<Service<EBSClient, EbsSdk>> {
    this.#ebs ??= ebsSdk().then((sdk) => ({ sdk, client: new sdk.EBSClient(this.#config()) }));
    return this.#ebs;
  }

  ssm(): Promise<Service<SSMClient, SsmSdk>> {
    this.#ssm ??= ssmSdk().then((sdk) => ({ sdk, client: new sdk.SSMClient(this.#config()) }));
    return this.#ssm;
  }

  sts(): Promise<Service<STSClient, StsSdk>> {
    this.#sts ??= stsSdk().then((sdk) => {
      const client = new sdk.STSClient(this.#config());
      client.middlewareStack.add(onlyOwnAnswers, BEFORE_READING);
      return { sdk, client };
    });
    return this.#sts;
  }

  quotas(): Promise<Service<ServiceQuotasClient, QuotasSdk>> {
    this.#quotas ??= quotasSdk().then((sdk) => ({
      sdk,
      client: new sdk.ServiceQuotasClient(this.#config()),
    }));
    return this.#quotas;
  }

  #owner: Promise<string | undefined> | undefined;

  /** The account's number; undefined where AWS does not tell. It takes no permission. */
  owner(): Promise<string | undefined> {
    this.#owner ??= this.#askOwner();
    return this.#owner;
  }

  async #askOwner(): Promise<string | undefined> {
    try {
      const { client, sdk } = await this.sts();
      const { Account: number } = await this.call("GetCallerIdentity", "look", () =>
        client.send(new sdk.GetCallerIdentityCommand({})),
      );
      return number;
    } catch (error) {
      if (error instanceof CallFailed || error instanceof ScanError) return undefined;
      throw error;
    }
  }

  /**
   * Sends a request: at the account's pace, again while AWS throttles and when it failed in passing.
   * `act` includes reading the answer's body. Rejects with CallFailed, and with `access` when nothing would work.
   */
  async call<T>(
    name: string,
    kind: ApiKind,
    act: (signal: AbortSignal | undefined) => Promise<T>,
    { signal, meter, once = false }: CallOptions = {},
  ): Promise<T> {
    const pace = this.#paceOf(kind);
    const started = performance.now();
    for (let failures = 0, throttles = 0; ; ) {
      await pace.take(signal);
      meter?.sent(kind);
      try {
        const result = await act(signal);
        pace.wentWell();
        return result;
      } catch (error) {
        signal?.throwIfAborted();
        const answer = answerOf(error);
        if (!answer) throw endpointFault(error) ?? error;
        if (answer.trouble === "credentials") {
          // Signed by a clock that was wrong, which the SDK has just set right: nothing came of it.
          if (!answer.clockMended || ++failures >= this.settings.attemptsMax)
            throw this.#noCredentials(answer, error);
          continue;
        }
        if (answer.trouble === "throttled") {
          pace.throttled();
          if (performance.now() - started > this.settings.patienceMs) throw this.#throttled(name, error);
          await pause(Math.min(THROTTLE_PAUSE_MAX_MS, this.settings.backOffMs * 2 ** throttles++), signal);
          continue;
        }
        if (answer.trouble !== "passing" || once || ++failures >= this.settings.attemptsMax)
          throw new CallFailed(name, failures > 1 ? tried(answer, failures) : answer, error);
        await pause(this.settings.backOffMs * 2 ** (failures - 1), signal);
      }
    }
  }

  #paceOf(kind: ApiKind): Pace {
    const known = this.#paces.get(kind);
    if (known) return known;
    const made = new Pace(this.settings.rates[kind]);
    this.#paces.set(kind, made);
    return made;
  }

  #config(): object {
    const { region, profile } = this.place;
    const { idleMs, requestMs, socketsMax } = this.settings;
    // HTTPS_PROXY, HTTP_PROXY and NO_PROXY, from Node.js 24.5 on.
    const agent = { keepAlive: true, maxSockets: socketsMax, proxyEnv: process.env };
    return {
      region,
      ...(profile === undefined ? {} : { profile }),
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: Math.min(10_000, idleMs),
        socketTimeout: idleMs,
        requestTimeout: requestMs,
        throwOnRequestTimeout: true,
        // Requests queue for sockets by design.
        socketAcquisitionWarningTimeout: 2 ** 31 - 1,
        httpAgent: agent,
        httpsAgent: agent,
      },
    };
  }

  #noCredentials({ code, text, clockMended }: Answer, cause: unknown): ScanError {
    const who = this.place.profile === undefined ? "" : ` for the profile ${this.place.profile}`;
    const hint = clockMended
      ? `AWS does not accept the credentials${who}, as this machine's clock is minutes off: set it (${text})`
      : /^(?:CredentialsProviderError|ProviderError|TokenProviderError)$/.test(code)
        ? `there are no AWS credentials${who}: set AWS_PROFILE or the variables of a role, or run \`aws configure\` (${text})`
        : /Expired/.test(code)
          ? `the AWS credentials${who} have expired: get fresh ones, then run \`sixray sweep\` if anything is left (${text})`
          : code === "AuthFailure"
            ? `AWS does not accept the credentials${who} in ${this.place.region}: is the region enabled for the account? (${text})`
            : `AWS does not accept the credentials${who} (${text})`;
    return new ScanError("access", hint, { cause });
  }

  #throttled(name: string, cause: unknown): Throttled {
    const seconds = Math.round(this.settings.patienceMs / 1000);
    return new Throttled(
      "access",
      `AWS has throttled ${name} for ${seconds} s: others use the same account's quota; try later or with fewer --jobs`,
      { cause },
    );
  }
}

function tried(answer: Answer, times: number): Answer {
  return { ...answer, text: `${answer.text} (tried ${times} times)` };
}

/** Between half of `ms` and all of it, so that many who failed together do not come back together. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return sleep(ms * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {});
}
