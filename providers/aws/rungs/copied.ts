import type { OpenImage } from "../../contract.ts";
import { accessBy, type Rung } from "../../ladder.ts";
import type { Holdings } from "../../lease/holdings.ts";
import { type Account, CallFailed } from "../api/account.ts";
import type { ofLease } from "../api/tags.ts";
import { findSnapshots, lookAtSnapshot, type SnapshotSeen } from "../snapshots.ts";
import { openDirect, type Reach, Refused, type Subject, waitFor } from "./reach.ts";

// Prices: Amazon EBS, us-east-1: 0.05 USD a GB and month of snapshots, 0.02 USD a GB between regions.
const USD_PER_GIB_HOUR = 0.05 / 730;
const USD_PER_GIB_BETWEEN_REGIONS = 0.02;

/** Looks of a fresh resource that AWS may not show yet. */
const UNSEEN_MAX = 10;

/** Ids of one's own snapshots that fit. */
export async function snapshotsWith(
  { meter, signal }: Reach,
  account: Account,
  filters: ReturnType<typeof ofLease>,
): Promise<readonly string[]> {
  const found = await findSnapshots(account, { filters }, { meter, signal });
  return found.flatMap(({ SnapshotId }) => SnapshotId ?? []);
}

/** Waits until a snapshot of ours is complete. Rejects with Refused when it fails. */
export function waitForSnapshot(
  reach: Reach,
  account: Account,
  id: string,
  what: string,
): Promise<SnapshotSeen> {
  const { meter, signal } = reach;
  let unseen = 0;
  return waitFor(reach, what, async () => {
    const seen = await lookAtSnapshot(account, id, { meter, signal });
    if (seen.kind === "denied")
      throw new Refused(`ec2:DescribeSnapshots is denied, so its end would not be seen (${seen.why})`);
    if (seen.kind === "hidden") {
      if (++unseen > UNSEEN_MAX) throw new Refused(`${id} is gone: it was deleted while it was made`);
      return { progress: "begun" };
    }
    if (seen.state === "completed") return { done: seen };
    if (seen.state === "error") throw copyFailed(id, seen.stateMessage);
    return { progress: seen.progress === "" ? seen.state : seen.progress };
  });
}

function copyFailed(id: string, message: string | undefined): Refused {
  const key = /key|kms/i.test(message ?? "");
  const why = key ? "the KMS key may not be used" : "AWS gave it up";
  return new Refused(`${id} failed: ${why}${message === undefined ? "" : ` (${message})`}`, { final: key });
}

/** Opens a complete snapshot of ours. Rejects with Refused when it cannot be read. */
export async function openOwn(
  reach: Reach,
  account: Account,
  seen: SnapshotSeen,
  how: { readonly rung: Rung<Subject>; readonly holdings: Holdings; readonly notes?: readonly string[] },
): Promise<OpenImage> {
  const gib = seen.volumeGib ?? 0;
  reach.meter.spent(gib * USD_PER_GIB_HOUR);
  if (account !== reach.account) reach.meter.spent(gib * USD_PER_GIB_BETWEEN_REGIONS);
  try {
    return await openDirect(reach, account, seen.id, {
      access: () => accessBy(how.rung, how.holdings.created),
      volumeGib: seen.volumeGib,
      ...(how.notes === undefined ? {} : { notes: how.notes }),
    });
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const encrypted = seen.encrypted
      ? ` It is encrypted with ${seen.key ?? "a KMS key"} (the account may encrypt every copy): kms:Decrypt on that key is needed.`
      : "";
    throw new Refused(`the copy ${seen.id} cannot be read: ${error.answer.text}.${encrypted}`, {
      final: true,
      cause: error,
    });
  }
}
