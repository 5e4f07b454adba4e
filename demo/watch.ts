/**
 * Two rounds of `sixray watch` against a server of images on this machine: between them one family publishes a new
 * version that comes up speaking IPv6. Then the same round as the GitHub Action runs it, with its summary.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const TOP = fileURLToPath(new URL("..", import.meta.url));
const FIXTURES = join(TOP, "test/fixtures/images");

if (process.env.DEMO_SERVES !== undefined) await serve(process.env.DEMO_SERVES);
else {
  const folder = mkdtempSync(join(tmpdir(), "sixray-demo-"));
  try {
    await demo(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function demo(folder: string): Promise<void> {
  const published = join(folder, "published");
  mkdirSync(published);
  publish(published, "hardened-20261110.qcow2", "off-sysctl");
  publish(published, "appliance-20261110.qcow2", "off-cmdline");
  publish(published, "plain-20261110.qcow2", "on");
  const server = new Worker(new URL(import.meta.url), { env: { ...process.env, DEMO_SERVES: published } });
  const port = await new Promise<number>((resolve) => server.once("message", resolve));
  writeFileSync(join(folder, "sixray.yaml"), `targets:\n  - http://127.0.0.1:${port}/\n`);
  const sixray = (...args: readonly string[]): void => {
    console.log(`\n$ sixray ${args.join(" ")}`);
    const command = [join(TOP, "bin/sixray.js"), "--state", "state", ...args];
    const { status } = spawnSync(process.execPath, command, { cwd: folder, stdio: "inherit" });
    console.log(`(exit ${status})`);
  };
  console.log("== Monday: three families, nothing known");
  sixray("watch");
  console.log("\n== Tuesday: one family has a new version, which lost its sysctl file");
  publish(published, "hardened-20261120.qcow2", "on");
  sixray("watch", "--fail-on", "drift");
  sixray("history", familyIn(folder) ?? "hardened");
  sixray("runs");
  await server.terminate();
}

function publish(folder: string, name: string, fixture: string): void {
  copyFileSync(join(FIXTURES, `${fixture}.qcow2`), join(folder, name));
  const sums = readdirSync(folder)
    .filter((one) => one.endsWith(".qcow2"))
    .map(
      (one) =>
        `${createHash("sha256")
          .update(readFileSync(join(folder, one)))
          .digest("hex")}  ${one}\n`,
    );
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
}

/** How the listing names the family. */
function familyIn(folder: string): string | undefined {
  const command = [join(TOP, "bin/sixray.js"), "--state", "state", "history", "--json"];
  const out = spawnSync(process.execPath, command, { cwd: folder }).stdout.toString();
  return /"family":"(hardened[^"]*)"/.exec(out)?.[1];
}

async function serve(folder: string): Promise<void> {
  const { parentPort } = await import("node:worker_threads");
  const server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(request.url ?? "/").replaceAll("..", ""));
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("etag", `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`);
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    if (first === undefined || last === undefined) {
      response.writeHead(200, { "content-length": bytes.length }).end(bytes);
      return;
    }
    const end = Math.min(Number(last) + 1, bytes.length);
    const range = `bytes ${first}-${end - 1}/${bytes.length}`;
    response.writeHead(206, { "content-range": range, "content-length": end - Number(first) });
    response.end(bytes.subarray(Number(first), end));
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    parentPort?.postMessage(typeof address === "object" && address ? address.port : 0);
  });
}
