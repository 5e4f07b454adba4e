import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { OTHER } from "../support/aws/cloud.ts";
import { awsLab } from "../support/aws/lab.ts";
import { ServiceModel } from "../support/aws/model.ts";
import { sampleDisk } from "../support/aws/samples.ts";

const there = existsSync("/usr/lib/python3/dist-packages/botocore/data/ec2/2016-11-15/service-2.json");
if (!there && process.env.REQUIRE_ORACLES === "1")
  throw new Error("REQUIRE_ORACLES=1, but this test needs python3-botocore");

test.skipIf(!there)("what the fake answers has the shapes of AWS's own service models", async () => {
  const lab = await awsLab();
  lab.behaviour.copyPolls = 2;
  lab.behaviour.pageImages = 1;
  const disk = await sampleDisk("on");
  const own = lab.cloud.addSnapshot(disk);
  const open = lab.cloud.addSnapshot(disk, { owner: OTHER, public: true });
  const hidden = lab.cloud.addSnapshot(disk, { owner: OTHER });
  lab.cloud.addImage(own, {
    platform: "Windows",
    deprecated: "2030-01-01T00:00:00.000Z",
    dataSnapshots: [open.id],
  });
  const [one, other] = [
    lab.cloud.addImage(open),
    lab.cloud.addImage(hidden, { alias: "amazon", tags: { a: "b" } }),
  ];
  lab.cloud.parameters.set("/p/q", one.id);
  await lab.sixray("list", "aws:us-east-1/ssm:/p");
  await lab.sixray("list", "aws:us-east-1/ssm:/p/q");
  await lab.sixray("scan", "aws:us-east-1");
  await lab.sixray("scan", `aws:us-east-1/${one.id}`, "--allow-create");
  await lab.sixray("scan", `aws:us-east-1/${other.id}`, "--allow-create");
  lab.behaviour.denied.add("ec2:CopyImage");
  await lab.sixray("scan", `aws:us-east-1/${other.id}`, "--allow-create", "--allow-boot");
  lab.cloud.addSnapshot(disk, {
    tags: { "sixray:run": "r", "sixray:lease": "l", "sixray:at": "2024-01-01T00:00:00Z" },
  });
  await lab.sixray("sweep", "aws:us-east-1");
  await lab.sixray("doctor", "aws:us-east-1");

  const models = new Map<string, ServiceModel>();
  const actions = new Set<string>();
  const faults = new Set<string>();
  for (const { service, action, status, headers, body } of lab.sent) {
    if (status !== 200) continue;
    const model = models.get(service) ?? new ServiceModel(service);
    models.set(service, model);
    actions.add(`${service}:${action}`);
    const found =
      service === "ec2" || service === "sts"
        ? // EC2 sends these with every answer; the models leave them out.
          model.xml(action, body, ["requestId", "ResponseMetadata", "return"])
        : action === "GetSnapshotBlock"
          ? model.headers(action, headers)
          : model.json(action, body);
    for (const fault of found) faults.add(fault);
  }
  const checked = [...models.values()].reduce((sum, model) => sum + model.checked, 0);
  console.log(`fake AWS: ${checked} values of ${actions.size} actions checked against botocore`);
  expect([...faults]).toEqual([]);
  expect(actions.size).toBeGreaterThan(20);
});
