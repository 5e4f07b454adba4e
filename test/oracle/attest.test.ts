/** What sixray signs, checked by programs that share no code with it: OpenSSL, and Sigstore's own client. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { afterAll, describe, expect, test } from "vitest";
import { preAuthEncoding, readAttestation } from "../../src/attest/envelope.ts";
import { readPrivateKey, readPublicKey } from "../../src/attest/keys.ts";
import { keySigner } from "../../src/attest/sign.ts";
import { checkSignature } from "../../src/attest/signature.ts";
import { writeStatement } from "../../src/attest/statement.ts";
import { missing, run } from "../support/images.ts";
import { sampleReport } from "../support/sample-report.ts";

const folder = mkdtempSync(join(tmpdir(), "sixray-openssl-"));
const inside = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How OpenSSL makes a key, and how it signs and verifies a file with it. */
const KINDS = [
  ["Ed25519", ["-algorithm", "ed25519"], ["-rawin"]],
  [
    "ECDSA P-256",
    ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ["-rawin", "-digest", "sha256"],
  ],
  [
    "ECDSA P-384",
    ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    ["-rawin", "-digest", "sha384"],
  ],
  ["RSA 3072", ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"], ["-rawin", "-digest", "sha256"]],
] as const;

const STATEMENT = writeStatement(sampleReport, [{ path: "report.json", sha256: "ab".repeat(32) }]);

describe.skipIf(missing("openssl"))("OpenSSL", () => {
  test.each(KINDS)("%s: makes the key, takes our signature, and we take its own", async (name, make, how) => {
    const file = (ending: string): string => inside(`${name.replaceAll(" ", "-")}.${ending}`);
    run("openssl", ["genpkey", ...make, "-aes256", "-pass", "pass:open sesame", "-out", file("pem")]);
    run("openssl", [
      "pkey",
      "-in",
      file("pem"),
      "-passin",
      "pass:open sesame",
      "-pubout",
      "-out",
      file("pub"),
    ]);
    const key = readPrivateKey(readFileSync(file("pem")), file("pem"), "open sesame");
    const signed = await keySigner(key)(STATEMENT);
    const { envelope } = readAttestation(signed, "a.json");
    writeFileSync(file("pae"), preAuthEncoding(envelope.payload));
    writeFileSync(file("sig"), envelope.signature);
    const check = ["pkeyutl", "-verify", ...how, "-pubin", "-inkey", file("pub"), "-in", file("pae")];
    expect(run("openssl", [...check, "-sigfile", file("sig")]).toString()).toContain("Verified Successfully");

    const sign = ["pkeyutl", "-sign", ...how, "-inkey", file("pem"), "-passin", "pass:open sesame"];
    run("openssl", [...sign, "-in", file("pae"), "-out", file("theirs")]);
    const theirs = {
      payload: Buffer.from(envelope.payload).toString("base64"),
      payloadType: "application/vnd.in-toto+json",
      signatures: [{ sig: readFileSync(file("theirs")).toString("base64") }],
    };
    const publicKey = readPublicKey(readFileSync(file("pub")), file("pub"));
    const attestation = readAttestation(Buffer.from(JSON.stringify(theirs)), "theirs.json");
    await expect(
      checkSignature(attestation, { kind: "key", key: publicKey, label: "pub" }, "a"),
    ).resolves.toMatchObject({
      algorithm: name,
    });

    // Sigstore's client has no SHA-384 for keys of one's own.
    if (name === "ECDSA P-384") return;
    const keys = {
      [key.hint]: { rawBytes: publicKey.key.export({ type: "spki", format: "der" }), keyDetails: 0 },
    };
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON({}), keys), {
      tlogThreshold: 0,
      timestampThreshold: 0,
    });
    const bundle: unknown = JSON.parse(Buffer.from(signed).toString());
    expect(verifier.verify(toSignedEntity(bundleFromJSON(bundle))).key.asymmetricKeyType).toBe(
      publicKey.key.asymmetricKeyType,
    );
  });
});
