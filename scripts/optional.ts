import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * npm checks packages' engines against the Node.js it runs on, and silently leaves out optional ones that want a later
 * one. In a checkout the Node.js of `node_modules` is what runs: what was left out is installed with that.
 */
export function installSkipped(optional: readonly string[]): void {
  const { npm_config_user_agent: agent = "", npm_config_omit: omit = "" } = process.env;
  const [, major] = / node\/v(\d+)/.exec(agent) ?? [];
  const isOlder = Number(major) < Number(process.versions.node.split(".")[0]);
  const isMissing = optional.some((name) => !existsSync(`node_modules/${name}`));
  if (!isOlder || !isMissing || omit.includes("optional")) return;
  console.error(`npm ran on Node.js ${major}: installing the optional packages that it left out`);
  // npm's first line asks for `node`: scripts have that of node_modules first on their PATH.
  const done = spawnSync("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (done.status !== 0) console.error("that did not work: cloud providers may be missing");
}
