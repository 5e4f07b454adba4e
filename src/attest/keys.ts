/** Keys that people keep in PEM files, and how each kind signs (Sigstore's algorithm registry: one way for each). */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from "node:crypto";
import { errorLine, ScanError } from "../errors.ts";

const PEM_BYTES_MAX = 64 << 10;
const RSA_BITS_MIN = 2048;
const RSA_BITS_MAX = 16384;

export interface Key {
  readonly key: KeyObject;
  /** For people: `Ed25519`, `ECDSA P-256`, `RSA 3072`. */
  readonly name: string;
  /** The digest that is signed; Ed25519 takes the message itself. */
  readonly digest: "sha256" | "sha384" | undefined;
  /** Base64 of the SHA-256 of the public key (SubjectPublicKeyInfo, DER), as Sigstore's tools hint at a key. */
  readonly hint: string;
}

/** A private key in PEM: PKCS#8, encrypted or not. Throws `usage` with what to do about it. */
export function readPrivateKey(pem: Uint8Array, label: string, passphrase: string | undefined): Key {
  const text = pemText(pem, label);
  if (/ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY/.test(text))
    throw new ScanError(
      "usage",
      `${label} is encrypted in cosign's own way; a PKCS#8 key is wanted: openssl genpkey -algorithm ed25519 -aes256 -out key.pem`,
    );
  if (/-----BEGIN (?:PUBLIC KEY|CERTIFICATE)/.test(text))
    throw new ScanError("usage", `${label} holds no private key`);
  const encrypted = /ENCRYPTED/.test(text);
  if (encrypted && !passphrase)
    throw new ScanError("usage", `${label} is encrypted: give its passphrase in SIXRAY_KEY_PASSPHRASE`);
  try {
    return described(createPrivateKey(encrypted ? { key: text, passphrase: passphrase ?? "" } : text), label);
  } catch (error) {
    if (error instanceof ScanError) throw error;
    const why = encrypted ? "does SIXRAY_KEY_PASSPHRASE open it?" : "a PEM file with a PKCS#8 key is wanted";
    throw new ScanError("usage", `cannot use the key ${label}: ${why} (${errorLine(error)})`);
  }
}

/** A public key in PEM. Throws `usage`. */
export function readPublicKey(pem: Uint8Array, label: string): Key {
  const text = pemText(pem, label);
  if (text.includes("PRIVATE KEY"))
    throw new ScanError(
      "usage",
      `${label} is a private key, which verifying never needs: openssl pkey -in ${label} -pubout -out public.pem`,
    );
  try {
    return described(createPublicKey(text), label);
  } catch (error) {
    if (error instanceof ScanError) throw error;
    throw new ScanError(
      "usage",
      `cannot use the key ${label}: a public key in PEM is wanted (${errorLine(error)})`,
    );
  }
}

function pemText(pem: Uint8Array, label: string): string {
  if (pem.length > PEM_BYTES_MAX) throw new ScanError("usage", `${label} is too large for a key`);
  return Buffer.from(pem).toString("latin1");
}

function described(key: KeyObject, label: string): Key {
  const known = algorithmOf(key);
  if (known === undefined)
    throw new ScanError(
      "usage",
      `${label} is a key of another kind: Ed25519, ECDSA on P-256 or P-384, or RSA of ${RSA_BITS_MIN} bits and more`,
    );
  return { key, ...known, hint: hintOf(key) };
}

function algorithmOf(key: KeyObject): Pick<Key, "name" | "digest"> | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return { name: "Ed25519", digest: undefined };
  if (type === "ec" && details?.namedCurve === "prime256v1") return { name: "ECDSA P-256", digest: "sha256" };
  if (type === "ec" && details?.namedCurve === "secp384r1") return { name: "ECDSA P-384", digest: "sha384" };
  const bits = type === "rsa" ? (details?.modulusLength ?? 0) : 0;
  return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? { name: `RSA ${bits}`, digest: "sha256" } : undefined;
}

/** The public half, in PEM. */
export function publicPem({ key }: Key): string {
  return publicHalf(key).export({ type: "spki", format: "pem" }).toString();
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}

function hintOf(key: KeyObject): string {
  const der = publicHalf(key).export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("base64");
}

/** ECDSA in DER, RSA as PKCS #1 v1.5, Ed25519 as RFC 8032 has it. */
export function signWith({ key, digest }: Key, message: Uint8Array): Buffer {
  return signBytes(digest, message, key);
}

export function verifyWith({ key, digest }: Key, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verifyBytes(digest, message, key, signature);
  } catch {
    // A signature of an impossible shape.
    return false;
  }
}
