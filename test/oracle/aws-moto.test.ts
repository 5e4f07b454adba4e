import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  CompleteSnapshotCommand,
  EBSClient,
  PutSnapshotBlockCommand,
  StartSnapshotCommand,
} from "@aws-sdk/client-ebs";
import { EC2Client, RegisterImageCommand } from "@aws-sdk/client-ec2";
import { expect, onTestFinished, test } from "vitest";
import { BLOCK_BYTES } from "../support/aws/disk.ts";
import { awsLab } from "../support/aws/lab.ts";
import { sampleDisk } from "../support/aws/samples.ts";

/** A server that runs already, or one to start: the program moto_server (Python's moto). */
const GIVEN = process.env.SIXRAY_MOTO_URL;
const can = GIVEN !== undefined || spawnSync("moto_server", ["--help"]).status === 0;
if (!can) console.warn("oracle skipped: needs a moto server at SIXRAY_MOTO_URL, or moto_server to start one");

test.skipIf(!can)(
  "a third party's AWS: images listed, a small image put as a snapshot and scanned",
  { timeout: 120_000 },
  async () => {
    const lab = await awsLab({ idleMs: 20_000, requestMs: 60_000 });
    process.env.AWS_ENDPOINT_URL = GIVEN ?? (await startMoto());
    const region = "us-east-1";
    const ebs = new EBSClient({ region });
    const disk = await sampleDisk("off-sysctl");
    const { SnapshotId } = await ebs.send(new StartSnapshotCommand({ VolumeSize: disk.volumeGib }));
    for (const index of await disk.written()) {
      const block = await disk.block(index);
      await ebs.send(
        new PutSnapshotBlockCommand({
          SnapshotId,
          BlockIndex: index,
          BlockData: block,
          DataLength: BLOCK_BYTES,
          Checksum: createHash("sha256").update(block).digest("base64"),
          ChecksumAlgorithm: "SHA256",
        }),
      );
    }
    await ebs.send(
      new CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount: (await disk.written()).length }),
    );
    expect(await lab.sixray("scan", `aws:${region}/${SnapshotId}`)).toMatchObject({ code: 0 });

    const amazon = await lab.sixray("list", `aws:${region}`, "--owner", "amazon", "--json");
    expect(amazon.code).toBe(0);
    expect(amazon.out.split("\n").length).toBeGreaterThan(5);

    const ec2 = new EC2Client({ region });
    const { ImageId } = await ec2.send(
      new RegisterImageCommand({ Name: "base", RootDeviceName: "/dev/xvda" }),
    );
    // Its snapshot is one that moto makes up, without blocks: unreadable, with a reason, and no crash.
    const empty = await lab.sixray("scan", `aws:${region}/${ImageId}`);
    expect(empty.code).toBe(3);
    expect(empty.out).toMatch(/direct: /);
    const unknown = await lab.sixray("scan", `aws:${region}/snap-0123456789abcdef0`);
    expect(unknown.code).toBe(3);
  },
);

/** On a free port; ended with the test. */
async function startMoto(): Promise<string> {
  const child = spawn("moto_server", ["-H", "127.0.0.1", "-p", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void child.kill());
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += String(chunk);
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url) resolve(url);
    });
    child.once("exit", () => reject(new Error(`moto_server does not start: ${said}`)));
  });
}
