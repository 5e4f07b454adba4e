import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cloud, FAMILY, IMAGE, type Run, sixrayIn, startCloud } from "../support/azure/cloud.ts";
import { type FakeAnswer, imageProperties, refused, SUBSCRIPTION } from "../support/azure/fake-arm.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud("test/fixtures/images/on.qcow2");
}, 60_000);
afterAll(() => cloud.stop());
afterEach(() => {
  cloud.arm.reset();
  cloud.arm.images.delete("acme:box:old");
});

function sixray(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Run> {
  return sixrayIn(cloud, args, undefined, environment);
}

function answering(fits: RegExp, answer: FakeAnswer): void {
  cloud.arm.answer = ({ method, path }) => (fits.test(`${method} ${path}`) ? answer : undefined);
}

const PAGE: FakeAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<html>Sign in</html>",
};

test.each([
  [["list", `azure:eastus/${FAMILY}`], {}],
  [["list", `azure:eastus/${FAMILY}:1.0.0`], {}],
  [["list", `azure:/subscriptions/${SUBSCRIPTION}`], {}],
  [["list", `azure:eastus/${FAMILY}`], { AZURE_SUBSCRIPTION_ID: "" }],
  [["doctor", "azure"], {}],
])("a page of a proxy is no bug of ours: %j %j", async (args, environment) => {
  answering(/./, PAGE);
  const { code, out, err } = await sixray(args, environment);
  expect(out + err).toContain("what answers is not Azure");
  expect(code).toBe(3);
});

test("one kind of own things, one publisher, one SKU that is refused does not keep the others", async () => {
  cloud.arm.addOwn("snapshots", "golden", { osType: "Linux" });
  answering(/galleries$/i, refused(403, "AuthorizationFailed", "no"));
  const own = await sixray(["scan", `azure:/subscriptions/${SUBSCRIPTION}`, "--format", "json"]);
  expect(own.out).toMatch(/snapshots\/golden[\s\S]*a list is refused \(403\)/);
  cloud.arm.answer = () => undefined;
  const owners = ["--owner", "Nobody", "--owner", "Canonical", "--name", "*202511100", "--allow-create"];
  const market = await sixray(["scan", "azure:eastus", ...owners, "--format", "json"]);
  expect(market.out).toMatch(/24\.04\.202511100[\s\S]*eastus\/Nobody/);
  expect([own.code, market.code]).toEqual([1, 1]);
});

test("a latest that there is none of is told, not left out", async () => {
  const properties = imageProperties({ imageDeprecationStatus: { imageState: "Deprecated" } });
  cloud.arm.images.set("acme:box:old", [{ name: "1.0.0", properties }]);
  const { out } = await sixray(["scan", "azure:eastus/acme:box:old:latest", IMAGE, "--allow-create"]);
  expect(out).toContain("no latest: all versions are deprecated: --deprecated takes them");
  expect(out).toContain("2 images");
});

test("what was refused outright was not made, and is not told as left", async () => {
  const golden = `azure:${cloud.arm.addOwn("snapshots", "golden", { osType: "Linux" })}`;
  answering(/ .*(?:getaccess|disks\/sixray-[^/]*)$/i, refused(403, "AuthorizationFailed", "no"));
  for (const args of [
    ["scan", IMAGE, "--allow-create"],
    ["scan", golden, "--allow-create"],
    ["scan", golden],
  ]) {
    const { code, out, err } = await sixray(args);
    expect([code, out]).toEqual([3, expect.stringContaining("not allowed")]);
    expect(err).not.toMatch(/could not/);
  }
});

test("a lookup that is refused while the disk is being made does not have it forgotten", async () => {
  let looks = 1;
  cloud.arm.answer = ({ method, path }) =>
    method === "GET" && /operations\//.test(path) && looks-- > 0
      ? refused(403, "AuthorizationFailed", "no")
      : undefined;
  const { code } = await sixray(["scan", IMAGE, "--allow-create"]);
  expect(code).toBe(3);
  expect(cloud.arm.left).toEqual([]);
});

test("Ctrl-C ends the waiting that Azure asks for", async () => {
  answering(/./, refused(429, "TooManyRequests", "slower", { "retry-after": "60" }));
  const { code } = await sixrayIn(cloud, ["list", `azure:/subscriptions/${SUBSCRIPTION}`], (child) => {
    cloud.arm.onRequest = (_, when) => {
      if (when === "after") setTimeout(() => child.kill("SIGINT"), 200);
      return false;
    };
  });
  expect(code).toBe(130);
}, 20_000);
