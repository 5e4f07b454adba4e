import { expect, test } from "vitest";
import { checkEndpoints, endpointFault } from "./endpoint.ts";

test.each([
  ["AWS_ENDPOINT_URL", "nonsense"],
  ["AWS_ENDPOINT_URL", "localhost:4566"],
  ["AWS_ENDPOINT_URL_EC2", "http://"],
  ["AWS_ENDPOINT_URL_SERVICE_QUOTAS", "ftp://host"],
])("%s=%s is a usage error that names it", (name, value) => {
  expect(() => checkEndpoints({ [name]: value })).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringContaining(`${name} is "${value}"`) }),
  );
});

test.each([
  {},
  { AWS_ENDPOINT_URL: "" },
  { AWS_ENDPOINT_URL: "http://127.0.0.1:4566/" },
  { AWS_ENDPOINT_URL_EBS: "https://vpce-0a.ebs.us-east-1.vpce.amazonaws.com" },
  { AWS_ENDPOINT_URL: "nonsense", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
  { AWS_ENDPOINT_URL_S3: "nonsense" },
])("%o is fine", (env) => {
  expect(() => checkEndpoints(env)).not.toThrow();
});

test("the SDK's complaint about an address in its files is a usage error, too", () => {
  const complaint = (() => {
    try {
      return new URL("nonsense");
    } catch (error) {
      return error;
    }
  })();
  expect(endpointFault(complaint)).toMatchObject({ code: "usage" });
  expect(endpointFault(new TypeError("x is not a function"))).toBeUndefined();
});
