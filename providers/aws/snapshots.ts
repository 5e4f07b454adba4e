import type { Snapshot } from "@aws-sdk/client-ec2";
import { Pages } from "../pages.ts";
import { type Account, CallFailed, type CallOptions } from "./api/account.ts";

/** What DescribeSnapshots shows. */
export interface SnapshotSeen {
  readonly kind: "seen";
  readonly id: string;
  /** `pending`, `completed`, `error`, `recoverable`, `recovering`. */
  readonly state: string;
  readonly stateMessage: string | undefined;
  /** As AWS puts it: `42%`. */
  readonly progress: string;
  readonly owner: string | undefined;
  readonly archived: boolean;
  readonly encrypted: boolean;
  readonly key: string | undefined;
  readonly volumeGib: number | undefined;
}

export type Sight =
  | SnapshotSeen
  | { readonly kind: "hidden" }
  | { readonly kind: "denied"; readonly why: string };

/** A snapshot by its id. Rejects with CallFailed for other reasons than that it may not be seen. */
export async function lookAtSnapshot(account: Account, id: string, options: CallOptions): Promise<Sight> {
  try {
    const [seen] = await findSnapshots(account, { ids: [id] }, options);
    return seen ? snapshotSeen(seen) : { kind: "hidden" };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { answer } = error;
    if (answer.trouble === "denied") return { kind: "denied", why: answer.text };
    if (answer.trouble === "absent" || answer.code.startsWith("InvalidSnapshot")) return { kind: "hidden" };
    throw error;
  }
}

/** Snapshots by id, or one's own by filters. */
export async function findSnapshots(
  account: Account,
  query: {
    readonly ids?: readonly string[];
    readonly filters?: readonly { readonly Name: string; readonly Values: string[] }[];
  },
  options: CallOptions,
): Promise<readonly Snapshot[]> {
  const { client, sdk } = await account.ec2();
  const input =
    query.ids === undefined
      ? { OwnerIds: ["self"], Filters: [...(query.filters ?? [])] }
      : { SnapshotIds: [...query.ids] };
  const found: Snapshot[] = [];
  const pages = new Pages("DescribeSnapshots");
  let token: string | undefined;
  do {
    const page = await account.call(
      "DescribeSnapshots",
      "look",
      (abortSignal) =>
        client.send(
          new sdk.DescribeSnapshotsCommand({
            ...input,
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          abortSignal ? { abortSignal } : {},
        ),
      options,
    );
    found.push(...(page.Snapshots ?? []));
    token = pages.next(page.NextToken);
  } while (token !== undefined);
  return found;
}

function snapshotSeen(snapshot: Snapshot): SnapshotSeen {
  return {
    kind: "seen",
    id: snapshot.SnapshotId ?? "",
    state: snapshot.State ?? "completed",
    stateMessage: snapshot.StateMessage,
    progress: snapshot.Progress ?? "",
    owner: snapshot.OwnerId,
    archived: snapshot.StorageTier === "archive",
    encrypted: snapshot.Encrypted ?? false,
    key: snapshot.KmsKeyId,
    volumeGib: snapshot.VolumeSize,
  };
}
