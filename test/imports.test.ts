import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const TOP = fileURLToPath(new URL("..", import.meta.url));

/** Who may import whom, by folder: the table of `src/README.md`. A folder may always import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "src/errors.ts": [],
  "src/model": [],
  "src/disk": ["src/errors.ts"],
  "src/guest": ["src/disk", "src/model", "src/errors.ts"],
  "src/ipv6": ["src/model"],
  "src/policy": ["src/model"],
  "src/report": ["src/model"],
  "src/bundle": ["src/model", "src/errors.ts"],
  "src/attest": ["src/bundle", "src/scan", "src/policy", "src/report", "src/model", "src/errors.ts"],
  "src/scan": ["src/disk", "src/guest", "src/ipv6", "src/policy", "src/model", "src/errors.ts"],
  providers: ["src/bundle", "src/disk", "src/model", "src/errors.ts"],
  "src/ledger": ["src/scan", "src/model", "src/errors.ts"],
  "src/fleet": ["src/ledger", "src/scan", "src/model", "src/errors.ts"],
};

function sources(folder: string): string[] {
  return readdirSync(join(TOP, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => relative(TOP, join(entry.parentPath, entry.name)));
}

function roomOf(file: string): string | undefined {
  return Object.keys(ALLOWED).find((room) => file === room || file.startsWith(`${room}/`));
}

test("folders import only what the house allows", () => {
  const files = [...sources("src"), ...sources("providers")];
  expect(files.length).toBeGreaterThan(8);
  const broken: string[] = [];
  for (const file of files) {
    const room = roomOf(file);
    if (room === undefined) continue;
    for (const [, target = ""] of readFileSync(join(TOP, file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      const wanted = relative(TOP, resolve(TOP, dirname(file), target));
      const allowed = [room, ...(ALLOWED[room] ?? [])];
      if (!allowed.some((name) => wanted === name || wanted.startsWith(`${name}/`))) {
        broken.push(`${file} imports ${wanted}`);
      }
    }
  }
  expect(broken).toEqual([]);
});
