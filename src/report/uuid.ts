import { createHash } from "node:crypto";

/** A namespace of our own (a version 4 UUID, drawn once). */
const NAMESPACE = Buffer.from("6f1d0c0be2a5489bb3a1d1c5b6a7f0e4", "hex");

/** A name-based UUID (RFC 9562, section 5.5, version 5): the same names give the same one. */
export function uuid(...names: readonly string[]): string {
  const hash = createHash("sha1").update(NAMESPACE).update(JSON.stringify(names)).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
