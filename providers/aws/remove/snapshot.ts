import type { LeaseRecord } from "../../lease/record.ts";
import type { Account } from "../api/account.ts";
import { ofLease } from "../api/tags.ts";
import { findSnapshots } from "../snapshots.ts";
import { deregister, findOurImages } from "./image.ts";
import { findTwice, removeThing } from "./tries.ts";

export async function removeSnapshot(account: Account, record: LeaseRecord): Promise<void> {
  if (record.resource !== undefined && record.resource !== "") {
    await deleteSnapshot(account, record.resource);
    return;
  }
  for (const id of await findTwice(account, () => snapshotsOf(account, record)))
    await deleteSnapshot(account, id);
}

/** Ids of the snapshots that carry a lease's tag. */
export async function snapshotsOf(account: Account, record: LeaseRecord): Promise<readonly string[]> {
  const found = await findSnapshots(account, { filters: ofLease(record) }, {});
  return found.flatMap(({ SnapshotId }) => SnapshotId ?? []);
}

/** A snapshot of an image of ours can go only after that. */
export async function deleteSnapshot(account: Account, id: string): Promise<void> {
  const { client, sdk } = await account.ec2();
  await removeThing(
    account,
    "DeleteSnapshot",
    () => client.send(new sdk.DeleteSnapshotCommand({ SnapshotId: id })),
    async () => {
      const using = await findOurImages(account, [
        { Name: "block-device-mapping.snapshot-id", Values: [id] },
      ]);
      for (const { image } of using) await deregister(account, image);
    },
  );
}
