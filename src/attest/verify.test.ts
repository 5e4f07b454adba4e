import { generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { sampleReport } from "../../test/support/sample-report.ts";
import { writeBundle } from "../bundle/write.ts";
import { verificationText } from "../cli/commands/verify-text.ts";
import { reportIn } from "../cli/stored-report.ts";
import type { Extract } from "../model/extract.ts";
import type { Report } from "../model/report.ts";
import { policyReference } from "../policy/digest.ts";
import type { Policy } from "../policy/policy.ts";
import { builtIn } from "../policy/templates/index.ts";
import { canonicalResult } from "../report/canonical.ts";
import { json } from "../report/json.ts";
import { evaluate } from "../scan/evaluate.ts";
import { beyondEvidence } from "./beyond.ts";
import { readPrivateKey, readPublicKey } from "./keys.ts";
import { keySigner } from "./sign.ts";
import { sha256Of, writeStatement } from "./statement.ts";
import { type Verification, type VerifyInput, verify } from "./verify.ts";

const DAY = "2026-11-24";
const { privateKey, publicKey } = generateKeyPairSync("ed25519");

function keyOf(key: KeyObject): ReturnType<typeof readPublicKey> {
  return readPublicKey(Buffer.from(key.export({ type: "spki", format: "pem" })), "public.pem");
}

/** A Debian whose sysctl says `value`. */
function machine(id: string, value: number): Extract {
  const text = (path: string, content: string) => {
    const bytes = new Uint8Array(Buffer.from(content));
    return {
      kind: "file",
      path,
      locator: `${id} > ${path}`,
      bytes,
      sizeBytes: bytes.length,
      truncated: false,
    } as const;
  };
  const entries = [
    text("/etc/os-release", 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n'),
    text("/etc/sysctl.conf", `net.ipv6.conf.all.disable_ipv6 = ${value}\n`),
  ];
  return {
    state: "read",
    image: { provider: "file", id, name: id, family: "debian" },
    snapshot: { entries: new Map(entries.map((entry) => [entry.path, entry])) },
    notes: [],
    doubts: [],
    unread: [],
    cost: { reads: 1, bytes: 4096, rounds: 1 },
  };
}

interface Set {
  readonly report: Report;
  readonly files: { report: Uint8Array; attestation: Uint8Array; bundles: Uint8Array[] };
}

async function judged(policy: Policy | undefined, extracts: readonly Extract[]): Promise<Report> {
  const results = await Promise.all(extracts.map((one) => evaluate(one, { policy, today: DAY })));
  const used = [...builtIn, ...(policy ? [policy] : [])].filter(({ id }) =>
    results.some((one) => one.policy === id),
  );
  return { schemaVersion: 1, engine: "sixray 0.1.0", day: DAY, policies: used.map(policyReference), results };
}

const render = (report: Report): Uint8Array =>
  new Uint8Array(Buffer.from(json.render(report, { color: false, columns: 80 })));

async function signedSet(
  change: (report: Report) => Report = (report) => report,
  policy?: Policy,
  about: (files: readonly Uint8Array[]) => readonly Uint8Array[] = (files) => files,
): Promise<Set> {
  const extracts = [machine("a.qcow2", 1), machine("b.qcow2", 0)];
  const report = change(await judged(policy, extracts));
  const bundles = await Promise.all(
    extracts.map((one) => writeBundle(one, { engine: "sixray 0.1.0", day: "2026-11-20" })),
  );
  const bytes = render(report);
  const names = ["report.json", "a.sixray.tar.gz", "b.sixray.tar.gz"];
  const subjects = about([bytes, ...bundles]).map((file, at) => ({
    path: names[at] ?? "",
    sha256: sha256Of(file),
  }));
  const key = readPrivateKey(
    Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" })),
    "k",
    undefined,
  );
  const attestation = await keySigner(key)(writeStatement(report, subjects));
  return { report, files: { report: bytes, attestation, bundles } };
}

function checked(files: Set["files"], options: Partial<VerifyInput> = {}): Promise<Verification> {
  const given = (path: string, bytes: Uint8Array) => ({ path, read: () => Promise.resolve(bytes) });
  return verify({
    report: given("report.json", files.report),
    attestation: given("a.json", files.attestation),
    bundles: files.bundles.map((bytes, at) => given(`${"ab"[at] ?? "?"}.sixray.tar.gz`, bytes)),
    expected: { kind: "key", key: keyOf(publicKey), label: "public.pem" },
    allowMissing: false,
    policies: [],
    reviews: undefined,
    parseReport: reportIn,
    ...options,
  });
}

const messages = ({ problems }: Verification): string => problems.map(({ message }) => message).join("\n");

let good: Set;
beforeAll(async () => {
  good = await signedSet();
});

test("a good set is verified", async () => {
  expect(await checked(good.files)).toMatchObject({
    outcome: "verified",
    images: { total: 2, reproduced: 2, missing: [] },
    problems: [],
    warnings: [],
  });
});

test.each(["report", "attestation", "bundle"] as const)(
  "every changed byte of the %s is refused",
  async (which) => {
    const { files } = good;
    const target = which === "bundle" ? (files.bundles[0] ?? new Uint8Array()) : files[which];
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(target.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = new Uint8Array(target);
        changed[at] = (target[at] ?? 0) ^ flip;
        const bundles = which === "bundle" ? [changed, ...files.bundles.slice(1)] : files.bundles;
        const found = await checked({
          ...files,
          bundles,
          ...(which === "bundle" ? {} : { [which]: changed }),
        });
        expect(found.outcome).toBe("refused");
        expect(messages(found)).not.toBe("");
        tried++;
      }),
      { numRuns: 300, seed: 5 },
    );
    process.stderr.write(`verify: ${tried} changed bytes of a ${which}, all refused\n`);
  },
);

