import { type Account, CallFailed } from "../api/account.ts";
import { deniedBy, isOwnPolicy } from "../api/answers.ts";
import { tagged } from "../api/tags.ts";

/** What a call that does nothing tells about a permission. */
export interface Probed {
  readonly action: string;
  readonly outcome: "allowed" | "denied" | "unknown";
  readonly detail: string;
}

/** Ids that are well-formed and nobody's. */
const NO_SNAPSHOT = "snap-00000000000000000";
const NO_IMAGE = "ami-00000000000000000";
const NO_INSTANCE = "i-00000000000000000";
const NO_VOLUME = "vol-00000000000000000";
const NO_GROUP = "sg-00000000000000000";
const NO_PARAMETER = "/aws/service/sixray-doctor";
const NO_VPC = "vpc-00000000000000000";

type Probe = (account: Account) => Promise<unknown>;

/** Dry runs of EC2; EBS direct and SSM have none, so they are asked for what does not exist. */
const PROBES: Readonly<Record<string, Probe>> = {
  "ec2:DescribeImages": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeImagesCommand({ DryRun: true, Owners: ["self"] }));
  },
  "ec2:DescribeSnapshots": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeSnapshotsCommand({ DryRun: true, OwnerIds: ["self"] }));
  },
  "ec2:DescribeInstances": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeInstancesCommand({ DryRun: true }));
  },
  "ec2:DescribeVolumes": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeVolumesCommand({ DryRun: true }));
  },
  "ec2:DescribeSecurityGroups": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeSecurityGroupsCommand({ DryRun: true }));
  },
  "ec2:DescribeSubnets": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DescribeSubnetsCommand({ DryRun: true }));
  },
  "ec2:CopySnapshot": async (account) => {
    const { client, sdk } = await account.ec2();
    const SourceRegion = account.place.region;
    return client.send(
      new sdk.CopySnapshotCommand({ DryRun: true, SourceRegion, SourceSnapshotId: NO_SNAPSHOT }),
    );
  },
  "ec2:CopyImage": async (account) => {
    const { client, sdk } = await account.ec2();
    const SourceRegion = account.place.region;
    return client.send(
      new sdk.CopyImageCommand({
        DryRun: true,
        SourceRegion,
        SourceImageId: NO_IMAGE,
        Name: "sixray-doctor",
      }),
    );
  },
  // Along with a create call: by itself it takes more than what the roles allow.
  "ec2:CreateTags": async (account) => {
    const { client, sdk } = await account.ec2();
    const SourceRegion = account.place.region;
    const TagSpecifications = tagged({ "sixray:run": "doctor" }, "doctor", "snapshot");
    return client.send(
      new sdk.CopySnapshotCommand({
        DryRun: true,
        SourceRegion,
        SourceSnapshotId: NO_SNAPSHOT,
        TagSpecifications,
      }),
    );
  },
  "ec2:DeleteSnapshot": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DeleteSnapshotCommand({ DryRun: true, SnapshotId: NO_SNAPSHOT }));
  },
  "ec2:DeregisterImage": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DeregisterImageCommand({ DryRun: true, ImageId: NO_IMAGE }));
  },
  "ec2:CreateSecurityGroup": async (account) => {
    const { client, sdk } = await account.ec2();
    const input = { DryRun: true, GroupName: "sixray-doctor", Description: "sixray", VpcId: NO_VPC };
    return client.send(new sdk.CreateSecurityGroupCommand(input));
  },
  "ec2:RevokeSecurityGroupEgress": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.RevokeSecurityGroupEgressCommand({ DryRun: true, GroupId: NO_GROUP }));
  },
  "ec2:DeleteSecurityGroup": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DeleteSecurityGroupCommand({ DryRun: true, GroupId: NO_GROUP }));
  },
  "ec2:RunInstances": async (account) => {
    const { client, sdk } = await account.ec2();
    const input = {
      DryRun: true,
      ImageId: NO_IMAGE,
      MinCount: 1,
      MaxCount: 1,
      InstanceType: "t3.micro",
    } as const;
    return client.send(new sdk.RunInstancesCommand(input));
  },
  "ec2:TerminateInstances": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.TerminateInstancesCommand({ DryRun: true, InstanceIds: [NO_INSTANCE] }));
  },
  "ec2:CreateSnapshot": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.CreateSnapshotCommand({ DryRun: true, VolumeId: NO_VOLUME }));
  },
  "ec2:DeleteVolume": async (account) => {
    const { client, sdk } = await account.ec2();
    return client.send(new sdk.DeleteVolumeCommand({ DryRun: true, VolumeId: NO_VOLUME }));
  },
  "ssm:GetParameter": async (account) => {
    const { client, sdk } = await account.ssm();
    return client.send(new sdk.GetParameterCommand({ Name: NO_PARAMETER }));
  },
  "ssm:GetParametersByPath": async (account) => {
    const { client, sdk } = await account.ssm();
    return client.send(new sdk.GetParametersByPathCommand({ Path: NO_PARAMETER }));
  },
  "ebs:ListSnapshotBlocks": async (account) => {
    const { client, sdk } = await account.ebs();
    return client.send(new sdk.ListSnapshotBlocksCommand({ SnapshotId: NO_SNAPSHOT, MaxResults: 100 }));
  },
  "ebs:GetSnapshotBlock": async (account) => {
    const { client, sdk } = await account.ebs();
    return client.send(
      new sdk.GetSnapshotBlockCommand({ SnapshotId: NO_SNAPSHOT, BlockIndex: 0, BlockToken: "AAAB" }),
    );
  },
};

/** Services without dry runs: they look for the thing after they have looked at permissions. */
const ASKED = /^(?:ebs|ssm):/;

/** Tries one permission without doing anything. Rejects with `access` when there are no credentials. */
export async function probe(
  account: Account,
  action: string,
  signal: AbortSignal | undefined,
): Promise<Probed> {
  const call = PROBES[action];
  if (!call) return { action, outcome: "unknown", detail: "there is no dry run of it" };
  try {
    await account.call(action, "look", () => call(account), { signal });
    return { action, outcome: "allowed", detail: "" };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { answer } = error;
    if (answer.code === "DryRunOperation") return { action, outcome: "allowed", detail: "" };
    const isAsked = ASKED.test(action);
    if (answer.trouble === "denied" && (!isAsked || isOwnPolicy(answer))) {
      // Tags are tried along with a copy: that may be what is denied.
      const [, named = action] = /perform: (\w+:\w+)/.exec(answer.text) ?? [];
      if (named === action) return { action, outcome: "denied", detail: `denied${deniedBy(answer)}` };
    } else if (isAsked && (answer.trouble === "absent" || answer.code === "ValidationException"))
      return { action, outcome: "allowed", detail: "" };
    return { action, outcome: "unknown", detail: answer.text };
  }
}
