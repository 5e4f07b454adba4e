import type { _InstanceType, IpPermission, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Rung } from "../../ladder.ts";
import { freshName, type Holdings } from "../../lease/holdings.ts";
import { CallFailed } from "../api/account.ts";
import { tagged } from "../api/tags.ts";
import type { Ami } from "../images.ts";
import { findGroups, findInstances, terminate } from "../remove/instance.ts";
import { intentIn } from "../remove/scope.ts";
import { openOwn, snapshotsWith, waitForSnapshot } from "./copied.ts";
import { NO_IMAGE, noImageToCopy } from "./copy-image.ts";
import { createOnce } from "./create-once.ts";
import { attempt, type Reach, Refused, type Subject, waitFor } from "./reach.ts";

/** A subnet with this tag is taken before one of the default VPC. */
const SUBNET_TAG = "sixray:subnet";
/** An hour of the smallest machines, at most. */
const INSTANCE_USD = 0.012;

/**
 * Starts the image on a machine that reaches nothing and nobody, copies its root volume at once and ends it. What is
 * read then is what the image made of itself in its first seconds.
 */
export function launch(reach: Reach): Rung<Subject> {
  const rung: Rung<Subject> = {
    id: "launch",
    title: "start the image, copy its root volume, read the copy",
    needs: [
      "ec2:DescribeSubnets",
      "ec2:CreateSecurityGroup",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:DeleteSecurityGroup",
      "ec2:RunInstances",
      "ec2:DescribeInstances",
      "ec2:TerminateInstances",
      "ec2:CreateSnapshot",
      "ec2:DescribeSnapshots",
      "ec2:DescribeVolumes",
      "ec2:DeleteVolume",
      "ec2:CreateTags",
      "ec2:DeleteSnapshot",
      "ebs:ListSnapshotBlocks",
      "ebs:GetSnapshotBlock",
    ],
    creates: ["a security group", "an instance", "its volume", "a snapshot"],
    bootsImage: true,
    costHint: "an instance for a minute or two and a snapshot: about 0.01 USD",
    unfit: (subject) => noImageToCopy(reach, subject),
    async climb({ ami }) {
      if (!ami) return { refused: NO_IMAGE };
      return attempt(reach, async (holdings) => {
        const subnet = await findSubnet(reach);
        const group = await closedGroup(reach, holdings, subnet.vpc);
        const instance = await start(reach, holdings, ami, { group, subnet });
        reach.meter.spent(INSTANCE_USD);
        const volume = await rootVolume(reach, instance, ami);
        const snapshot = await snapshotOf(reach, holdings, volume);
        await terminate(reach.account, [instance]);
        const seen = await waitForSnapshot(reach, reach.account, snapshot, `copying the disk of ${instance}`);
        const notes = [`the image was started (${instance}) and its disk copied: what it did first is in it`];
        return openOwn(reach, reach.account, seen, { rung, holdings, notes });
      });
    },
  };
  return rung;
}

interface Subnet {
  readonly id: string;
  readonly vpc: string;
  /** Gives every machine an IPv6 address unless told not to. */
  readonly assignsIpv6: boolean;
}

async function findSubnet({ account, meter, signal }: Reach): Promise<Subnet> {
  const { client, sdk } = await account.ec2();
  for (const filter of [
    { Name: "tag-key", Values: [SUBNET_TAG] },
    { Name: "default-for-az", Values: ["true"] },
  ]) {
    const { Subnets = [] } = await account.call(
      "DescribeSubnets",
      "look",
      () => client.send(new sdk.DescribeSubnetsCommand({ Filters: [filter] })),
      { meter, signal },
    );
    const usable = Subnets.flatMap(
      ({ SubnetId: id, VpcId: vpc, Ipv6Native, AssignIpv6AddressOnCreation: assignsIpv6 = false }) =>
        id === undefined || vpc === undefined || Ipv6Native ? [] : [{ id, vpc, assignsIpv6 }],
    );
    const chosen = usable.find(({ assignsIpv6 }) => !assignsIpv6) ?? usable[0];
    if (chosen) return chosen;
  }
  throw new Refused(
    `there is no default subnet with IPv4 in ${account.place.region} to start it in: tag one with ${SUBNET_TAG} to have it used`,
  );
}

/** A group that lets nothing in and nothing out. */
async function closedGroup(reach: Reach, holdings: Holdings, vpc: string): Promise<string> {
  const { account, meter, signal } = reach;
  const { client, sdk } = await account.ec2();
  const id = await createOnce(reach, account, holdings, {
    kind: "security-group",
    send: async (name, tags) => {
      const { GroupId } = await account.call(
        "CreateSecurityGroup",
        "change",
        () =>
          client.send(
            new sdk.CreateSecurityGroupCommand({
              GroupName: name,
              Description: "temporary, by sixray: nothing in, nothing out",
              VpcId: vpc,
              TagSpecifications: tagged(tags, name, "security-group"),
            }),
          ),
        { meter, signal, once: true },
      );
      return GroupId ?? "";
    },
    find: async (filters) => (await findGroups(account, filters)).flatMap(({ GroupId }) => GroupId ?? []),
  });
  for (const range of EVERYWHERE) await closeTo(reach, id, range);
  return id;
}

