import { glob, readFile, stat } from "node:fs/promises";
import { LIMITS } from "../bundle/manifest.ts";
import { readBundle } from "../bundle/read.ts";
import { errorLine, isReadError, ScanError } from "../errors.ts";
import type { ImageEvidence } from "../model/image-evidence.ts";
import type { Listed } from "../scan/scan-all.ts";

/** The images in the bundles that a path or glob names. One that cannot be read is an image that could not be read. */
export async function* bundlesAt(target: string): AsyncGenerator<Listed> {
  const found = /[*?[{]/.test(target) ? (await Array.fromAsync(glob(target))).toSorted() : [target];
  for (const path of found.length > 0 ? found : [target]) yield await listed(path);
}

async function listed(path: string): Promise<Listed> {
  const evidence = await evidenceAt(path);
  const open = (): never => {
    throw new ScanError(
      "usage",
      `${path} is an evidence bundle, not an image: only scan and evaluate take it`,
    );
  };
  return { image: evidence.image, open, evidence: () => Promise.resolve(evidence) };
}

async function evidenceAt(path: string): Promise<ImageEvidence> {
  try {
    const { size } = await stat(path);
    if (size > LIMITS.packedBytes)
      throw new ScanError("limit", "larger than a bundle may be", { at: [path] });
    return (await readBundle(await readFile(path), path)).evidence;
  } catch (error) {
    if (error instanceof ScanError && !isReadError(error)) throw error;
    const failure = error instanceof ScanError ? error.line : `access: ${errorLine(error)}`;
    const image = { provider: "file", id: path, name: path, family: path };
    return { image, failure, notes: [], unread: [], doubts: [], cost: { reads: 0, bytes: 0, rounds: 0 } };
  }
}
