#!/usr/bin/env node
// CommonJS, which starts faster, in syntax that old versions of Node understand, so that they can be told what is missing.
"use strict";
const { existsSync } = require("node:fs");
const { pathToFileURL } = require("node:url");

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `sixray needs Node.js 22.18 or later, this is ${process.versions.node}; in a checkout, "npm ci" brings one and "npx sixray" uses it`,
  );
  process.exit(2);
}
const built = `${__dirname}/../dist/cli`;
if (existsSync(built)) require("./compiled.js").run(built);
else void import(pathToFileURL(`${__dirname}/../src/cli/bin.ts`).href);
