import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliRun, sixray } from "../support/cli.ts";
import { IDENTITY, ISSUER, startSigstore } from "../support/sigstore.ts";

const BIN = fileURLToPath(new URL("../../bin/sixray.js", import.meta.url));
const IMAGES = fileURLToPath(new URL("../fixtures/images/", import.meta.url));
const NAMES = ["on", "off-sysctl", "luks"] as const;
const folder = mkdtempSync(join(tmpdir(), "sixray-attest-"));
const inside = (name: string): string => join(folder, name);
const bundles = NAMES.map((name) => inside(`${name}.sixray.tar.gz`));
const [report, signed] = [inside("report.json"), inside("report.sigstore.json")];
const [key, publicKey] = [inside("key.pem"), inside("public.pem")];

beforeAll(() => {
  for (const [at, name] of NAMES.entries())
    sixray(["extract", join(IMAGES, `${name}.qcow2`), "-q", "-o", bundles[at] ?? ""]);
  sixray(["evaluate", ...bundles, "-f", "json", "-o", report]);
  const pair = generateKeyPairSync("ed25519");
  writeFileSync(key, pair.privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(publicKey, pair.publicKey.export({ type: "spki", format: "pem" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const verify = (...more: readonly string[]): CliRun => sixray(["verify", report, signed, ...more]);

test("what is signed with a key is verified with its public half", () => {
  expect(sixray(["attest", report, ...bundles, "--key", key])).toMatchObject({
    code: 0,
    err: `sixray: wrote ${signed}\n`,
  });
  const { code, out } = verify(...bundles, "--key", publicKey);
  expect(code).toBe(0);
  expect(out).toContain("3 of 3 images judged again with the same result");
  expect(out.trimEnd().split("\n").at(-1)).toBe(
    `verified: ${report} is what was signed, and its evidence says the same`,
  );
  const json: unknown = JSON.parse(verify(...bundles, "--key", publicKey, "--json").out);
  expect(json).toMatchObject({
    outcome: "verified",
    signer: { kind: "key", algorithm: "Ed25519" },
    problems: [],
  });
});

test("a scan's own report is verified by bundles that were taken beside it", () => {
  const scanned = inside("scanned.json");
  sixray(["scan", ...NAMES.map((name) => join(IMAGES, `${name}.qcow2`)), "-f", "json", "-o", scanned]);
  expect(sixray(["attest", scanned, ...bundles, "--key", key]).code).toBe(0);
  expect(
    sixray(["verify", scanned, inside("scanned.sigstore.json"), ...bundles, "--key", publicKey]).code,
  ).toBe(0);
});

test("a changed verdict is refused, and the field is named", () => {
  const changed = inside("changed.json");
  writeFileSync(changed, readFileSync(report, "utf8").replace('"verdict": "flagged"', '"verdict": "pass"'));
  const { code, out } = sixray(["verify", changed, signed, ...bundles, "--key", publicKey]);
  expect(code).toBe(1);
  expect(out).toContain('verdict: the report says "pass", its evidence "flagged"');
  expect(sixray(["attest", changed, ...bundles, "--key", key])).toMatchObject({
    code: 1,
    err: expect.stringContaining("nothing was signed"),
  });
  expect(existsSync(inside("changed.sigstore.json"))).toBe(false);
});

test("a missing bundle is incomplete, or a warning where that is allowed", () => {
  const [first = ""] = bundles;
  const { code, out } = verify(first, "--key", publicKey);
  expect(code).toBe(3);
  expect(out.match(/^missing {4}no bundle for file:/gm)).toHaveLength(2);
  expect(verify(first, "--key", publicKey, "--allow-missing-bundles").code).toBe(0);
});

test.each<[string, readonly string[], RegExp]>([
  ["no signer", [], /who is to have signed/],
  ["two signers", ["--key", publicKey, "--certificate-identity", "x"], /who is to have signed/],
  ["half an identity", ["--certificate-identity", "x"], /needs both --certificate-identity and/],
  ["a private key", ["--key", key], /is a private key/],
  ["no such key", ["--key", "/nowhere"], /cannot read \/nowhere/],
  [
    "another policy",
    ["--key", publicKey, "--policy", "strict"],
    /was judged by os-extended-debian, not by strict/,
  ],
])("asked in a way that makes no sense: %s", (_, more, message) => {
  const { code, err } = verify(...bundles, ...more);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test("a policy of one's own is given again to check by it", () => {
  const policy = inside("own.yaml");
  writeFileSync(policy, "id: own\nextends: os-extended-debian\n");
  const own = inside("own.json");
  sixray(["evaluate", ...bundles, "--policy", policy, "-f", "json", "-o", own]);
  expect(sixray(["attest", own, ...bundles, "--key", key]).err).toContain(
    "not built in: give it with --policy",
  );
  expect(sixray(["attest", own, ...bundles, "--key", key, "--policy", policy]).code).toBe(0);
  const args = [
    "verify",
    own,
    inside("own.sigstore.json"),
    ...bundles,
    "--key",
    publicKey,
    "--policy",
    policy,
  ];
  expect(sixray(args).code).toBe(0);
  writeFileSync(policy, "id: own\nextends: strict\n");
  expect(sixray(args)).toMatchObject({
    code: 1,
    out: expect.stringContaining("judged by another policy own"),
  });
});

test("a CI job signs as itself, over real requests, and is verified without any", async () => {
  const sigstore = await startSigstore();
  const output = inside("keyless.json");
  const urls = ["--fulcio-url", sigstore.url, "--rekor-url", sigstore.url];
  try {
    const done = await sixrayBeside(
      ["attest", report, ...bundles, "--keyless", "-o", output, ...urls],
      sigstore.env,
    );
    expect(done).toMatchObject({ code: 0 });
    expect(await sixrayBeside(["attest", report, "--keyless", "-o", output, ...urls], {})).toMatchObject({
      code: 3,
      err: expect.stringContaining("id-token: write"),
    });
  } finally {
    sigstore.close();
  }
  const root = inside("trusted-root.json");
  writeFileSync(root, JSON.stringify(sigstore.trustedRoot));
  const identity = [
    "--certificate-identity",
    IDENTITY,
    "--certificate-oidc-issuer",
    ISSUER,
    "--trusted-root",
    root,
  ];
  const good = sixray(["verify", report, output, ...bundles, ...identity]);
  expect(good).toMatchObject({
    code: 0,
    out: expect.stringContaining(`holds: ${IDENTITY}, vouched for by ${ISSUER}`),
  });
  // Sigstore's public instance did not sign this.
  expect(sixray(["verify", report, output, ...bundles, ...identity.slice(0, 4)])).toMatchObject({
    code: 1,
    out: expect.stringContaining("the signature does not hold"),
  });
  expect(sixray(["verify", report, output, ...bundles, "--key", publicKey])).toMatchObject({
    code: 1,
    out: expect.stringContaining("was signed by an identity"),
  });
});

/** As `sixray`, while this process goes on to answer. */
function sixrayBeside(args: readonly string[], env: NodeJS.ProcessEnv): Promise<CliRun> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { PATH: process.env.PATH, ...env } });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}
