/** `npm run demo:gcp`: an image of a Google Cloud on this machine, read through a worker's serial port. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeCloud } from "../test/support/gcp/fake-compute.ts";
import { run } from "../test/support/images.ts";

const bin = fileURLToPath(new URL("../bin/sixray.js", import.meta.url));
const sample = fileURLToPath(new URL("../test/fixtures/images/on.qcow2", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sixray-demo-"));
const image = join(folder, "disk.raw");
run("qemu-img", ["convert", "-O", "raw", sample, image]);

const cloud = await FakeCloud.start();
cloud.addImage("debian-cloud", { name: "debian-12-v20261110", family: "debian-12" }, image);
cloud.addImage(
  "debian-cloud",
  { name: "debian-12-v20251001", family: "debian-12", deprecated: { state: "DEPRECATED" } },
  image,
);
const env = { ...process.env, ...cloud.env, SIXRAY_STATE: join(folder, "state") };

async function sixray(...args: readonly string[]): Promise<void> {
  console.log(`\n$ sixray ${args.join(" ")}`);
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: "inherit" });
  await new Promise((resolve) => child.on("close", resolve));
}

/** Killed without warning while its worker runs. */
async function killed(...args: readonly string[]): Promise<void> {
  console.log(`\n$ sixray ${args.join(" ")}   # kill -9 while the worker runs`);
  const child = spawn(process.execPath, [bin, ...args], { env, stdio: "ignore" });
  cloud.behaviour.onRequest = (_, method) => {
    if (method === "Instances.GetSerialPortOutput") child.kill("SIGKILL");
  };
  await new Promise((resolve) => child.on("close", resolve));
  delete cloud.behaviour.onRequest;
  console.log(`left in the cloud: ${[...cloud.instances.keys(), ...cloud.disks.keys()].join(", ")}`);
}

const target = "gcp:debian-cloud/family/debian-12";
await sixray("list", "gcp:debian-cloud");
await sixray("scan", target);
cloud.log.length = 0;
await sixray("scan", target, "--allow-create");
const polling = /^(?:ZoneOperations\.Get|Instances\.Get|Instances\.GetSerialPortOutput)$/;
console.log(`API calls beside polling: ${cloud.log.filter((method) => !polling.test(method)).join(", ")}`);
await killed("scan", target, "--allow-create");
await sixray("sweep");
console.log(
  `left in the cloud: ${[...cloud.instances.keys(), ...cloud.disks.keys()].join(", ") || "nothing"}`,
);
await sixray("doctor", "gcp:my-project");
await cloud.stop();
rmSync(folder, { recursive: true });
