import type { Rung } from "../../ladder.ts";
import { freshName } from "../../lease/holdings.ts";
import { tagged } from "../api/tags.ts";
import { findAmi } from "../images.ts";
import { intentIn } from "../remove/scope.ts";
import { openOwn, waitForSnapshot } from "./copied.ts";
import { attempt, type Reach, Refused, type Subject, waitFor } from "./reach.ts";

const UNSEEN_MAX = 10;

/** Images whose snapshot is hidden, copied as images; the copy has a snapshot of ours. */
export function copyImage(reach: Reach): Rung<Subject> {
  const rung: Rung<Subject> = {
    id: "copy-image",
    title: "copy the image, read the snapshot of the copy",
    needs: [
      "ec2:DescribeImages",
      "ec2:DescribeSnapshots",
      "ec2:CopyImage",
      "ec2:CreateTags",
      "ec2:DeregisterImage",
      "ec2:DeleteSnapshot",
      "ebs:ListSnapshotBlocks",
      "ebs:GetSnapshotBlock",
    ],
    creates: ["an image", "a snapshot"],
    bootsImage: false,
    costHint: "storage of the copy while it lasts: 0.05 USD a GiB and month",
    unfit: (subject) => noImageToCopy(reach, subject),
    async climb({ ami }) {
      if (!ami) return { refused: NO_IMAGE };
      const { copyTo, account } = reach;
      return attempt(reach, async (holdings) => {
        const name = freshName();
        const snapshot = await copyTo.copies.through(async () => {
          const id = await holdings.create(await intentIn(copyTo, "image", name), (tags) =>
            copy(reach, ami.id, name, tags),
          );
          return waitForImage(reach, id, `copying ${ami.id}`);
        }, reach.signal);
        await holdings.adopt(await intentIn(copyTo, "snapshot", name), snapshot);
        const seen = await waitForSnapshot(reach, copyTo, snapshot, `completing ${snapshot}`);
        const volumeGib = seen.volumeGib ?? ami.volumeGib;
        const where = copyTo === account ? [] : [`copied to ${copyTo.place.region}`];
        return openOwn(reach, copyTo, { ...seen, volumeGib }, { rung, holdings, notes: where });
      });
    },
  };
  return rung;
}

export const NO_IMAGE = "a snapshot was named, not an image";

/** Why there is no image that may be copied or started. */
export function noImageToCopy({ account }: Reach, { ami }: Subject): string | undefined {
  if (!ami) return NO_IMAGE;
  return ami.allowed === false
    ? `the Allowed AMIs setting of the account in ${account.place.region} leaves it out: neither copied nor started`
    : undefined;
}

async function copy(
  reach: Reach,
  image: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<string> {
  const { copyTo, account, meter, signal } = reach;
  const { client, sdk } = await copyTo.ec2();
  const { ImageId } = await copyTo.call(
    "CopyImage",
    "change",
    // The client token lets it be sent again. Not aborted on its way: what it made has to be known.
    () =>
      client.send(
        new sdk.CopyImageCommand({
          ClientToken: name,
          Name: name,
          SourceImageId: image,
          SourceRegion: account.place.region,
          Description: "temporary copy by sixray",
          TagSpecifications: tagged(tags, name, "image", "snapshot"),
        }),
      ),
    { meter, signal },
  );
  return ImageId ?? "";
}

/** The snapshot of a copied image's boot disk, once AWS shows it. */
function waitForImage(reach: Reach, id: string, what: string): Promise<string> {
  const { copyTo, meter, signal } = reach;
  let unseen = 0;
  return waitFor(reach, what, async () => {
    const found = await findAmi(copyTo, id, { meter, signal });
    if (!found) {
      if (++unseen > UNSEEN_MAX) throw new Refused(`${id} is gone: it was deregistered while it was made`);
      return { progress: "begun" };
    }
    const { state, stateReason, snapshot } = found.ami;
    if (state === "failed" || state === "error" || state === "invalid")
      throw new Refused(`the copy ${id} failed${stateReason === undefined ? "" : ` (${stateReason})`}`, {
        final: /key|kms/i.test(stateReason ?? ""),
      });
    if (state !== "available") return { progress: state };
    if (snapshot === undefined) throw new Refused(`the copy ${id} names no snapshot`);
    return { done: snapshot };
  });
}
