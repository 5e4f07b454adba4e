import { expect, test } from "vitest";
import { bareReasonOf, faultOf, isGone, reasonOf, told } from "./faults.ts";

function failure(name: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

test.each([
  ["ResourceNotFound", true],
  ["ResourceGroupNotFound", true],
  // Nothing can be told of what lies where one cannot look, and a page of a proxy tells nothing.
  ["SubscriptionNotFound", false],
  [undefined, false],
])("404 %s: gone is %s", (code, gone) => {
  const fault = faultOf(failure("RestError", "not here", { statusCode: 404, code }));
  expect(fault && isGone(fault)).toBe(gone);
});

test("what keeps the sign-in from giving a token is told, if it is not for want of credentials", () => {
  const told = (message: string): string => {
    const fault = faultOf(failure("AuthenticationError", message));
    return fault ? reasonOf(fault) : "";
  };
  const help = "ClientAssertionCredential authentication failed.\nMore details:\n";
  expect(told(`${help}invalid_client: AADSTS70021: No matching federated identity record found.`)).toContain(
    "Azure gives no token: AADSTS70021: No matching federated identity record found.",
  );
  expect(told(`${help}endpoints_resolution_error: See https://aka.ms for details`)).toBe(
    "Azure gives no token: its sign-in cannot be reached (endpoints_resolution_error)",
  );
  expect(told("Azure CLI could not be found.")).toContain("az login");
});

test("a list that is refused says so, and by what code", () => {
  const fault = faultOf(
    failure("RestError", "Pagination failed with unexpected statusCode 403", {
      statusCode: 403,
      code: "AuthorizationFailed",
    }),
  );
  expect(fault && reasonOf(fault)).toContain("not allowed: a list is refused (403)");
});

test.each([
  [429, "TooManyRequests", "transient"],
  [503, "ServerTimeout", "transient"],
  [500, "", "transient"],
  [undefined, "ECONNRESET", "transient"],
  [undefined, "REQUEST_SEND_ERROR", "transient"],
  [undefined, "SELF_SIGNED_CERT_IN_CHAIN", "access"],
  [undefined, "ERR_TLS_CERT_ALTNAME_INVALID", "access"],
  [200, "PARSE_ERROR", "access"],
  [403, "AuthorizationFailed", "access"],
  [404, "ResourceNotFound", "access"],
])("%s %s is %s", (statusCode, code, is) => {
  const error = failure("RestError", "no", { code, ...(statusCode === undefined ? {} : { statusCode }) });
  expect(told(error, "azure:x")).toMatchObject({ code: is, at: ["azure:x"] });
});

test("what to do about it is told, and not to who was told", () => {
  const fault = faultOf(failure("RestError", "no", { statusCode: 401, code: "InvalidAuthenticationToken" }));
  expect(fault && reasonOf(fault)).toBe(
    "Azure does not know who asks: run `az login`, or see the credentials of `sixray doctor azure`",
  );
  expect(fault && bareReasonOf(fault)).toBe("Azure does not know who asks");
  const other = faultOf(failure("RestError", "no", { statusCode: 404, code: "ResourceNotFound" }));
  expect(other && bareReasonOf(other)).toBe(other && reasonOf(other));
});

test("a certificate that is not trusted is told with what to do", () => {
  const fault = faultOf(failure("RestError", "self-signed", { code: "SELF_SIGNED_CERT_IN_CHAIN" }));
  expect(fault && reasonOf(fault)).toContain("NODE_EXTRA_CA_CERTS");
});
