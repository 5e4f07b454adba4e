import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeCloud, OWN } from "./cloud.ts";
import { answerEbs, type EbsBehaviour } from "./ebs.ts";
import { type Asker, type Ec2Behaviour, ec2Actions } from "./ec2.ts";
import { answerJson } from "./json.ts";
import { Fault, Form, xml } from "./wire.ts";

/** Something that goes wrong with requests whose log line fits. */
export interface Trouble {
  readonly on: RegExp;
  /** How many of them; each one counts down. */
  times: number;
  /**
   * `cut`: in the middle of the answer; `lost`: done, and the connection ends; `silence`: no answer at all; `portal`:
   * a page that says nothing is wrong.
   */
  readonly what: "throttle" | "error" | "html" | "portal" | "cut" | "lost" | "silence" | "slow" | "deny";
  /** Of `deny`: what the service says. */
  readonly message?: string;
  readonly code?: string;
}

export interface Behaviour extends Ec2Behaviour, EbsBehaviour {
  /** Wait before every answer. */
  latencyMs: number;
  troubles: Trouble[];
  /** Permissions that the caller has not, as `ec2:CopySnapshot`; in one region, as `ec2:CopySnapshot@us-east-1`. */
  denied: Set<string>;
  /** GetSnapshotBlock and ListSnapshotBlocks requests a second that are let through. */
  perSecond: { readonly get?: number; readonly list?: number };
  /** How far AWS's clock is from this machine's. */
  clockMs: number;
  /** Told of every request before it is done and after; the answer waits for it. */
  onRequest: (count: number, when: "before" | "after", line: string) => void | Promise<void>;
}