test("a signed lie is found by its evidence, field by field", async () => {
  const lie = await signedSet((report) => ({
    ...report,
    results: report.results.map((one) => ({ ...one, verdict: "pass" as const })),
  }));
  const found = await checked(lie.files);
  expect(found.outcome).toBe("refused");
  expect(found.problems[0]).toMatchObject({
    file: expect.stringMatching(/sixray/),
    image: expect.stringContaining("file:"),
  });
  expect(found.problems.flatMap(({ differences = [] }) => differences)).toContainEqual({
    field: "verdict",
    reported: '"pass"',
    again: '"review"',
  });
});

test("another key, or another policy by the same name, is refused", async () => {
  const other = generateKeyPairSync("ed25519").publicKey;
  const wrong = await checked(good.files, {
    expected: { kind: "key", key: keyOf(other), label: "other.pem" },
  });
  expect(wrong).toMatchObject({ outcome: "refused", images: { total: 0 } });
  expect(messages(wrong)).toContain("signed with another key");

  const [template] = builtIn;
  if (!template) throw new Error("no policy");
  const own: Policy = { ...template, id: "own" };
  const set = await signedSet((report) => report, own);
  await expect(checked(set.files)).rejects.toThrow(
    "the policy own, which is not built in: give it with --policy",
  );
  expect(await checked(set.files, { policies: [own] })).toMatchObject({ outcome: "verified" });
  const emptied: Policy = { ...own, sections: {} };
  expect(messages(await checked(set.files, { policies: [emptied] }))).toContain(
    "judged by another policy own: sha256:",
  );
  await expect(checked(good.files, { policies: [own] })).rejects.toThrow(
    /was judged by os-extended-\w+, not by own/,
  );
});

test("an image without its bundle makes it incomplete, or a warning where that is allowed", async () => {
  const files = { ...good.files, bundles: good.files.bundles.slice(0, 1) };
  const found = await checked(files);
  expect(found).toMatchObject({
    outcome: "incomplete",
    images: { reproduced: 1, missing: ["file:b.qcow2"] },
  });
  expect(found.warnings).toEqual(["the attestation is also about b.sixray.tar.gz, which was not given"]);
  expect(await checked(files, { allowMissing: true })).toMatchObject({ outcome: "verified" });
});

test("files that were not signed are refused, whatever they say", async () => {
  const reportOnly = await signedSet(
    (report) => report,
    undefined,
    ([report]) => (report ? [report] : []),
  );
  const found = await checked(reportOnly.files);
  expect(found.problems).toHaveLength(2);
  expect(messages(found)).toContain("the attestation is not about it");
  const stranger = await writeBundle(machine("z.qcow2", 1), { engine: "x", day: DAY });
  expect(messages(await checked({ ...good.files, bundles: [...good.files.bundles, stranger] }))).toMatch(
    /it is of file:z\.qcow2, which the report does not have/,
  );
});

test.each<[string, (report: Report) => Report]>([
  [
    "its verdicts",
    (report) => ({ ...report, results: report.results.map((one) => ({ ...one, verdict: "pass" })) }),
  ],
  [
    "its policies",
    (report) => ({ ...report, policies: [{ id: "strict", title: "", digest: `sha256:${"0".repeat(64)}` }] }),
  ],
  ["its engine", (report) => ({ ...report, engine: "sixray 9.9.9" })],
  ["its time", (report) => ({ ...report, generatedAt: "2026-11-24T00:00:00Z" })],
])("a statement that sums the report up as it is not is refused: %s", async (_, change) => {
  const { files } = await signedSet();
  const key = readPrivateKey(
    Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" })),
    "k",
    undefined,
  );
  const rosy = change(good.report);
  const subjects = [files.report, ...files.bundles].map((one, at) => ({
    path: `${at}`,
    sha256: sha256Of(one),
  }));
  const attestation = await keySigner(key)(writeStatement(rosy, subjects));
  expect(messages(await checked({ ...files, attestation }))).toContain("sums it up as it is not");
});

