#!/usr/bin/env node
// Kept to syntax that old versions of Node understand, so that they can be told what is missing.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sixray needs Node.js 22.18 or later, this is ${process.versions.node}; in a checkout, "npm ci" brings one and "npx sixray" uses it`,
  );
  process.exit(2);
}
// Compiled code is kept beside the code it comes from; where that cannot be written, it is compiled each time.
module.enableCompileCache?.(fileURLToPath(new URL("../dist/.compiled", import.meta.url)));
const built = new URL("../dist/bin.js", import.meta.url);
await import(existsSync(built) ? built.href : new URL("../src/cli/bin.ts", import.meta.url).href);