/** What a fresh group lets out to; to IPv6 only in a VPC that has it. */
const EVERYWHERE: readonly IpPermission[] = [
  { IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
  { Ipv6Ranges: [{ CidrIpv6: "::/0" }] },
];

async function closeTo({ account, meter, signal }: Reach, group: string, range: IpPermission): Promise<void> {
  const { client, sdk } = await account.ec2();
  const IpPermissions = [{ IpProtocol: "-1", ...range }];
  try {
    await account.call(
      "RevokeSecurityGroupEgress",
      "change",
      () => client.send(new sdk.RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions })),
      { meter, signal },
    );
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { code, text } = error.answer;
    // No such rule: it never was, or an answer that was lost had told so.
    const closed =
      code === "InvalidPermission.NotFound" || (code === "InvalidParameterValue" && /ipv6/i.test(text));
    if (!closed) throw error;
  }
}

function instanceType({ architecture }: Ami): _InstanceType {
  if (architecture === "arm64") return "t4g.micro";
  return architecture === "i386" ? "t2.micro" : "t3.micro";
}

async function start(
  reach: Reach,
  holdings: Holdings,
  ami: Ami,
  net: { readonly group: string; readonly subnet: Subnet },
): Promise<string> {
  const { account, meter, signal } = reach;
  const { client, sdk } = await account.ec2();
  const name = freshName();
  const input = (tags: Readonly<Record<string, string>>): RunInstancesCommandInput => ({
    ClientToken: name,
    ImageId: ami.id,
    MinCount: 1,
    MaxCount: 1,
    InstanceType: instanceType(ami),
    InstanceInitiatedShutdownBehavior: "terminate",
    // No key, no user data, no metadata, no address that can be reached.
    MetadataOptions: { HttpEndpoint: "disabled" },
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId: net.subnet.id,
        Groups: [net.group],
        AssociatePublicIpAddress: false,
        // Said only where it takes saying: the reference has it for network interfaces, not for RunInstances.
        ...(net.subnet.assignsIpv6 ? { Ipv6AddressCount: 0 } : {}),
        DeleteOnTermination: true,
      },
    ],
    ...(ami.rootDevice === undefined
      ? {}
      : { BlockDeviceMappings: [{ DeviceName: ami.rootDevice, Ebs: { DeleteOnTermination: true } }] }),
    TagSpecifications: tagged(tags, name, "instance", "volume"),
  });
  return holdings.create(await intentIn(account, "instance", name), async (tags) => {
    const { Instances } = await account.call(
      "RunInstances",
      "change",
      () => client.send(new sdk.RunInstancesCommand(input(tags))),
      { meter, signal },
    );
    return Instances?.[0]?.InstanceId ?? "";
  });
}

function rootVolume(reach: Reach, instance: string, { rootDevice }: Ami): Promise<string> {
  return waitFor(reach, `starting ${instance}`, async () => {
    const [found] = await findInstances(reach.account, [{ Name: "instance-id", Values: [instance] }]);
    const state = found?.State?.Name ?? "pending";
    const device = rootDevice ?? found?.RootDeviceName;
    const disks = found?.BlockDeviceMappings ?? [];
    const root = disks.find(({ DeviceName }) => DeviceName === device) ?? disks[0];
    if (root?.Ebs?.VolumeId !== undefined) return { done: root.Ebs.VolumeId };
    if (state === "terminated" || state === "shutting-down")
      throw new Refused(`the instance ended by itself (${found?.StateReason?.Message ?? state})`);
    return { progress: state };
  });
}

function snapshotOf(reach: Reach, holdings: Holdings, volume: string): Promise<string> {
  const { account, meter, signal } = reach;
  return createOnce(reach, account, holdings, {
    kind: "snapshot",
    send: async (name, tags) => {
      const { client, sdk } = await account.ec2();
      const { SnapshotId } = await account.call(
        "CreateSnapshot",
        "change",
        () =>
          client.send(
            new sdk.CreateSnapshotCommand({
              VolumeId: volume,
              Description: name,
              TagSpecifications: tagged(tags, name, "snapshot"),
            }),
          ),
        { meter, signal, once: true },
      );
      return SnapshotId ?? "";
    },
    find: (filters) => snapshotsWith(reach, account, filters),
  });
}
