import {
  type FakeCloud,
  type FakeGroup,
  type FakeInstance,
  type FakeSnapshot,
  type FakeVolume,
  newId,
  OWN,
  type Tags,
} from "./cloud.ts";
import {
  type Answer,
  fits,
  fitsValue,
  imageValue,
  imageWire,
  instanceWire,
  isPast,
  snapshotWire,
  tagSet,
  tagsOf,
  tagValue,
} from "./ec2-wire.ts";
import { Fault, type Form } from "./wire.ts";

// Shapes: botocore's ec2 service model (checked by test/oracle/aws-model.test.ts).

export interface Asker {
  readonly account: string;
  readonly region: string;
}

export interface Ec2Behaviour {
  /** Looks until a copy is complete. */
  copyPolls: number;
  /** The default subnets. */
  subnets: readonly {
    readonly subnetId: string;
    readonly ipv6Native?: boolean;
    readonly assignIpv6AddressOnCreation?: boolean;
  }[];
  /** Copies end like this. */
  copyError: string | undefined;
  /** Images by page. */
  pageImages: number;
  /** Copies can be read only with a key that the caller has not. */
  copyKeyDenied: boolean;
}

type Action = (form: Form, asker: Asker) => Answer;

/** Actions of the EC2 query protocol, by name. */
export function ec2Actions(cloud: FakeCloud, behaviour: Ec2Behaviour): Readonly<Record<string, Action>> {
  return {
    DescribeImages(form, { account, region }) {
      const ids = form.list("ImageId");
      const owners = form.list("Owner");
      const chosen =
        ids.length > 0
          ? ids.map((id) => cloud.imageOrFault(id, account, region))
          : [...cloud.images.values()].filter(
              (image) =>
                image.region === region &&
                (image.public || image.owner === account) &&
                (owners.length === 0 ||
                  owners.some(
                    (owner) =>
                      owner === image.owner ||
                      owner === image.alias ||
                      (owner === "self" && image.owner === account),
                  )),
            );
      const deprecated = form.get("IncludeDeprecated") === "true" || ids.length > 0;
      const fitting = chosen.filter(
        (image) =>
          (deprecated || image.owner === account || !isPast(image.deprecated)) &&
          (form.get("IncludeDisabled") === "true" || image.state !== "disabled") &&
          fits(form, (name) => imageValue(image, name)),
      );
      const max = Math.min(Number(form.get("MaxResults") ?? 1e9), behaviour.pageImages);
      const from = Number(form.get("NextToken") ?? 0);
      const page = fitting.slice(from, from + max);
      return {
        imagesSet: page.map((image) => imageWire(cloud, image)),
        nextToken: from + max < fitting.length ? String(from + max) : undefined,
      };
    },

    DescribeSnapshots(form, { account, region }) {
      const ids = form.list("SnapshotId");
      const chosen =
        ids.length > 0
          ? ids.map((id) => cloud.snapshotOrFault(id, account, region))
          : [...cloud.snapshots.values()].filter((one) => one.owner === account && one.region === region);
      return {
        snapshotSet: chosen
          .filter((one) => fits(form, (name) => tagValue(one.tags, name)))
          .map((one) => snapshotWire(one)),
      };
    },

    CopySnapshot(form, { account, region }) {
      const source = cloud.snapshotOrFault(
        form.get("SourceSnapshotId") ?? "",
        account,
        form.get("SourceRegion") ?? region,
      );
      const made = copyOf(cloud, source, behaviour, {
        region,
        owner: account,
        tags: tagsOf(form, "snapshot"),
        description: form.get("Description") ?? "",
      });
      return { snapshotId: made.id, tagSet: tagSet(made.tags) };
    },

    CopyImage(form, { account, region }) {
      const source = cloud.imageOrFault(
        form.get("SourceImageId") ?? "",
        account,
        form.get("SourceRegion") ?? region,
      );
      if (source.productCode !== undefined)
        throw new Fault(400, "InvalidRequest", "Images with AWS Marketplace product codes cannot be copied");
      const disk = cloud.snapshots.get(source.snapshot ?? "");
      if (!disk) throw new Fault(400, "InvalidRequest", "The image is not backed by EBS");
      const made = cloud.once(form.get("ClientToken"), cloud.images, () => {
        const snapshot = copyOf(cloud, disk, behaviour, {
          region,
          owner: account,
          tags: tagsOf(form, "snapshot"),
          description: "",
        });
        return cloud.addImage(snapshot, {
          name: form.get("Name") ?? "",
          tags: tagsOf(form, "image"),
          architecture: source.architecture,
          rootDevice: source.rootDevice,
          state: "pending",
          polls: behaviour.copyPolls,
          public: false,
        });
      });
      return { imageId: made.id };
    },

    DeregisterImage(form, { account, region }) {
      const image = cloud.imageOrFault(form.get("ImageId") ?? "", account, region);
      if (image.owner !== account) throw new Fault(403, "AuthFailure", "Not authorized for image");
      cloud.images.delete(image.id);
      return { return: true };
    },

    DeleteSnapshot(form, { account, region }) {
      const id = form.get("SnapshotId") ?? "";
      const found = cloud.snapshotOrFault(id, account, region);
      if (found.owner !== account)
        throw new Fault(403, "UnauthorizedOperation", "You do not own this snapshot");
      const user = [...cloud.images.values()].find(({ snapshot }) => snapshot === id);
      if (user)
        throw new Fault(400, "InvalidSnapshot.InUse", `The snapshot ${id} is currently in use by ${user.id}`);
      cloud.snapshots.delete(id);
      return {};
    },

    DescribeSubnets(form) {
      const byTag = fitsValue(form, "tag-key");
      const of = { vpcId: "vpc-0aaaaaaaaaaaaaaaa", defaultForAz: true };
      return { subnetSet: byTag ? [] : behaviour.subnets.map((one) => ({ ...of, ...one })) };
    },

    CreateSecurityGroup(form, { region }) {
      const name = form.get("GroupName") ?? "";
      if ([...cloud.groups.values()].some((group) => group.name === name))
        throw new Fault(400, "InvalidGroup.Duplicate", `The security group '${name}' already exists`);
      const made: FakeGroup = {
        id: newId("sg"),
        region,
        name,
        tags: tagsOf(form, "security-group"),
        egress: new Set(["0.0.0.0/0", "::/0"]),
      };
      cloud.groups.set(made.id, made);
      return { groupId: made.id, tagSet: tagSet(made.tags) };
    },

    RevokeSecurityGroupEgress(form) {
      const { egress } = groupOrFault(cloud, form);
      for (const permission of form.forms("IpPermissions"))
        for (const [list, cidr] of [
          ["IpRanges", "CidrIp"],
          ["Ipv6Ranges", "CidrIpv6"],
        ] as const)
          for (const range of permission.forms(list))
            if (!egress.delete(range.get(cidr) ?? ""))
              throw new Fault(400, "InvalidPermission.NotFound", "The specified rule does not exist.");
      return { return: true };
    },

    DescribeSecurityGroups(form, { region }) {
      const chosen = [...cloud.groups.values()].filter(
        (group) => group.region === region && fits(form, (name) => tagValue(group.tags, name)),
      );
      return {
        securityGroupInfo: chosen.map((group) => ({
          groupId: group.id,
          groupName: group.name,
          ownerId: OWN,
          tagSet: tagSet(group.tags),
        })),
      };
    },

    DeleteSecurityGroup(form) {
      const group = groupOrFault(cloud, form);
      const user = [...cloud.instances.values()].find(
        (one) => one.group === group.id && one.state !== "terminated",
      );
      if (user) throw new Fault(400, "DependencyViolation", `resource ${group.id} has a dependent object`);
      cloud.groups.delete(group.id);
      return { return: true };
    },

    RunInstances(form, { account, region }) {
      const image = cloud.imageOrFault(form.get("ImageId") ?? "", account, region);
      if (image.productCode !== undefined)
        throw new Fault(
          401,
          "OptInRequired",
          "In order to use this AWS Marketplace product you need to accept terms and subscribe.",
        );
      const disk = cloud.snapshots.get(image.snapshot ?? "")?.disk;
      if (!disk) throw new Fault(400, "InvalidParameterValue", "The image has no disk");
      const [net] = form.forms("NetworkInterface");
      const group = net?.list("SecurityGroupId")[0] ?? "";
      if (
        net?.get("AssociatePublicIpAddress") !== "false" ||
        (net.get("Ipv6AddressCount") !== "0" &&
          behaviour.subnets.some(
            (one) => one.assignIpv6AddressOnCreation && one.subnetId === net.get("SubnetId"),
          )) ||
        form.get("UserData") !== undefined ||
        form.get("KeyName") !== undefined ||
        cloud.groups.get(group)?.egress.size !== 0
      )
        throw new Fault(400, "TestViolation", "the machine would reach somebody");
      const made = cloud.once(form.get("ClientToken"), cloud.instances, () => {
        const id = newId("i");
        const volume: FakeVolume = {
          id: newId("vol"),
          region,
          disk,
          tags: tagsOf(form, "volume"),
          instance: id,
        };
        const instance: FakeInstance = {
          id,
          region,
          image: image.id,
          volume: volume.id,
          group,
          subnet: net.get("SubnetId") ?? "",
          clientToken: form.get("ClientToken") ?? "",
          tags: tagsOf(form, "instance"),
          state: "pending",
          polls: 1,
        };
        cloud.volumes.set(volume.id, volume);
        cloud.instances.set(id, instance);
        return instance;
      });
      return { reservationId: newId("r"), ownerId: account, instancesSet: [instanceWire(made, false)] };
    },

    DescribeInstances(form, { account, region }) {
      const chosen = [...cloud.instances.values()].filter(
        (one) =>
          one.region === region &&
          fits(form, (name) => (name === "instance-id" ? [one.id] : tagValue(one.tags, name))),
      );
      for (const one of chosen) advance(cloud, one);
      return {
        reservationSet: chosen.map((one) => ({
          reservationId: "r-0aaaaaaaaaaaaaaaa",
          ownerId: account,
          instancesSet: [instanceWire(one, one.state !== "pending" && one.state !== "terminated")],
        })),
      };
    },

    TerminateInstances(form) {
      const chosen = form.list("InstanceId").map((id) => {
        const found = cloud.instances.get(id);
        if (!found)
          throw new Fault(400, "InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
        return found;
      });
      for (const one of chosen) {
        if (one.state === "terminated") continue;
        one.state = "shutting-down";
        one.polls = 1;
      }
      return {
        instancesSet: chosen.map((one) => ({
          instanceId: one.id,
          currentState: { code: 32, name: one.state },
          previousState: { code: 16, name: "running" },
        })),
      };
    },

    CreateSnapshot(form, { account, region }) {
      const volume = cloud.volumes.get(form.get("VolumeId") ?? "");
      if (!volume) throw new Fault(400, "InvalidVolume.NotFound", "The volume does not exist.");
      const polls = behaviour.copyPolls;
      const made = cloud.addSnapshot(volume.disk, {
        region,
        owner: account,
        tags: tagsOf(form, "snapshot"),
        description: form.get("Description") ?? "",
        polls,
      });
      return { ...snapshotWire(made, false), volumeId: volume.id };
    },

    DescribeVolumes(form, { region }) {
      const chosen = [...cloud.volumes.values()].filter(
        (one) => one.region === region && fits(form, (name) => tagValue(one.tags, name)),
      );
      return {
        volumeSet: chosen.map((one) => ({
          volumeId: one.id,
          size: one.disk.volumeGib,
          status: one.instance === undefined ? "available" : "in-use",
          tagSet: tagSet(one.tags),
        })),
      };
    },

    DeleteVolume(form) {
      const volume = cloud.volumes.get(form.get("VolumeId") ?? "");
      if (!volume) throw new Fault(400, "InvalidVolume.NotFound", "The volume does not exist.");
      if (volume.instance !== undefined) throw new Fault(400, "VolumeInUse", "The volume is in use");
      cloud.volumes.delete(volume.id);
      return {};
    },

    // Roles that allow tags at creation only do not allow this.
    CreateTags: () => {
      throw new Fault(403, "UnauthorizedOperation", "You are not authorized to perform: ec2:CreateTags");
    },

    GetEbsEncryptionByDefault: () => ({ ebsEncryptionByDefault: cloud.encryptByDefault }),
  };
}

function copyOf(
  cloud: FakeCloud,
  source: FakeSnapshot,
  { copyPolls, copyError, copyKeyDenied }: Ec2Behaviour,
  to: { region: string; owner: string; tags: Tags; description: string },
): FakeSnapshot {
  if (source.keyDenied)
    throw new Fault(400, "InvalidParameter", "Given key ID is not accessible: kms:Decrypt is denied");
  const encrypted = cloud.encryptByDefault || copyKeyDenied;
  return cloud.addSnapshot(source.disk, {
    ...to,
    polls: copyPolls,
    ...(copyError === undefined ? {} : { error: copyError }),
    ...(encrypted ? { key: `arn:aws:kms:${to.region}:${to.owner}:key/0aaa`, keyDenied: copyKeyDenied } : {}),
  });
}

/** Each look brings what is pending a step on. */
function advance(cloud: FakeCloud, one: FakeInstance): void {
  if (one.polls-- > 0) return;
  if (one.state === "pending") one.state = "running";
  if (one.state === "shutting-down") {
    one.state = "terminated";
    cloud.volumes.delete(one.volume);
  }
}

function groupOrFault(cloud: FakeCloud, form: Form): FakeGroup {
  const group = cloud.groups.get(form.get("GroupId") ?? "");
  if (!group) throw new Fault(400, "InvalidGroup.NotFound", "The security group does not exist");
  return group;
}
