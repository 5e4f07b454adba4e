import type { LeaseRecord } from "../../lease/record.ts";
import type { Remover } from "../../lease/remover.ts";
import type { Account } from "../api/account.ts";
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
  readonly #homeRegion: () => Promise<string>;

  constructor(
    accountOf: (place: { readonly region: string; readonly profile?: string | undefined }) => Account,
    homeRegion: () => Promise<string>,
  ) {
    this.#accountOf = accountOf;
    this.#homeRegion = homeRegion;
  }

  async remove(record: LeaseRecord): Promise<void> {
    const account = this.#accountOf(placeOf(record));
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

  /** What uses a thing comes before the thing. */
  async *tagged(where: readonly string[]): AsyncGenerator<LeaseRecord> {
    const words = where.length > 0 ? where : [await this.#homeRegion()];
    for (const word of words.flatMap((one) => one.split(","))) {
      const account = this.#accountOf(parsePlace(word));
      const scope = scopeOf(account.place);
      const found: (LeaseRecord | undefined)[] = [];
      for (const { InstanceId: resource, Tags, State } of await findInstances(account, OURS))
        if (State?.Name !== "terminated") found.push(leaseOf(Tags, { kind: "instance", resource, scope }));
      for (const { image: resource, tags } of await findOurImages(account, OURS))
        found.push(leaseOf(tags, { kind: "image", resource, scope }));
      for (const { SnapshotId: resource, Tags } of await findSnapshots(account, { filters: OURS }, {}))
        found.push(leaseOf(Tags, { kind: "snapshot", resource, scope }));
      for (const { VolumeId: resource, Tags } of await findVolumes(account, OURS))
        found.push(leaseOf(Tags, { kind: "volume", resource, scope }));
      for (const { GroupId: resource, Tags } of await findGroups(account, OURS))
        found.push(leaseOf(Tags, { kind: "security-group", resource, scope }));
      for (const record of found) if (record) yield record;
    }
  }
}
