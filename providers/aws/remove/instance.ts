import { setTimeout as sleep } from "node:timers/promises";
import type { Instance, SecurityGroup, Volume } from "@aws-sdk/client-ec2";
import type { LeaseRecord } from "../../lease/record.ts";
import { type Account, CallFailed } from "../api/account.ts";
import { ofLease } from "../api/tags.ts";
import { findTwice, removeThing } from "./tries.ts";

interface Filter {
  readonly Name: string;
  readonly Values: string[];
}

/** The instance, waited for until it is gone, and its volumes if they outlive it. */
export async function removeInstance(account: Account, record: LeaseRecord): Promise<void> {
  const { pollMs, removalMs } = account.settings;
  const ids =
    record.resource === undefined || record.resource === ""
      ? (await findTwice(account, () => findInstances(account, ofLease(record)))).flatMap(
          ({ InstanceId }) => InstanceId ?? [],
        )
      : [record.resource];
  if (ids.length > 0) {
    await terminate(account, ids);
    const started = performance.now();
    while (!(await isOver(account, ids))) {
      if (performance.now() - started > removalMs)
        throw new Error(`${ids.join(", ")} is still shutting down`);
      await sleep(pollMs);
    }
  }
  for (const { VolumeId = "" } of await findVolumes(account, ofLease(record)))
    await deleteVolume(account, VolumeId);
}

export async function terminate(account: Account, ids: readonly string[]): Promise<void> {
  const { client, sdk } = await account.ec2();
  await removeThing(account, "TerminateInstances", () =>
    client.send(new sdk.TerminateInstancesCommand({ InstanceIds: [...ids] })),
  );
}

async function isOver(account: Account, ids: readonly string[]): Promise<boolean> {
  try {
    const found = await findInstances(account, [{ Name: "instance-id", Values: [...ids] }]);
    return found.every(({ State }) => State?.Name === "terminated");
  } catch (error) {
    if (error instanceof CallFailed && error.answer.trouble === "absent") return true;
    throw error;
  }
}

export async function findInstances(
  account: Account,
  filters: readonly Filter[],
): Promise<readonly Instance[]> {
  const { client, sdk } = await account.ec2();
  const { Reservations = [] } = await account.call("DescribeInstances", "look", () =>
    client.send(new sdk.DescribeInstancesCommand({ Filters: [...filters] })),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

export async function findVolumes(account: Account, filters: readonly Filter[]): Promise<readonly Volume[]> {
  const { client, sdk } = await account.ec2();
  const { Volumes = [] } = await account.call("DescribeVolumes", "look", () =>
    client.send(new sdk.DescribeVolumesCommand({ Filters: [...filters] })),
  );
  return Volumes;
}

export async function deleteVolume(account: Account, id: string): Promise<void> {
  const { client, sdk } = await account.ec2();
  await removeThing(account, "DeleteVolume", () =>
    client.send(new sdk.DeleteVolumeCommand({ VolumeId: id })),
  );
}

export async function findGroups(
  account: Account,
  filters: readonly Filter[],
): Promise<readonly SecurityGroup[]> {
  const { client, sdk } = await account.ec2();
  const { SecurityGroups = [] } = await account.call("DescribeSecurityGroups", "look", () =>
    client.send(new sdk.DescribeSecurityGroupsCommand({ Filters: [...filters] })),
  );
  return SecurityGroups;
}

export async function removeGroup(account: Account, record: LeaseRecord): Promise<void> {
  const { client, sdk } = await account.ec2();
  const ids =
    record.resource === undefined || record.resource === ""
      ? (await findTwice(account, () => findGroups(account, ofLease(record)))).flatMap(
          ({ GroupId }) => GroupId ?? [],
        )
      : [record.resource];
  for (const id of ids)
    await removeThing(account, "DeleteSecurityGroup", () =>
      client.send(new sdk.DeleteSecurityGroupCommand({ GroupId: id })),
    );
}
