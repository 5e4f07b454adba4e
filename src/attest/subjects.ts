import { basename } from "node:path";
import type { ReadStatement } from "./statement.ts";

/** The files a statement is about, by digest: names are for people and never matched alone. */
export interface Subjects {
  /** Undefined when the statement is about this file; else why it is not. */
  refusal(path: string, sha256: string): string | undefined;
  /** Names of subjects that no file was given for. */
  idle(): readonly string[];
}

export function subjectsOf({ subject }: ReadStatement): Subjects {
  const byDigest = new Map(subject.map(({ name, digest }) => [digest.sha256, name ?? "(no name)"]));
  const byName = new Map(subject.map(({ name = "", digest }) => [name, digest.sha256]));
  const seen = new Set<string>();
  return {
    refusal(path, sha256) {
      if (byDigest.has(sha256)) {
        seen.add(sha256);
        return undefined;
      }
      const attested = byName.get(basename(path));
      if (attested === undefined)
        return `the attestation is not about it: no subject has its SHA-256 ${sha256}`;
      seen.add(attested);
      return `it was changed: its SHA-256 is ${sha256}, attested was ${attested}`;
    },
    idle: () => [...byDigest].filter(([sha256]) => !seen.has(sha256)).map(([, name]) => name),
  };
}
