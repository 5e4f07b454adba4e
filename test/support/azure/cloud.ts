import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Azurite } from "./azurite.ts";
import { BlobDoor } from "./blob-door.ts";
import { FakeArm, GROUP, imageProperties, SUBSCRIPTION } from "./fake-arm.ts";

const TOP = fileURLToPath(new URL("../../../", import.meta.url));

export const FAMILY = "Canonical:ubuntu-24_04-lts:server";
export const IMAGE: string = `azure:eastus/${FAMILY}:24.04.202511100`;

/** Azure on this machine: blobs in Azurite, Resource Manager made up. */
export interface Cloud {
  readonly arm: FakeArm;
  readonly door: BlobDoor;
  readonly environment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** `disk` is a qcow2 whose content every disk of the cloud has; a fixed VHD is taken as it is. */
export async function startCloud(disk: string): Promise<Cloud> {
  const folder = mkdtempSync(join(tmpdir(), "sixray-azure-"));
  const azurite = await Azurite.start();
  const vhd = disk.endsWith(".vhd") ? disk : join(folder, "image.vhd");
  if (vhd !== disk)
    execFileSync("qemu-img", ["convert", "-O", "vpc", "-o", "subformat=fixed,force_size=on", disk, vhd]);
  await azurite.upload(vhd, "image.vhd");
  const door = new BlobDoor(azurite.address);
  const arm = new FakeArm();
  arm.blobs = await door.start();
  arm.imageBlob = "image.vhd";
  const old = imageProperties({ imageDeprecationStatus: { imageState: "Deprecated" } });
  arm.images.set(FAMILY, [
    { name: "24.04.202509090", properties: imageProperties() },
    { name: "24.04.202510010", properties: old },
    { name: "24.04.202511100", properties: imageProperties() },
    { name: "24.04.202508080", properties: imageProperties({ architecture: "Arm64" }) },
  ]);
  const endpoint = await arm.start();
  return {
    arm,
    door,
    environment: {
      ...process.env,
      SIXRAY_AZURE_ENDPOINT: endpoint,
      SIXRAY_AZURE_RESOURCE_GROUP: GROUP,
      AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
      SIXRAY_STATE: join(folder, "state"),
      NO_COLOR: "1",
    },
    stop: async () => {
      arm.stop();
      door.stop();
      await azurite.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `sixray` as a user runs it, while the cloud answers in this process; `started` gets the child. */
export async function sixrayIn(
  cloud: Cloud,
  args: readonly string[],
  started: (child: ChildProcess) => void = () => undefined,
  environment: NodeJS.ProcessEnv = {},
): Promise<Run> {
  const env = { ...cloud.environment, ...environment };
  const child = spawn(process.execPath, [join(TOP, "bin/sixray.js"), ...args], { env });
  started(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => (out += String(chunk)));
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err };
}
