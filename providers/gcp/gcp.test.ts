import { expect, test } from "vitest";
import { failureOf, GcpFailure, scanErrorOf } from "./failure.ts";
import { labelsOf, recordOf } from "./labels.ts";
import { endpointOverride } from "./sdk.ts";
import { settingsFrom } from "./settings.ts";
import { parseTarget } from "./target.ts";

test.each([
  ["gcp:public", { kind: "public" }],
  ["gcp:my-project", { kind: "project", project: "my-project" }],
  ["gcp:debian-cloud/family/debian-12", { kind: "family", project: "debian-cloud", family: "debian-12" }],
  ["gcp:debian-cloud/debian-12-v1", { kind: "image", project: "debian-cloud", image: "debian-12-v1" }],
  ["gcp:projects/debian-cloud/global/images/d", { kind: "image", project: "debian-cloud", image: "d" }],
  [
    "gcp:projects/debian-cloud/global/images/family/d",
    { kind: "family", project: "debian-cloud", family: "d" },
  ],
  ["gcp:example.com:old-project/x", { kind: "image", project: "example.com:old-project", image: "x" }],
  ["gs://bucket/a/b.qcow2", { kind: "object", bucket: "bucket", object: "a/b.qcow2" }],
])("%s", (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

test.each([
  "gcp:",
  "gcp:P/x",
  "gcp:my-project/",
  "gcp:my-project/a/b",
  "gs://b",
  "gs://bucket/",
  "gcp:my-project/../x",
])("%s makes no sense", (text) => {
  expect(() => parseTarget(text)).toThrow("is not one of gcp:PROJECT/IMAGE");
});

test("labels bring back who made something and when", () => {
  const at = "2026-11-25T02:15:38.123Z";
  const labels = labelsOf({ "sixray:run": "run-1", "sixray:lease": "lease-1", "sixray:at": at });
  for (const value of Object.values(labels)) expect(value).toMatch(/^[a-z0-9_-]{1,63}$/);
  const found = { kind: "disk", name: "sixray-x", labels };
  expect(recordOf(found, { project: "p", zone: "z" })).toEqual({
    lease: "lease-1",
    run: "run-1",
    provider: "gcp",
    kind: "disk",
    scope: { project: "p", zone: "z" },
    name: "sixray-x",
    at,
    resource: "sixray-x",
  });
  expect(recordOf({ ...found, labels: { "sixray-run": "x", "sixray-at": "yesterday" } }, {}).at).toBe("");
});

test("an endpoint of one's own: plain http on this machine only", () => {
  expect(endpointOverride({})).toBeUndefined();
  expect(endpointOverride({ SIXRAY_GCP_ENDPOINT: "http://127.0.0.1:8080" })?.port).toBe("8080");
  expect(() => endpointOverride({ SIXRAY_GCP_ENDPOINT: "http://example.com" })).toThrow(
    "http on this machine only",
  );
});

test("errors of Google's by what to do about them", () => {
  const said = (code: number, message: string): unknown =>
    scanErrorOf(Object.assign(new Error(message), { code }), "gcp:x");
  expect(said(7, "Required 'compute.images.get' permission for 'x'")).toMatchObject({ code: "access" });
  expect(said(14, "backend error")).toMatchObject({ code: "transient" });
  const often = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'x'.";
  expect(said(7, often)).toMatchObject({ code: "transient", message: often });
  expect(said(7, "Rate Limit Exceeded")).toMatchObject({ code: "transient" });
  expect(said(7, "Quota 'CPUS' exceeded. Limit: 8.0")).toMatchObject({ code: "access" });
  expect(scanErrorOf(new Error("Could not load the default credentials."), "gcp")).toMatchObject({
    code: "access",
    message: expect.stringContaining("gcloud auth application-default login"),
  });
  const noFile = Object.assign(new Error("Unable to read the credential file at x: ENOENT"), {
    code: "ENOENT",
  });
  expect(scanErrorOf(noFile, "gcp")).toMatchObject({ code: "access" });
  expect(scanErrorOf(new GcpFailure("exhausted", "full"), "x")).toMatchObject({ code: "transient" });
  expect(scanErrorOf(new TypeError("a bug"), "x")).toBeInstanceOf(TypeError);
});

test("pages of a front end or a proxy are no word on what was asked for", () => {
  const page = (status: number): unknown => {
    const text = `Error response from RPC Delete with status ${status} could not be decoded: the response body is not JSON: <html>`;
    return failureOf(Object.assign(new Error(text), { code: status === 404 ? 5 : 13 }));
  };
  expect(page(404)).toMatchObject({
    kind: "other",
    message: expect.stringContaining("not Google's API (HTTP 404)"),
  });
  expect(page(502)).toMatchObject({ kind: "transient" });
  expect(failureOf(Object.assign(new Error("<html>Login</html>"), { code: 7 }))).toMatchObject({
    kind: "other",
  });
  const tls = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(scanErrorOf(tls, "gcp")).toMatchObject({
    code: "access",
    message: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
  });
});

test("settings that make no sense are refused", () => {
  expect(settingsFrom({ SIXRAY_GCP_ZONES: " europe-west1-b , us-east1-c" }).zones).toEqual([
    "europe-west1-b",
    "us-east1-c",
  ]);
  expect(() => settingsFrom({ SIXRAY_GCP_ZONES: "moon" })).toThrow("moon is no zone");
});
