import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cloud, IMAGE, sixrayIn, startCloud } from "../support/azure/cloud.ts";
import { type FakeAnswer, imageProperties, refused } from "../support/azure/fake-arm.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud("test/fixtures/images/on.qcow2");
}, 60_000);
afterAll(() => cloud.stop());
afterEach(() => {
  cloud.arm.reset();
  cloud.door.answer = () => false;
  cloud.door.delayMs = 0;
});

interface Fault {
  readonly name: string;
  readonly arrange: (cloud: Cloud) => void;
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly code: number;
  readonly says: RegExp;
}

/** Answers requests that fit, `times` of them. */
function once(fits: RegExp, answer: FakeAnswer, times = 1): (cloud: Cloud) => void {
  let left = times;
  return ({ arm }) => {
    arm.answer = ({ method, path }) => (fits.test(`${method} ${path}`) && left-- > 0 ? answer : undefined);
  };
}

/** The same for reads of the disk, from the second on. */
function atBlob(answer: (reply: ServerResponse) => void, times = 1): (cloud: Cloud) => void {
  let left = times;
  return ({ door }) => {
    const begin = door.requests;
    door.answer = (_, reply, count) => {
      if (count < begin + 5 || left-- <= 0) return false;
      answer(reply);
      return true;
    };
  };
}

const ALWAYS = Number.POSITIVE_INFINITY;
const busy = (status: number, headers: Record<string, string>) => (reply: ServerResponse) => {
  reply.writeHead(status, headers).end();
};

const FAULTS: readonly Fault[] = [
  {
    name: "an address that is none",
    arrange: once(/begingetaccess/i, { status: 200, body: { accessSAS: "ftp://nowhere" } }, ALWAYS),
    code: 3,
    says: /no usable signed address/,
  },
  {
    name: "no subscription",
    arrange: ({ arm }) => {
      arm.answer = ({ path }) =>
        path === "/subscriptions" ? { status: 200, body: { value: [] } } : undefined;
    },
    environment: { AZURE_SUBSCRIPTION_ID: "" },
    code: 3,
    says: /see no Azure subscription/,
  },
  {
    name: "a subscription that is not there",
    arrange: () => undefined,
    environment: { AZURE_SUBSCRIPTION_ID: "11111111-0000-0000-0000-000000000000" },
    code: 3,
    says: /no such subscription/,
  },
  {
    name: "forbidden",
    arrange: once(
      /^PUT /,
      refused(
        403,
        "AuthorizationFailed",
        "The client 'x' does not have authorization to perform action 'Microsoft.Compute/disks/write' over scope '/s'.",
      ),
      ALWAYS,
    ),
    code: 3,
    says: /not allowed:\s+Microsoft\.Compute\/disks\/write/,
  },
  {
    name: "image not found",
    arrange: () => undefined,
    args: ["azure:eastus/Canonical:nothing:server:1.0.0"],
    code: 3,
    says: /not found: /,
  },
  {
    name: "quota",
    arrange: once(
      /^PUT /,
      refused(
        409,
        "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved StandardSSDDiskCount quota.",
      ),
      ALWAYS,
    ),
    code: 3,
    says: /a quota is used up/,
  },
  {
    name: "a policy forbids public disks",
    arrange: once(
      /^PUT /,
      refused(
        403,
        "RequestDisallowedByPolicy",
        "Resource was disallowed by policy: disks have no public access.",
      ),
      ALWAYS,
    ),
    code: 3,
    says: /a policy of the\s+subscription forbids it/,
  },
  {
    name: "the network access policy keeps readers out",
    arrange: ({ door }) => {
      door.answer = (_, reply) => {
        reply.writeHead(403, { "x-ms-error-code": "AuthorizationFailure" }).end();
        return true;
      };
    },
    code: 3,
    says: /network access policy/,
  },
  {
    name: "terms not accepted",
    arrange: ({ arm }) => {
      const plan = { publisher: "acme", product: "box", name: "pro" };
      arm.images.set("acme:box:pro", [{ name: "1.0.0", properties: imageProperties({ plan }) }]);
      arm.acceptedTerms = false;
    },
    args: ["azure:eastus/acme:box:pro:1.0.0"],
    code: 3,
    says: /needs-terms/,
  },
  {
    name: "confidential",
    arrange: ({ arm }) => {
      const features = [{ name: "SecurityType", value: "ConfidentialVM" }];
      arm.images.set("acme:box:cvm", [{ name: "1.0.0", properties: imageProperties({ features }) }]);
    },
    args: ["azure:eastus/acme:box:cvm:1.0.0"],
    code: 3,
    says: /confidential/,
  },
  {
    name: "addresses that run out while the disk is read, by Azurite's own clock",
    arrange: ({ arm, door }) => {
      arm.sasSeconds = 2;
      door.delayMs = 300;
    },
    code: 1,
    says: /IPv6/,
  },
  {
    name: "an address that is refused once",
    arrange: atBlob(busy(403, { "x-ms-error-code": "AuthenticationFailed" })),
    code: 1,
    says: /IPv6/,
  },
  {
    name: "an address that is refused for good",
    arrange: atBlob(busy(403, { "x-ms-error-code": "AuthenticationFailed" }), ALWAYS),
    code: 3,
    says: /signed address is\s+refused/,
  },
  {
    name: "416",
    arrange: atBlob(busy(416, {}), ALWAYS),
    code: 3,
    says: /416/,
  },
  {
    name: "503 with Retry-After",
    arrange: atBlob(busy(503, { "retry-after": "1" }), 2),
    code: 1,
    says: /IPv6/,
  },
  {
    name: "429 of Resource Manager with Retry-After",
    arrange: once(/^PUT /, refused(429, "TooManyRequests", "slower", { "retry-after": "1" })),
    code: 1,
    says: /IPv6/,
  },
  {
    name: "delete refused while an export is on that the disk does not tell of",
    arrange: ({ arm }) => {
      arm.hidesState = true;
    },
    code: 1,
    says: /IPv6/,
  },
  {
    name: "an operation that fails after it was accepted",
    arrange: ({ arm }) => {
      arm.answer = ({ method, path }) =>
        method === "GET" && /operations/.test(path)
          ? {
              status: 200,
              body: {
                status: "Failed",
                error: { code: "InternalExecutionError", message: "An internal error." },
              },
            }
          : undefined;
      const end = arm.log.length + 8;
      const failing = arm.answer;
      arm.answer = (asked, count) => (count < end ? failing(asked, count) : undefined);
    },
    code: 3,
    says: /InternalExecutionError/,
  },
  {
    name: "an endpoint that is not this machine's, without TLS",
    arrange: () => undefined,
    environment: { SIXRAY_AZURE_ENDPOINT: "http://management.example" },
    code: 2,
    says: /https/,
  },
];

test.each(FAULTS)("$name", { timeout: 60_000 }, async ({ arrange, args, environment, code, says }) => {
  arrange(cloud);
  const run = await sixrayIn(cloud, ["scan", ...(args ?? [IMAGE]), "--allow-create"], undefined, environment);
  // Reports are wrapped to the width of the terminal.
  expect((run.out + run.err).replaceAll(/\s+/g, " ")).toMatch(says);
  expect(run.err).not.toMatch(/sig=|could not remove/);
  expect(run.out).not.toMatch(/sig=/);
  expect(run.code).toBe(code);
  expect(cloud.arm.left).toEqual([]);
});
