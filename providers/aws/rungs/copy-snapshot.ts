import { setTimeout as sleep } from "node:timers/promises";
import type { Rung } from "../../ladder.ts";
import { CallFailed } from "../api/account.ts";
import { tagged } from "../api/tags.ts";
import { openOwn, snapshotsWith, waitForSnapshot } from "./copied.ts";
import { createOnce } from "./create-once.ts";
import { attempt, type Reach, type Subject } from "./reach.ts";

/** Public and shared snapshots, copied into the caller's account. */
export function copySnapshot(reach: Reach): Rung<Subject> {
  const rung: Rung<Subject> = {
    id: "copy-snapshot",
    title: "copy the snapshot, read the copy",
    needs: [
      "ec2:DescribeSnapshots",
      "ec2:CopySnapshot",
      "ec2:CreateTags",
      "ec2:DeleteSnapshot",
      "ebs:ListSnapshotBlocks",
      "ebs:GetSnapshotBlock",
    ],
    creates: ["a snapshot"],
    bootsImage: false,
    costHint: "storage of the copy while it lasts: 0.05 USD a GiB and month",
    async climb({ snapshot, sight, ami }) {
      if (snapshot === undefined) return { refused: "the image names no snapshot" };
      if (sight?.kind === "hidden") return { refused: `${snapshot} is not shown to this account` };
      const { copyTo, account } = reach;
      return attempt(reach, async (holdings) => {
        const seen = await copyTo.copies.through(async () => {
          const id = await createOnce(reach, copyTo, holdings, {
            kind: "snapshot",
            send: (name, tags) => copy(reach, snapshot, name, tags),
            find: (filters) => snapshotsWith(reach, copyTo, filters),
          });
          return waitForSnapshot(reach, copyTo, id, `copying ${snapshot}`);
        }, reach.signal);
        const volumeGib = seen.volumeGib ?? ami?.volumeGib;
        const where = copyTo === account ? [] : [`copied to ${copyTo.place.region}`];
        return openOwn(reach, copyTo, { ...seen, volumeGib }, { rung, holdings, notes: where });
      });
    },
  };
  return rung;
}

/** CopySnapshot has no client token, and at most 20 copies may be under way in a region. */
async function copy(
  reach: Reach,
  snapshot: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const { copyTo, account, meter, signal } = reach;
  const { client, sdk } = await copyTo.ec2();
  const started = performance.now();
  for (;;) {
    try {
      const { SnapshotId } = await copyTo.call(
        "CopySnapshot",
        "change",
        // Not aborted on its way: what it made has to be known.
        () =>
          client.send(
            new sdk.CopySnapshotCommand({
              SourceRegion: account.place.region,
              SourceSnapshotId: snapshot,
              Description: name,
              TagSpecifications: tagged(tags, name, "snapshot"),
            }),
          ),
        { meter, signal, once: true },
      );
      return SnapshotId ?? "";
    } catch (error) {
      const busy = error instanceof CallFailed && error.answer.code.endsWith("LimitExceeded");
      if (!busy || performance.now() - started > copyTo.settings.deadlineMs) throw error;
      reach.tell(`waiting for a place: ${error.answer.text}`);
      await sleep(copyTo.settings.pollMs * 2, undefined, signal ? { signal } : {});
    }
  }
}
