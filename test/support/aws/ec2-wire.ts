import type { FakeCloud, FakeImage, FakeInstance, FakeSnapshot, Tags } from "./cloud.ts";
import { Fault, type Form, type Wire } from "./wire.ts";

// How EC2 writes what there is, and how it filters. Shapes: botocore's ec2 service model.

export type Answer = { readonly [member: string]: Wire };

export function snapshotWire(one: FakeSnapshot, look = true): Answer {
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

export function imageWire(cloud: FakeCloud, image: FakeImage): Answer {
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

export function instanceWire(one: FakeInstance, mapped: boolean): Answer {
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

export function tagSet(tags: Tags): Wire {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** Tags that a create call gives to one kind of thing. */
export function tagsOf(form: Form, kind: string): Tags {
  const specification = form.forms("TagSpecification").find((one) => one.get("ResourceType") === kind);
  return Object.fromEntries(
    (specification?.forms("Tag") ?? []).map((tag) => [tag.get("Key") ?? "", tag.get("Value") ?? ""]),
  );
}

export function imageValue(image: FakeImage, name: string): readonly string[] | undefined {
  if (name === "name") return [image.name];
  if (name === "state") return [image.state];
  if (name === "architecture") return [image.architecture];
  if (name === "block-device-mapping.snapshot-id")
    return image.snapshot === undefined ? [] : [image.snapshot];
  return tagValue(image.tags, name);
}

export function tagValue(tags: Tags, name: string): readonly string[] | undefined {
  if (name === "tag-key") return Object.keys(tags);
  if (!name.startsWith("tag:")) return undefined;
  const value = tags[name.slice(4)];
  return value === undefined ? [] : [value];
}

export function fits(form: Form, valuesOf: (name: string) => readonly string[] | undefined): boolean {
  return form.forms("Filter").every((filter) => {
    const name = filter.get("Name") ?? "";
    const values = valuesOf(name);
    if (!values) throw new Fault(400, "InvalidParameterValue", `The filter '${name}' is invalid`);
    const patterns = filter.list("Value").map((pattern) => glob(pattern));
    return values.some((value) => patterns.some((pattern) => pattern.test(value)));
  });
}

export function fitsValue(form: Form, name: string): boolean {
  return form.forms("Filter").some((filter) => filter.get("Name") === name);
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`);
}

export function isPast(time: string | undefined): boolean {
  return time !== undefined && Date.parse(time) < Date.now();
}
