import { mkdirSync, readFileSync } from "node:fs";
import { corpusArchive, run } from "../support/images.ts";
import { type Entry, MANIFEST } from "./check.ts";

/** Disk images only: registry hives are compared with hivex elsewhere. */
export function diskEntries(): readonly Entry[] {
  const found = corpusArchive();
  if (!found) return [];
  const all: unknown = JSON.parse(readFileSync(found.manifest, "utf8"));
  return MANIFEST.parse(all).filter(
    ({ container, path }) => container !== "regf" && !path.endsWith("/NotAHive"),
  );
}

/** Unpacks the images beside the project, sparse, into a folder. */
export function unpackCorpus(folder: string): void {
  const found = corpusArchive();
  if (!found) throw new Error("the folder shared/corpus does not stand beside the project");
  mkdirSync(folder, { recursive: true });
  run("tar", ["--zstd", "-xf", found.archive, "-C", folder]);
}
