import { generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleReport } from "../../test/support/sample-report.ts";
import { differences } from "./compare.ts";
import { readAttestation } from "./envelope.ts";
import { readPrivateKey, readPublicKey } from "./keys.ts";
import { readRoots } from "./roots.ts";
import { keySigner } from "./sign.ts";
import { checkSignature } from "./signature.ts";
import { readStatement, writeStatement } from "./statement.ts";

const KEYS = {
  ed25519: generateKeyPairSync("ed25519"),
  "ECDSA P-256": generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "ECDSA P-384": generateKeyPairSync("ec", { namedCurve: "P-384" }),
  "RSA 2048": generateKeyPairSync("rsa", { modulusLength: 2048 }),
} as const;

function privatePem(key: KeyObject, passphrase?: string): Buffer {
  const encryption = passphrase === undefined ? {} : { cipher: "aes-256-cbc", passphrase };
  return Buffer.from(key.export({ type: "pkcs8", format: "pem", ...encryption }));
}
const publicPem = (key: KeyObject): Buffer => Buffer.from(key.export({ type: "spki", format: "pem" }));

const STATEMENT = writeStatement(sampleReport, [{ path: "a/report.json", sha256: "0".repeat(64) }]);

async function signedBy(pair: { readonly privateKey: KeyObject }): Promise<Uint8Array> {
  return keySigner(readPrivateKey(privatePem(pair.privateKey), "key.pem", undefined))(STATEMENT);
}

async function check(file: Uint8Array, key: KeyObject): Promise<unknown> {
  const attestation = readAttestation(file, "a.json");
  return checkSignature(
    attestation,
    { kind: "key", key: readPublicKey(publicPem(key), "p.pem"), label: "p.pem" },
    "a.json",
  );
}

test.each(Object.entries(KEYS))("%s: signs, holds, and not for another key", async (name, pair) => {
  const file = await signedBy(pair);
  expect(await check(file, pair.publicKey)).toMatchObject({
    algorithm: name === "ed25519" ? "Ed25519" : name,
  });
  expect(readStatement(readAttestation(file, "a.json").envelope.payload, "a.json").predicate.result).toBe(
    "FAILED",
  );
  for (const other of Object.values(KEYS))
    if (other !== pair) await expect(check(file, other.publicKey)).rejects.toThrow("another key");
  const twin = generateKeyPairSync("ed25519");
  await expect(check(file, twin.publicKey)).rejects.toThrow("another key");
});

test("every changed byte of the file is refused", async () => {
  const file = await signedBy(KEYS.ed25519);
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = new Uint8Array(file);
      changed[at] = (file[at] ?? 0) ^ flip;
      tried++;
      await expect(check(changed, KEYS.ed25519.publicKey)).rejects.toMatchObject({ code: "corrupt" });
    }),
    { numRuns: 1500, seed: 9 },
  );
  process.stderr.write(`attestation: ${tried} changed bytes, all refused\n`);
});

interface BundleJson {
  [key: string]: unknown;
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope: { payloadType: string; payload: string; signatures: { sig: string; keyid: string }[] };
}

test.each<[string, (bundle: BundleJson) => void, RegExp]>([
  [
    "another payload type",
    (b) => Object.assign(b.dsseEnvelope, { payloadType: "application/json" }),
    /payloadType/,
  ],
  [
    "a second signer",
    (b) => b.dsseEnvelope.signatures.push({ sig: "AAAA", keyid: "" }),
    /exactly one signature/,
  ],
  [
    "the same signature twice",
    (b) => b.dsseEnvelope.signatures.push(...b.dsseEnvelope.signatures),
    /exactly one/,
  ],
  [
    "no signature",
    (b) => {
      b.dsseEnvelope.signatures = [];
    },
    /exactly one signature/,
  ],
  [
    "an unknown key",
    (b) => {
      b.extra = 1;
    },
    /extra/,
  ],
  [
    "base64 with another alphabet",
    (b) => {
      b.dsseEnvelope.payload = "_-8=";
    },
    /payload: not base64/,
  ],
  [
    "base64 with bits left over",
    (b) => {
      b.dsseEnvelope.payload = "QR==";
    },
    /payload: not base64/,
  ],
  [
    "base64 with spaces",
    (b) => {
      b.dsseEnvelope.payload = ` ${b.dsseEnvelope.payload}`;
    },
    /payload: not base64/,
  ],
  [
    "another media type",
    (b) => {
      b.mediaType = "application/json";
    },
    /mediaType/,
  ],
  [
    "a key and a certificate",
    (b) => {
      b.verificationMaterial.certificate = { rawBytes: "AAAA" };
    },
    /either a public key or/,
  ],
  ["neither", (b) => delete b.verificationMaterial.publicKey, /either a public key or/],
  [
    "another key's hint",
    (b) => {
      b.verificationMaterial.publicKey = { hint: "x" };
    },
    /signed with another key: "x"/,
  ],
])("refused: %s", async (_, change, message) => {
  const bundle: BundleJson = JSON.parse(Buffer.from(await signedBy(KEYS.ed25519)).toString());
  change(bundle);
  await expect(check(Buffer.from(JSON.stringify(bundle)), KEYS.ed25519.publicKey)).rejects.toThrow(message);
});

