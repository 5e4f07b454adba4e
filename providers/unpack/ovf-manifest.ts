import type { ByteSource } from "../../src/disk/bytes/byte-source.ts";
import { quoteName } from "../../src/disk/bytes/names.ts";
import { corrupt, limitReached } from "../../src/errors.ts";
import { pieces } from "./decompress.ts";

// Source: DMTF DSP0243 (OVF 2.1), section 6.3: lines like `SHA256(machine.ovf)= 0123...`. Some write blanks around.

const MANIFEST_MAX_BYTES = 1 << 20;
const LINE = /^\s*([A-Za-z0-9-]{1,16})\s*\((.*)\)\s*=\s*([0-9a-f]+)\s*$/i;
/** Digits of the digests that are checked. Old tools write SHA1: it tells damage, if not malice. */
const ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ["sha1", 40],
  ["sha256", 64],
  ["sha512", 128],
]);

/** A member of the archive, by the name that the manifest has for it. */
export interface NamedSource {
  readonly name: string;
  readonly source: ByteSource;
}

interface Declared {
  readonly algorithm: string;
  readonly hex: string;
}

/**
 * Holds an OVA's descriptor, which is read anyway, against the archive's manifest; and its disk when `verifyDisk` says
 * that all of it may be read for that.
 * @returns what a reviewer should know: that the disk was checked, or that it was not
 * @throws corrupt when a digest does not match; limit
 */
export async function checkManifest(
  manifest: ByteSource,
  descriptor: NamedSource,
  disk: NamedSource,
  { verifyDisk, signal }: { readonly verifyDisk: boolean; readonly signal: AbortSignal | undefined },
): Promise<readonly string[]> {
  const declared = await readManifest(manifest);
  const ofDescriptor = declared.get(descriptor.name);
  if (ofDescriptor && ALGORITHMS.has(ofDescriptor.algorithm)) await check(descriptor, ofDescriptor, signal);
  const ofDisk = declared.get(disk.name);
  if (!ofDisk) return [];
  const { algorithm } = ofDisk;
  const what = `${algorithm} of ${quoteName(disk.name)} in the OVA's manifest`;
  if (!ALGORITHMS.has(algorithm)) return [`${what}: not verified, as it is none that sixray knows`];
  if (!verifyDisk) return [`${what}: declared, not verified (--verify-digest does)`];
  await check(disk, ofDisk, signal);
  return [`${what}: verified`];
}

async function readManifest(manifest: ByteSource): Promise<ReadonlyMap<string, Declared>> {
  if (manifest.size > MANIFEST_MAX_BYTES)
    throw limitReached(manifest.label, `OVF manifest of ${manifest.size} bytes`);
  const text = Buffer.from(await manifest.read(0, manifest.size)).toString("utf8");
  const declared = new Map<string, Declared>();
  for (const line of text.split("\n")) {
    const [, algorithm = "", name = "", hex = ""] = LINE.exec(line) ?? [];
    if (algorithm === "") continue;
    declared.set(name.trim(), { algorithm: algorithm.toLowerCase(), hex: hex.toLowerCase() });
  }
  return declared;
}

async function check(
  { name, source }: NamedSource,
  { algorithm, hex }: Declared,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { createHash } = await import("node:crypto");
  const hash = createHash(algorithm);
  for await (const piece of pieces(source, signal)) hash.update(piece);
  if (hash.digest("hex") === hex) return;
  throw corrupt(
    source.label,
    `${algorithm} of ${quoteName(name)} is not what the OVA's manifest says: it was damaged or changed`,
  );
}