test.each<[string, (report: Report) => object, string]>([
  [
    "a key at the top",
    (report) => ({ ...report, approved: true }),
    "approved: no field that this sixray knows",
  ],
  [
    "a key in a result",
    (report) => ({ ...report, results: report.results.map((one) => ({ ...one, approved: true })) }),
    "results.0.approved: no field",
  ],
  [
    "a key deep in a result",
    (report) => ({
      ...report,
      results: report.results.map((one) => ({ ...one, cost: { ...one.cost, saved: 1 } })),
    }),
    "results.1.cost.saved: no field",
  ],
  [
    "a result twice",
    (report) => ({ ...report, results: [...report.results, ...report.results.slice(0, 1)] }),
    "results.2: file:a.qcow2 stands there twice",
  ],
])("%s is refused, though it is signed", async (_, change, message) => {
  const changed = change(good.report);
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(changed)));
  const subjects = [bytes, ...good.files.bundles].map((file, at) => ({
    path: `${at}`,
    sha256: sha256Of(file),
  }));
  const pem = Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }));
  const sign = keySigner(readPrivateKey(pem, "k", undefined));
  const attestation = await sign(writeStatement(reportIn(bytes, "report.json"), subjects));
  const found = await checked({ ...good.files, report: bytes, attestation });
  expect(found.outcome).toBe("refused");
  expect(messages(found)).toContain(message);
});

test.each<[string, (text: string) => string, string]>([
  [
    "a key twice, of which others show the first",
    (text) => text.replace('"verdict": "review"', '"verdict": "pass", "verdict": "review"'),
    "results.0.verdict: the key stands there twice",
  ],
  [
    "the same in another spelling",
    (text) => text.replace('"reason"', '"r\\u0065ason": "accepted", "reason"'),
    "results.0.reason: the key stands there twice",
  ],
  [
    "a policy twice",
    (text) =>
      text.replace('"policies": [', '"policies": [{"id":"os-extended-debian","title":"","digest":"x"},'),
    "policies.1: the policy os-extended-debian stands there twice",
  ],
  [
    "a policy that judged nothing",
    (text) => text.replace('"policies": [', '"policies": [{"id":"strict","title":"","digest":"x"},'),
    "policies.0: no result was judged by the policy strict",
  ],
])("%s is refused, though it is signed", async (_, change, message) => {
  const text = new TextDecoder().decode(good.files.report);
  const bytes = new TextEncoder().encode(change(text));
  expect(bytes.length).toBeGreaterThan(good.files.report.length);
  const subjects = [bytes, ...good.files.bundles].map((file, at) => ({
    path: `${at}`,
    sha256: sha256Of(file),
  }));
  const pem = Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" }));
  const sign = keySigner(readPrivateKey(pem, "k", undefined));
  const attestation = await sign(writeStatement(reportIn(bytes, "report.json"), subjects));
  const found = await checked({ ...good.files, report: bytes, attestation });
  expect(found.outcome).toBe("refused");
  expect(messages(found)).toContain(message);
});

test("what no evidence speaks of is told as the signer's word", async () => {
  const later = await signedSet((report) => ({ ...report, engine: "sixray 9.9.9", day: "2026-11-25" }));
  const found = await checked(later.files);
  expect(found).toMatchObject({
    outcome: "verified",
    signersWord: { engine: "sixray 9.9.9", day: "2026-11-25" },
  });
  expect(verificationText("report.json", found, false)).toContain(
    "by word    of the signer alone: judged by sixray 9.9.9, as of 2026-11-25\n",
  );
});

test("results by line are held to the same", async () => {
  const lines = (results: readonly object[]): Uint8Array =>
    new Uint8Array(Buffer.from(results.map((one) => `${JSON.stringify(one)}\n`).join("")));
  const results = good.report.results.map(canonicalResult);
  const read = (bytes: Uint8Array): readonly string[] => beyondEvidence(bytes, reportIn(bytes, "r.ndjson"));
  expect(read(lines(results))).toEqual([]);
  expect(read(lines(results.map((one) => ({ ...one, x: 1 }))))).toHaveLength(2);
  expect(beyondEvidence(good.files.report, good.report)).toEqual([]);
  const whole = render(sampleReport);
  expect(beyondEvidence(whole, reportIn(whole, "r.json"))).toEqual([]);
});