test.each([
  ["", /no JSON/],
  ["[]", /not an attestation/],
  ["null", /not an attestation/],
  ['{"__proto__":{"payload":"AAAA"}}', /__proto__/],
  ["[".repeat(1 << 20), /nested more than 64 deep/],
  [`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`, /nested more than 64 deep/],
  ['{"payload":"AAAA","payload":"AAAB"}', /the key payload stands there twice/],
  ["\xff", /no JSON/],
])("what is no attestation is told: %#", (text, message) => {
  expect(() => readAttestation(Buffer.from(text, "latin1"), "a.json")).toThrow(message);
});

test("an envelope without a bundle around it is read as well", async () => {
  const bundle: BundleJson = JSON.parse(Buffer.from(await signedBy(KEYS.ed25519)).toString());
  const alone = Buffer.from(JSON.stringify(bundle.dsseEnvelope));
  await expect(check(alone, KEYS.ed25519.publicKey)).resolves.toMatchObject({ kind: "key" });
  await expect(
    checkSignature(
      readAttestation(alone, "a"),
      { kind: "identity", identity: "x", issuer: "y", roots: [] },
      "a",
    ),
  ).rejects.toThrow("was signed with a key");
});

test.each([
  [{ _type: "https://in-toto.io/Statement/v0.1" }, /_type/],
  [{ predicateType: "https://slsa.dev/provenance/v1" }, /predicateType/],
  [{ subject: [] }, /subject/],
  [{ subject: [{ name: "x", digest: { sha1: "00" } }] }, /subject\.0\.digest/],
  [{ predicate: { result: "OK", configuration: [] } }, /predicate\.result/],
  [{ predicate: undefined }, /predicate/],
])("a statement of another kind is refused: %j", (change, message) => {
  const whole: object = JSON.parse(Buffer.from(STATEMENT).toString());
  expect(() => readStatement(Buffer.from(JSON.stringify({ ...whole, ...change })), "a")).toThrow(message);
});

test("keys: what cannot sign or check says what to do", () => {
  const { privateKey, publicKey } = KEYS.ed25519;
  const locked = privatePem(privateKey, "open sesame");
  const signer = (pem: Buffer, passphrase?: string): unknown => readPrivateKey(pem, "k.pem", passphrase);
  expect(signer(locked, "open sesame")).toMatchObject({ name: "Ed25519" });
  expect(() => signer(locked)).toThrow("SIXRAY_KEY_PASSPHRASE");
  expect(() => signer(locked, "wrong")).toThrow(
    /cannot use the key k\.pem: does SIXRAY_KEY_PASSPHRASE open it/,
  );
  expect(() => signer(publicPem(publicKey))).toThrow("holds no private key");
  expect(() => signer(Buffer.from("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----"))).toThrow(
    "cosign's own way",
  );
  expect(() => signer(Buffer.from("hello"))).toThrow("PKCS#8");
  expect(() => signer(Buffer.alloc(1 << 20))).toThrow("too large");
  for (const weak of [
    generateKeyPairSync("rsa", { modulusLength: 1024 }),
    generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
    generateKeyPairSync("ed448"),
    generateKeyPairSync("rsa-pss", { modulusLength: 2048 }),
  ])
    expect(() => signer(privatePem(weak.privateKey))).toThrow("of another kind");
  expect(() => readPublicKey(privatePem(privateKey), "k.pem")).toThrow("is a private key");
  expect(() => readPublicKey(Buffer.from("x"), "k.pem")).toThrow("a public key in PEM");
});

test("subjects have names of their own, and a file stands once", () => {
  const files = ["a/x.gz", "b/x.gz", "c/x.gz"].map((path, at) => ({ path, sha256: String(at).repeat(64) }));
  const { subject } = readStatement(writeStatement(sampleReport, files), "a");
  expect(subject.map(({ name }) => name)).toEqual(["x.gz", "x.gz (2)", "x.gz (3)"]);
  expect(() => writeStatement(sampleReport, [...files, { path: "y", sha256: "1".repeat(64) }])).toThrow(
    "y is the same file as b/x.gz",
  );
});

test("differences are named by field, whatever an interface is called; the cost of reading is none", () => {
  const [result] = sampleReport.results;
  if (!result?.prediction) throw new Error("no result");
  expect(differences(result, result)).toEqual([]);
  expect(differences(result, { ...result, cost: { reads: 1, bytes: 2, rounds: 3 } })).toEqual([]);
  const disableIpv6 = { ...result.prediction.disableIpv6, nic: "unknown" as const };
  Object.defineProperty(disableIpv6, "__proto__", { value: 1, enumerable: true });
  const again = {
    ...result,
    reason: "x".repeat(500),
    prediction: { ...result.prediction, disableIpv6 },
    notes: [...result.notes, "n"],
  };
  const found = differences(result, again);
  expect(found.map(({ field }) => field)).toEqual([
    "reason",
    "prediction.disableIpv6.nic",
    "prediction.disableIpv6.__proto__",
    `notes.${result.notes.length}`,
  ]);
  expect(found[0]?.again?.length).toBeLessThan(130);
  expect(found[3]).toMatchObject({ reported: undefined, again: '"n"' });
});

test("trusted roots come alone or one a line", () => {
  const root = { tlogs: [], certificateAuthorities: [] };
  const line = JSON.stringify(root);
  expect(readRoots(Buffer.from(JSON.stringify(root, null, 2)), "r")).toEqual([root]);
  expect(readRoots(Buffer.from(`${line}\n${line}\n`), "r")).toEqual([root, root]);
  for (const text of ["", "[]", `${line}\n{`, '{"tlogs":1}', `${line}\n`.repeat(99)])
    expect(() => readRoots(Buffer.from(text), "r")).toThrow("no trusted root");
});
