/** Lists, scans and sweeps images of an AWS account that a fake on this machine plays. Nothing leaves the machine. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OTHER } from "../test/support/aws/cloud.ts";
import { sampleDisk } from "../test/support/aws/samples.ts";
import { fakeAws } from "../test/support/aws/server.ts";

const BIN = fileURLToPath(new URL("../bin/sixray.js", import.meta.url));
const DAY = "2024-11-01T10:00:00.000Z";

const fake = await fakeAws();
const state = await mkdtemp(join(tmpdir(), "sixray-demo-"));
fake.behaviour.latencyMs = 20;
fake.behaviour.copyPolls = 1;

for (const [name, sample, architecture] of [
  ["debian-12-amd64-20241101-1000", "on", "x86_64"],
  ["debian-12-hardened-amd64-20241101-1000", "off-sysctl", "x86_64"],
  ["debian-13-networkd-amd64-20241101-1000", "networkd", "x86_64"],
] as const)
  fake.cloud.addImage(fake.cloud.addSnapshot(await sampleDisk(sample)), { name, architecture, created: DAY });
const theirs = fake.cloud.addSnapshot(await sampleDisk("off-cmdline"), { owner: OTHER, public: true });
const published = fake.cloud.addImage(theirs, { name: "debian-11-amd64-20241101-1000", created: DAY });

await sixray("list", "aws:us-east-1", "--latest", "1");
await sixray("scan", "aws:us-east-1", "--latest", "1");
await sixray("scan", `aws:us-east-1/${published.id}`);
await sixray("scan", `aws:us-east-1/${published.id}`, "--allow-create");

say("a run that is killed while its copy is made, and what sweep does about it");
fake.behaviour.copyPolls = 1000;
const killed = start(["scan", `aws:us-east-1/${published.id}`, "--allow-create"]);
fake.behaviour.onRequest = (_, when, line) => {
  if (when === "after" && line.includes("CopySnapshot")) killed.child.kill("SIGKILL");
};
await killed.ended;
fake.behaviour.onRequest = () => undefined;
console.log(`left in the cloud: ${fake.cloud.left.join(", ")}`);
await sixray("sweep");
console.log(`left in the cloud: ${fake.cloud.left.join(", ") || "nothing"}`);
await sixray("doctor", "aws:us-east-1");

say(`the request log: ${fake.log.length} requests`);
for (const line of fake.log) console.log(line);
await fake.close();
await rm(state, { recursive: true });

function say(what: string): void {
  console.log(`\n--- ${what}`);
}

async function sixray(...args: readonly string[]): Promise<void> {
  say(`sixray ${args.join(" ")}`);
  const { ended } = start(args);
  console.log(`(exit code ${await ended})`);
}

function start(args: readonly string[]): {
  readonly child: ReturnType<typeof spawn>;
  readonly ended: Promise<number | null>;
} {
  const env = { ...process.env, ...fake.env, SIXRAY_STATE: state, SIXRAY_AWS_POLL_MS: "200" };
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ["ignore", "inherit", "inherit"] });
  return { child, ended: new Promise((resolve) => child.once("exit", (code) => resolve(code))) };
}
