import { expect, test } from "vitest";
import { answerOf } from "./answers.ts";

function failure(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

test.each([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "EPROTO",
])("%s is no bug and not tried again", (code) => {
  expect(answerOf(failure("Error", "certificate", { code }))).toMatchObject({
    trouble: "other",
    text: expect.stringMatching(new RegExp(`^${code}: certificate: .*NODE_EXTRA_CA_CERTS`)),
  });
});

test("pages of something in between are told as such", () => {
  const text = "AWS answers with something that is not its own (HTTP 403)";
  const $metadata = { httpStatusCode: 403 };
  expect(answerOf(failure("Unknown", "Unknown", { $metadata }))).toMatchObject({ text });
  const message = "@aws-sdk XML parse error: mismatched tags <br> and </html>.";
  expect(answerOf(failure("Error", message, { $metadata }))).toMatchObject({ text });
});

test("what is neither the service's nor the way's is left to be a bug", () => {
  expect(answerOf(new TypeError("x is undefined"))).toBeUndefined();
  expect(answerOf(failure("AbortError", "aborted"))).toBeUndefined();
});

test("a host that is not found may be a region that is not there", () => {
  const error = Object.assign(new Error("getaddrinfo ENOTFOUND ec2.us-east-9.amazonaws.com"), {
    code: "ENOTFOUND",
  });
  expect(answerOf(error)).toMatchObject({
    trouble: "passing",
    text: expect.stringContaining("such a region"),
  });
});
