import type { Tag } from "@aws-sdk/client-ec2";
import type { LeaseRecord } from "../../lease/record.ts";
import type { Remover } from "../../lease/remover.ts";
import { throwUnseen } from "../../lease/unseen.ts";
import { type Account, CallFailed } from "../api/account.ts";
import { leaseOf, OURS } from "../api/tags.ts";
import { findSnapshots } from "../snapshots.ts";
import { parsePlace } from "../target.ts";
import { findOurImages, removeImage } from "./image.ts";
import {
  deleteVolume,
  findGroups,
  findInstances,
  findVolumes,
  removeGroup,
  removeInstance,
} from "./instance.ts";
import { placeOf, scopeOf } from "./scope.ts";
import { removeSnapshot } from "./snapshot.ts";

/** Removes what the rungs make, by the kinds that leases name. */
export class AwsRemover implements Remover {
  readonly provider = "aws";
  readonly #accountOf: (place: { readonly region: string; readonly profile?: string | undefined }) => Account;
  readonly #homeRegion: (profile: string | undefined) => Promise<string>;

  constructor(
    accountOf: (place: { readonly region: string; readonly profile?: string | undefined }) => Account,
    homeRegion: (profile: string | undefined) => Promise<string>,
  ) {
    this.#accountOf = accountOf;
    this.#homeRegion = homeRegion;
  }

  async remove(record: LeaseRecord): Promise<void> {
    const account = this.#accountOf(placeOf(record));
    await checkOwner(account, record);
    switch (record.kind) {
      case "snapshot":
        return removeSnapshot(account, record);
      case "image":
        return removeImage(account, record);
      case "instance":
        return removeInstance(account, record);
      case "security-group":
        return removeGroup(account, record);
      case "volume":
        return deleteVolume(account, record.resource ?? "");
      default:
        throw new Error(`aws makes no ${record.kind}`);
    }
  }

  /** What can be seen is told first; then rejects with `access` when some kinds of things, or places, cannot be. */
  async *tagged(where: readonly string[], profile?: string): AsyncGenerator<LeaseRecord> {
    const words = where.length > 0 ? where : [await this.#homeRegion(profile)];
    const unseen: string[] = [];
    for (const word of words.flatMap((one) => one.split(","))) {
      const account = this.#accountOf(parsePlace(word, profile));
      const scope = scopeOf(account.place);
      const found: (LeaseRecord | undefined)[] = [];
      for (const { kind, find } of KINDS) {
        try {
          for (const { resource, tags } of await find(account))
            found.push(leaseOf(tags, { kind, resource, scope }));
        } catch (error) {
          if (!(error instanceof CallFailed)) throw error;
          unseen.push(`${word}: ${error.message}`);
        }
      }
      for (const record of found) if (record) yield record;
    }
    throwUnseen(unseen);
  }
}

/** Asked as somebody else, AWS says that there is no such thing: which is not that it is gone. */
async function checkOwner(account: Account, { owner }: LeaseRecord): Promise<void> {
  const asked = owner === undefined ? undefined : await account.owner();
  if (asked !== undefined && asked !== owner)
    throw new Error(
      `it is in the account ${owner}, and these credentials are of ${asked}: run sixray sweep with those of ${owner}`,
    );
}

interface Thing {
  readonly resource: string | undefined;
  readonly tags: readonly Tag[] | undefined;
}

/** Everything of ours, by kind. What uses a thing comes before the thing. */
const KINDS: readonly {
  readonly kind: string;
  readonly find: (account: Account) => Promise<readonly Thing[]>;
}[] = [
  {
    kind: "instance",
    find: async (account) =>
      (await findInstances(account, OURS))
        .filter(({ State }) => State?.Name !== "terminated")
        .map(({ InstanceId, Tags }) => ({ resource: InstanceId, tags: Tags })),
  },
  {
    kind: "image",
    find: async (account) =>
      (await findOurImages(account, OURS)).map(({ image, tags }) => ({ resource: image, tags })),
  },
  {
    kind: "snapshot",
    find: async (account) =>
      (await findSnapshots(account, { filters: OURS }, {})).map(({ SnapshotId, Tags }) => ({
        resource: SnapshotId,
        tags: Tags,
      })),
  },
  {
    kind: "volume",
    find: async (account) =>
      (await findVolumes(account, OURS)).map(({ VolumeId, Tags }) => ({ resource: VolumeId, tags: Tags })),
  },
  {
    kind: "security-group",
    find: async (account) =>
      (await findGroups(account, OURS)).map(({ GroupId, Tags }) => ({ resource: GroupId, tags: Tags })),
  },
];