/** An answer as it was sent, for the check against the service models. */
export interface Sent {
  readonly service: string;
  readonly action: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface FakeAws {
  readonly url: string;
  readonly cloud: FakeCloud;
  readonly behaviour: Behaviour;
  /** `ebs GetSnapshotBlock snap-0… 5`, in the order of arrival. */
  readonly log: string[];
  readonly sent: Sent[];
  /** Variables that lead the real SDK here. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Amazon, as far as sixray knows it: EC2, EBS direct, SSM, STS and Service Quotas over HTTP. */
export async function fakeAws(): Promise<FakeAws> {
  const cloud = new FakeCloud();
  const behaviour: Behaviour = {
    latencyMs: 0,
    troubles: [],
    denied: new Set(),
    perSecond: {},
    clockMs: 0,
    onRequest: () => undefined,
    copyPolls: 0,
    subnets: [{ subnetId: "subnet-0aaaaaaaaaaaaaaaa" }],
    copyError: undefined,
    copyKeyDenied: false,
    pageImages: 1000,
    pageBlocks: 10_000,
    emptyPages: 0,
    expiredPages: 0,
    likeMoto: false,
    corruptBlocks: 0,
    shortBlocks: 0,
  };
  const log: string[] = [];
  const sent: Sent[] = [];
  const desk = new Desk(cloud, behaviour, log, sent);
  const server = createServer((request, response) => {
    desk.serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${isAddress(address) ? address.port : 0}`;
  return {
    url,
    cloud,
    behaviour,
    log,
    sent,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: `AKIA${OWN}`,
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function isAddress(value: AddressInfo | string | null): value is AddressInfo {
  return typeof value === "object" && value !== null;
}

interface Ready {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** What a request asks for, before anything is done. */
interface Asked {
  readonly service: string;
  readonly action: string;
  readonly line: string;
  readonly act: () => Promise<Ready>;
}

/** What the signature of a request tells. */
interface Signed {
  readonly region: string;
  readonly expired: boolean;
  /** Signed at another time than it is. */
  readonly skewed: boolean;
}

/** Source: "Troubleshoot AWS Signature Version 4 errors", AWS General Reference. */
const SKEW_MAX_MS = 5 * 60_000;

/** `X-Amz-Date: 20261130T180000Z`. */
function signedAt({ headers }: IncomingMessage): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers["x-amz-date"])) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

class Desk {
  readonly #cloud: FakeCloud;
  readonly #behaviour: Behaviour;
  readonly #log: string[];
  readonly #sent: Sent[];
  readonly #actions: ReturnType<typeof ec2Actions>;
  readonly #second = new Map<string, { at: number; count: number }>();

  constructor(cloud: FakeCloud, behaviour: Behaviour, log: string[], sent: Sent[]) {
    this.#cloud = cloud;
    this.#behaviour = behaviour;
    this.#log = log;
    this.#sent = sent;
    this.#actions = ec2Actions(cloud, behaviour);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
    const asked = this.#asked(request, Buffer.concat(chunks).toString());
    this.#log.push(asked.line);
    const count = this.#log.length;
    await this.#behaviour.onRequest(count, "before", asked.line);
    if (this.#behaviour.latencyMs > 0) await sleep(this.#behaviour.latencyMs);
    const trouble = this.#behaviour.troubles.find(({ on, times }) => times > 0 && on.test(asked.line));
    if (trouble) trouble.times--;
    if (trouble?.what === "silence") return;
    const ready = await this.#ready(asked, trouble);
    if (trouble?.what === "slow") await sleep(300);
    await this.#behaviour.onRequest(count, "after", asked.line);
    this.#sent.push({
      service: asked.service,
      action: asked.action,
      status: ready.status,
      headers: ready.headers,
      body: typeof ready.body === "string" ? ready.body : "",
    });
    if (this.#sent.length > 5000) this.#sent.shift();
    if (trouble?.what === "lost") {
      response.destroy();
      return;
    }
    response.writeHead(ready.status, {
      "x-amzn-requestid": "fake",
      date: new Date(Date.now() + this.#behaviour.clockMs).toUTCString(),
      ...ready.headers,
      "content-length": Buffer.byteLength(ready.body),
    });
    if (trouble?.what === "cut") {
      response.write(ready.body.slice(0, Math.floor(ready.body.length / 2)), () => response.destroy());
      return;
    }
    response.end(ready.body);
  }

  /** From the credential scope: every request is signed. Source: Signature Version 4. */
  #asked(request: IncomingMessage, body: string): Asked {
    const url = new URL(request.url ?? "/", "http://fake");
    const [, key = "", region = "us-east-1", service = "?"] =
      /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? "") ?? [];
    const asker: Asker = { account: /\d{12}/.exec(key)?.[0] ?? OWN, region };
    const expired = key.startsWith("EXPIRED");
    const skewed = Math.abs(signedAt(request) - Date.now() - this.#behaviour.clockMs) > SKEW_MAX_MS;
    if (service === "ebs") {
      const [, snapshot = "", index] = /^\/snapshots\/([^/]+)\/blocks(?:\/(\d+))?/.exec(url.pathname) ?? [];
      const action = index === undefined ? "ListSnapshotBlocks" : "GetSnapshotBlock";
      const act = async (): Promise<Ready> => {
        this.#allow("ebs", action, { region, expired, skewed });
        const answer = await answerEbs(this.#cloud, this.#behaviour, url, asker);
        if ("bytes" in answer && answer.bytes instanceof Uint8Array)
          return {
            status: 200,
            headers: Object.fromEntries(
              Object.entries(answer.headers ?? {}).map(([name, value]) => [name, String(value)]),
            ),
            body: answer.bytes,
          };
        return { status: 200, headers: JSON_TYPE, body: JSON.stringify(answer) };
      };
      return {
        service,
        action,
        line: `ebs ${action} ${snapshot}${index === undefined ? "" : ` ${index}`}`,
        act,
      };
    }
    const target = request.headers["x-amz-target"];
    if (typeof target === "string") {
      const action = target.split(".").at(-1) ?? "";
      const act = async (): Promise<Ready> => {
        this.#allow(service, action, { region, expired, skewed });
        const answer = answerJson(this.#cloud, action, JSON.parse(body));
        return {
          status: 200,
          headers: { "content-type": "application/x-amz-json-1.1" },
          body: JSON.stringify(answer),
        };
      };
      return { service, action, line: `${service} ${action}`, act };
    }
    const form = Form.parse(body);
    const action = form.get("Action") ?? "";
    const thing = [
      "SourceSnapshotId",
      "SourceImageId",
      "SnapshotId",
      "SnapshotId.1",
      "ImageId",
      "ImageId.1",
      "InstanceId.1",
      "GroupId",
      "VolumeId",
    ]
      .map((name) => form.get(name))
      .find((value) => value !== undefined);
    const line = `${service} ${action}${thing === undefined ? "" : ` ${thing}`}`;
    const act = async (): Promise<Ready> => {
      this.#allow(service, action, { region, expired, skewed });
      if (form.forms("TagSpecification").length > 0)
        this.#allow(service, "CreateTags", { region, expired, skewed });
      if (service === "sts") return { status: 200, headers: XML_TYPE, body: identity(asker) };
      const run = this.#actions[action];
      if (!run)
        throw new Fault(400, "InvalidAction", `The action ${action} is not valid for this web service.`);
      if (form.get("DryRun") === "true")
        throw new Fault(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
      const answer = run(form, asker);
      return {
        status: 200,
        headers: XML_TYPE,
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>fake</requestId>${xml(answer)}</${action}Response>`,
      };
    };
    return { service, action, line, act };
  }

  #allow(service: string, action: string, { region, expired, skewed }: Signed): void {
    if (expired || skewed)
      throw service === "ec2"
        ? new Fault(400, "RequestExpired", "Request has expired.")
        : new Fault(403, "ExpiredTokenException", "The security token included in the request is expired");
    const { denied } = this.#behaviour;
    if (!denied.has(`${service}:${action}`) && !denied.has(`${service}:${action}@${region}`)) return;
    const who = `arn:aws:iam::${OWN}:user/ada is not authorized to perform: ${service}:${action}`;
    throw service === "ec2"
      ? new Fault(
          403,
          "UnauthorizedOperation",
          `You are not authorized to perform this operation. User: ${who} because no identity-based policy allows it. Encoded authorization failure message: ${"A".repeat(400)}`,
        )
      : new Fault(403, "AccessDeniedException", `User: ${who}`);
  }

