import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { IDENTITY, ISSUER, type Sigstore, startSigstore } from "../../test/support/sigstore.ts";
import { readAttestation } from "./envelope.ts";
import { publicGoodRoots } from "./public-good.ts";
import { keylessSigner } from "./sign.ts";
import { checkSignature, type Expected } from "./signature.ts";

interface BundleJson {
  verificationMaterial: { certificate?: { rawBytes: string }; tlogEntries: object[]; publicKey?: object };
  dsseEnvelope: { payload: string; signatures: [{ sig: string }] };
}

let sigstore: Sigstore;
let file: Uint8Array;
const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');

beforeAll(async () => {
  sigstore = await startSigstore();
  for (const [name, value = ""] of Object.entries(sigstore.env)) vi.stubEnv(name, value);
  file = await keylessSigner({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url })(payload);
});
afterAll(() => {
  vi.unstubAllEnvs();
  sigstore.close();
});

function expecting(changes: object = {}): Expected {
  return { kind: "identity", identity: IDENTITY, issuer: ISSUER, roots: [sigstore.trustedRoot], ...changes };
}

const check = (bytes: Uint8Array, expected = expecting()): Promise<unknown> =>
  (async () => checkSignature(readAttestation(bytes, "a.json"), expected, "a.json"))();

/** The bundle with one place changed. */
function changed(change: (bundle: BundleJson) => void): Uint8Array {
  const bundle = JSON.parse(Buffer.from(file).toString());
  change(bundle);
  return Buffer.from(JSON.stringify(bundle));
}

test("a job's identity signs, and is found again without a network", async () => {
  expect(await check(file)).toEqual({ kind: "identity", identity: IDENTITY, issuer: ISSUER });
  expect(sigstore.logged).toHaveLength(1);
});

test("names are taken to the letter, not as patterns", async () => {
  for (const identity of [".*", IDENTITY.slice(0, -1), `${IDENTITY}x`, ""])
    await expect(check(file, expecting({ identity }))).rejects.toThrow(
      /was signed by "https:\/\/github.com\/me/,
    );
  await expect(check(file, expecting({ issuer: "https://accounts.google.com" }))).rejects.toThrow(
    /vouched for by "https:\/\/token.actions/,
  );
});

test("another Sigstore's root does not hold, unless the right one is beside it", async () => {
  const other = await startSigstore();
  other.close();
  await expect(check(file, expecting({ roots: [other.trustedRoot] }))).rejects.toThrow("does not hold");
  await expect(check(file, expecting({ roots: [] }))).rejects.toThrow("no trusted root");
  await expect(
    check(file, expecting({ roots: [other.trustedRoot, sigstore.trustedRoot] })),
  ).resolves.toBeDefined();
  const noRoot = { certificateAuthorities: [{ certChain: { certificates: [{ rawBytes: "AA==" }] } }] };
  await expect(check(file, expecting({ roots: [noRoot] }))).rejects.toThrow("not a trusted root");
});

test.each<[string, (bundle: BundleJson) => void]>([
  [
    "payload",
    (b) => {
      b.dsseEnvelope.payload = Buffer.from("{}").toString("base64");
    },
  ],
  [
    "signature",
    (b) => {
      b.dsseEnvelope.signatures[0].sig = Buffer.alloc(70, 1).toString("base64");
    },
  ],
  [
    "no log entry",
    (b) => {
      b.verificationMaterial.tlogEntries = [];
    },
  ],
  [
    "the same log entry twice",
    (b) => void b.verificationMaterial.tlogEntries.push(...b.verificationMaterial.tlogEntries),
  ],
  [
    "log entry of another time",
    (b) => void Object.assign(b.verificationMaterial.tlogEntries[0] ?? {}, { integratedTime: "1700000000" }),
  ],
  [
    "log entry of nonsense",
    (b) => void Object.assign(b.verificationMaterial.tlogEntries[0] ?? {}, { canonicalizedBody: "e30=" }),
  ],
  [
    "log entry of another shape",
    (b) => {
      b.verificationMaterial.tlogEntries = [{ logId: null }];
    },
  ],
  [
    "certificate",
    (b) => {
      b.verificationMaterial.certificate = { rawBytes: "MAA=" };
    },
  ],
])("refused when changed: %s", async (_, change) => {
  await expect(check(changed(change))).rejects.toMatchObject({ name: "ScanError", code: "corrupt" });
});

test("a changed byte is refused by name, or is of nothing that was signed", async () => {
  const { envelope } = readAttestation(file, "a.json");
  const counts = { refused: 0, same: 0 };
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const bytes = new Uint8Array(file);
      bytes[at] = (file[at] ?? 0) ^ flip;
      try {
        await check(bytes);
        expect(readAttestation(bytes, "a.json").envelope).toEqual(envelope);
        counts.same++;
      } catch (error) {
        expect(error).toMatchObject({ name: "ScanError", code: "corrupt" });
        counts.refused++;
      }
    }),
    { numRuns: 800, seed: 9 },
  );
  process.stderr.write(`keyless: ${counts.refused} changed bytes refused, ${counts.same} of no meaning\n`);
  expect(counts.refused).toBeGreaterThan(700);
});

test("what is signed one way is not checked the other", async () => {
  const keyed = changed((b) => {
    b.verificationMaterial = { publicKey: { hint: "x" }, tlogEntries: [] };
  });
  await expect(check(keyed)).rejects.toThrow("was signed with a key");
});

test("the installed root of Sigstore's public instance is one, and did not sign this", async () => {
  const roots = await publicGoodRoots();
  expect(roots).toHaveLength(1);
  await expect(check(file, expecting({ roots }))).rejects.toThrow("does not hold");
});

test("without a job's token it says what is missing, and no token is ever shown", async () => {
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", "");
  const sign = keylessSigner({ fulcioUrl: sigstore.url, rekorUrl: sigstore.url });
  await expect(sign(payload)).rejects.toMatchObject({
    code: "access",
    message: expect.stringContaining("id-token: write"),
  });
  vi.stubEnv("SIGSTORE_ID_TOKEN", "secret-no-jwt");
  const refused = await sign(payload).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "access" });
  expect(String(refused)).not.toContain("secret");
  vi.unstubAllEnvs();
});
