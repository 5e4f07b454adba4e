import type { ResourceType, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { type LeaseRecord, TAG } from "../../lease/record.ts";

/** Tags for a create call, on each kind of thing that it makes. */
export function tagged(
  tags: Readonly<Record<string, string>>,
  name: string,
  ...kinds: readonly ResourceType[]
): TagSpecification[] {
  const all = Object.entries({ Name: name, ...tags }).map(([Key, Value]) => ({ Key, Value }));
  return kinds.map((ResourceType) => ({ ResourceType, Tags: all }));
}

/** Filter for what one lease made. */
export function ofLease({ lease }: Pick<LeaseRecord, "lease">): { Name: string; Values: string[] }[] {
  return [{ Name: `tag:${TAG.lease}`, Values: [lease] }];
}

/** Filter for everything of ours. */
export const OURS: { Name: string; Values: string[] }[] = [{ Name: "tag-key", Values: [TAG.run] }];

/** A lease as the tags of a resource tell it; undefined for a resource that is not ours. */
export function leaseOf(
  tags: readonly Tag[] | undefined,
  thing: {
    readonly kind: string;
    readonly resource: string | undefined;
    readonly scope: LeaseRecord["scope"];
  },
): LeaseRecord | undefined {
  const of = (key: string): string | undefined => tags?.find((tag) => tag.Key === key)?.Value;
  const [run, lease] = [of(TAG.run), of(TAG.lease)];
  const { kind, resource, scope } = thing;
  if (run === undefined || lease === undefined || resource === undefined) return undefined;
  return {
    lease,
    run,
    provider: "aws",
    kind,
    scope,
    name: of("Name") ?? resource,
    at: of(TAG.at) ?? "",
    resource,
  };
}
