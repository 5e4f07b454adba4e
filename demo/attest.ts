/** A report that is signed with its evidence, checked by somebody who has neither images nor network, and tampered with. */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TOP = fileURLToPath(new URL("..", import.meta.url));
const NAMES = ["on", "off-sysctl", "luks"];
const folder = mkdtempSync(join(tmpdir(), "sixray-demo-"));
const BUNDLES = NAMES.map((name) => `${name}.sixray.tar.gz`);

function sixray(...args: readonly string[]): void {
  console.log(`\n$ sixray ${args.join(" ")}`);
  const command = [join(TOP, "bin/sixray.js"), ...args];
  const { status } = spawnSync(process.execPath, command, { cwd: folder, stdio: "inherit" });
  console.log(`(exit ${status})`);
}

/** Turns one byte of a file around. */
function flip(name: string, at: number): void {
  const bytes = readFileSync(join(folder, name));
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(join(folder, name), bytes);
  console.log(`\n(byte ${at} of ${name} is another one now)`);
}

try {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  writeFileSync(join(folder, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(folder, "public.pem"), publicKey.export({ type: "spki", format: "pem" }));
  console.log("== Where the images are: evidence, report, signature");
  for (const [at, name] of NAMES.entries())
    sixray("extract", join(TOP, `test/fixtures/images/${name}.qcow2`), "--quiet", "-o", BUNDLES[at] ?? name);
  sixray("evaluate", ...BUNDLES, "--format", "json", "-o", "report.json");
  sixray("attest", "report.json", ...BUNDLES, "--key", "key.pem");
  console.log("\n== Where they are not: who says so, and does the evidence say the same?");
  const verify = ["report.sigstore.json", ...BUNDLES, "--key", "public.pem"];
  sixray("verify", "report.json", ...verify);
  console.log("\n== Somebody likes a verdict better");
  const report = readFileSync(join(folder, "report.json"), "utf8");
  writeFileSync(join(folder, "better.json"), report.replace('"verdict": "flagged"', '"verdict": "pass"'));
  sixray("verify", "better.json", ...verify);
  console.log("\n== One changed byte: in a bundle, and in the signed statement");
  flip("on.sixray.tar.gz", 700);
  sixray("verify", "report.json", ...verify);
  flip("on.sixray.tar.gz", 700);
  flip("report.sigstore.json", 502);
  sixray("verify", "report.json", ...verify);
} finally {
  rmSync(folder, { recursive: true });
}
