import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** What a result can depend on; how it is shown, stored or sent is no part of it. */
const JUDGING = [
  "providers",
  "src/bundle",
  "src/disk",
  "src/errors.ts",
  "src/guest",
  "src/ipv6",
  "src/model",
  "src/policy",
  "src/scan",
] as const;

/**
 * Eight hex digits of the sources in `root` that read and judge images, and of the versions of what they use: another
 * boot model has another digest, whatever release it calls itself. Tests and documents do not count.
 */
export function sourceDigest(root: string): string {
  const hash = createHash("sha256");
  for (const name of JUDGING.flatMap((place) => filesOf(root, place)).toSorted()) {
    // A checkout may have other line ends.
    const text = readFileSync(join(root, name), "utf8").replaceAll("\r\n", "\n");
    hash.update(JSON.stringify([name, text]));
  }
  hash.update(JSON.stringify(dependenciesOf(root)));
  return hash.digest("hex").slice(0, 8);
}

function filesOf(root: string, place: string): readonly string[] {
  if (!statSync(join(root, place)).isDirectory()) return [place];
  return readdirSync(join(root, place), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:test\.ts|md)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

function dependenciesOf(root: string): unknown {
  const path = join(root, "package.json");
  if (!existsSync(path)) return undefined;
  const read: unknown = JSON.parse(readFileSync(path, "utf8"));
  return typeof read === "object" && read !== null && "dependencies" in read ? read.dependencies : undefined;
}