  async #ready({ service, action, act }: Asked, trouble: Trouble | undefined): Promise<Ready> {
    try {
      if (trouble?.what === "throttle" || this.#tooMany(action)) throw throttled(service);
      if (trouble?.what === "error")
        throw new Fault(
          500,
          service === "ec2" ? "InternalError" : "InternalServerException",
          "An internal error has occurred",
        );
      if (trouble?.what === "html") return HTML_500;
      if (trouble?.what === "portal") return HTML_200;
      if (trouble?.what === "deny")
        throw new Fault(
          403,
          trouble.code ?? (service === "ec2" ? "UnauthorizedOperation" : "AccessDeniedException"),
          trouble.message ?? "denied",
        );
      return await act();
    } catch (error) {
      if (error instanceof Fault && service === "ebs" && this.#behaviour.likeMoto) return HTML_500;
      if (error instanceof Fault) return faultReady(service, error);
      throw error;
    }
  }

  #tooMany(action: string): boolean {
    const { get, list } = this.#behaviour.perSecond;
    const most = action === "GetSnapshotBlock" ? get : action === "ListSnapshotBlocks" ? list : undefined;
    if (most === undefined) return false;
    const at = Math.floor(Date.now() / 1000);
    const seen = this.#second.get(action);
    const count = seen?.at === at ? seen.count + 1 : 1;
    this.#second.set(action, { at, count });
    return count > most;
  }
}

const HTML_500: Ready = {
  status: 500,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><title>500 Internal Server Error</title>",
};
const HTML_200: Ready = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html><head><title>Welcome</title></head><body><p>Log in to go on</p></body></html>",
};
const XML_TYPE = { "content-type": "text/xml;charset=UTF-8" };
const JSON_TYPE = { "content-type": "application/json" };

function throttled(service: string): Fault {
  if (service === "ec2") return new Fault(503, "RequestLimitExceeded", "Request limit exceeded.");
  return service === "ebs"
    ? new Fault(400, "RequestThrottledException", "Too many requests", "ACCOUNT_THROTTLED")
    : new Fault(400, "ThrottlingException", "Rate exceeded");
}

function faultReady(service: string, { status, code, message, reason }: Fault): Ready {
  if (service === "ec2" || service === "sts") {
    const error = xml({ Code: code, Message: message });
    const body =
      service === "ec2"
        ? `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>${error}</Error></Errors><RequestID>fake</RequestID></Response>`
        : `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>${error}</Error><RequestId>fake</RequestId></ErrorResponse>`;
    return { status, headers: XML_TYPE, body };
  }
  return {
    status,
    headers: { ...JSON_TYPE, "x-amzn-errortype": code },
    body: JSON.stringify({
      __type: code,
      Message: message,
      ...(reason === undefined ? {} : { Reason: reason }),
    }),
  };
}

function identity({ account }: Asker): string {
  const result = xml({
    GetCallerIdentityResult: { Arn: `arn:aws:iam::${account}:user/ada`, UserId: "AIDA", Account: account },
  });
  return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}<ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
}
