import {
  type FakeCloud,
  type FakeGroup,
  type FakeImage,
  type FakeInstance,
  type FakeSnapshot,
  type FakeVolume,
  newId,
  OWN,
  type Tags,
} from "./cloud.ts";
import { Fault, type Form, type Wire } from "./wire.ts";

// Shapes: botocore's ec2 service model (checked by test/oracle/aws-model.test.ts).

export interface Asker {
  readonly account: string;
  readonly region: string;
}

export interface Ec2Behaviour {
  /** Looks until a copy is complete. */
  copyPolls: number;
  /** Copies end like this. */
  copyError: string | undefined;
  /** Images by page. */
  pageImages: number;
  /** Copies can be read only with a key that the caller has not. */
  copyKeyDenied: boolean;
}

type Answer = { readonly [member: string]: Wire };
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
      const all = byTag
        ? []
        : [{ subnetId: "subnet-0aaaaaaaaaaaaaaaa", vpcId: "vpc-0aaaaaaaaaaaaaaaa", defaultForAz: true }];
      return { subnetSet: all };
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
        open: true,
      };
      cloud.groups.set(made.id, made);
      return { groupId: made.id, tagSet: tagSet(made.tags) };
    },

    RevokeSecurityGroupEgress(form) {
      const group = groupOrFault(cloud, form);
      group.open = false;
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
        form.get("UserData") !== undefined ||
        form.get("KeyName") !== undefined ||
        cloud.groups.get(group)?.open !== false
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

    CreateTags: () => ({ return: true }),

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

function snapshotWire(one: FakeSnapshot, look = true): Answer {
  const pending = one.polls > 0;
  if (look && pending) one.polls--;
  const state = pending ? "pending" : one.error === undefined ? "completed" : "error";
  const done =
    one.pollsAll === 0 ? 100 : Math.round((1 - (one.polls + (pending ? 1 : 0)) / one.pollsAll) * 100);
  return {
    snapshotId: one.id,
    status: state,
    statusMessage: pending ? undefined : one.error,
    progress: `${done}%`,
    ownerId: one.owner,
    volumeSize: one.disk.volumeGib,
    startTime: "2024-11-01T10:00:00.000Z",
    description: one.description,
    encrypted: one.key !== undefined,
    kmsKeyId: one.key,
    storageTier: one.archived ? "archive" : "standard",
    tagSet: tagSet(one.tags),
  };
}

function imageWire(cloud: FakeCloud, image: FakeImage): Answer {
  if (image.state === "pending" && image.polls-- <= 0) image.state = "available";
  const mapped = image.state !== "pending" && image.snapshot !== undefined;
  const disk = (snapshotId: string, deviceName: string): Wire => ({
    deviceName,
    ebs: {
      snapshotId,
      volumeSize: cloud.snapshots.get(snapshotId)?.disk.volumeGib ?? 8,
      deleteOnTermination: true,
      volumeType: "gp3",
      encrypted: cloud.snapshots.get(snapshotId)?.key !== undefined,
    },
  });
  return {
    imageId: image.id,
    imageLocation: `${image.owner}/${image.name}`,
    imageState: image.state,
    imageOwnerId: image.owner,
    imageOwnerAlias: image.alias,
    isPublic: image.public,
    architecture: image.architecture,
    imageType: "machine",
    name: image.name,
    creationDate: image.created,
    deprecationTime: image.deprecated,
    platform: image.platform,
    platformDetails: image.platform === undefined ? "Linux/UNIX" : "Windows",
    rootDeviceType: image.instanceStore ? "instance-store" : "ebs",
    rootDeviceName: image.rootDevice,
    stateReason:
      image.stateReason === undefined ? undefined : { code: "Client.Failed", message: image.stateReason },
    productCodes:
      image.productCode === undefined ? undefined : [{ productCode: image.productCode, type: "marketplace" }],
    blockDeviceMapping: [
      ...image.dataSnapshots.map((id, at) => disk(id, `/dev/sd${"bcdef"[at]}`)),
      ...(mapped ? [disk(image.snapshot ?? "", image.rootDevice)] : []),
    ],
    virtualizationType: "hvm",
    hypervisor: "xen",
    bootMode: "uefi",
    tagSet: tagSet(image.tags),
  };
}

function instanceWire(one: FakeInstance, mapped: boolean): Answer {
  return {
    instanceId: one.id,
    imageId: one.image,
    instanceState: { code: 0, name: one.state },
    rootDeviceName: "/dev/xvda",
    clientToken: one.clientToken,
    blockDeviceMapping: mapped
      ? [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeId: one.volume, status: "attached", deleteOnTermination: true },
          },
        ]
      : [],
    tagSet: tagSet(one.tags),
  };
}

function tagSet(tags: Tags): Wire {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Tags that a create call gives to one kind of thing. */
function tagsOf(form: Form, kind: string): Tags {
  const specification = form.forms("TagSpecification").find((one) => one.get("ResourceType") === kind);
  return Object.fromEntries(
    (specification?.forms("Tag") ?? []).map((tag) => [tag.get("Key") ?? "", tag.get("Value") ?? ""]),
  );
}

function imageValue(image: FakeImage, name: string): readonly string[] | undefined {
  if (name === "name") return [image.name];
  if (name === "state") return [image.state];
  if (name === "architecture") return [image.architecture];
  if (name === "block-device-mapping.snapshot-id")
    return image.snapshot === undefined ? [] : [image.snapshot];
  return tagValue(image.tags, name);
}

function tagValue(tags: Tags, name: string): readonly string[] | undefined {
  if (name === "tag-key") return Object.keys(tags);
  if (!name.startsWith("tag:")) return undefined;
  const value = tags[name.slice(4)];
  return value === undefined ? [] : [value];
}

function fits(form: Form, valuesOf: (name: string) => readonly string[] | undefined): boolean {
  return form.forms("Filter").every((filter) => {
    const name = filter.get("Name") ?? "";
    const values = valuesOf(name);
    if (!values) throw new Fault(400, "InvalidParameterValue", `The filter '${name}' is invalid`);
    const patterns = filter.list("Value").map((pattern) => glob(pattern));
    return values.some((value) => patterns.some((pattern) => pattern.test(value)));
  });
}

function fitsValue(form: Form, name: string): boolean {
  return form.forms("Filter").some((filter) => filter.get("Name") === name);
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

function isPast(time: string | undefined): boolean {
  return time !== undefined && Date.parse(time) < Date.now();
}
