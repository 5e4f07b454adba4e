import { accessBy, type Refusal, type Rung } from "../../ladder.ts";
import { CallFailed } from "../api/account.ts";
import { deniedBy, isOwnPolicy } from "../api/answers.ts";
import { lookAtSnapshot } from "../snapshots.ts";
import { openDirect, type Reach, type Subject } from "./reach.ts";

/** Own and privately shared snapshots, read where they are. */
export function direct(reach: Reach): Rung<Subject> {
  const rung: Rung<Subject> = {
    id: "direct",
    title: "read the snapshot's blocks",
    needs: ["ebs:ListSnapshotBlocks", "ebs:GetSnapshotBlock"],
    creates: [],
    bootsImage: false,
    costHint: "0.003 USD per 1,000 blocks of 512 KiB",
    async climb(subject) {
      const hopeless = whyHopeless(subject);
      if (hopeless !== undefined) return { refused: hopeless, final: true };
      const { snapshot, ami } = subject;
      if (snapshot === undefined) return noSnapshot(subject);
      try {
        const access = (): ReturnType<typeof accessBy> => accessBy(rung);
        return await openDirect(reach, reach.account, snapshot, { access, volumeGib: ami?.volumeGib });
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        return whyNot(reach, subject, snapshot, error);
      }
    },
  };
  return rung;
}

/** Images that no way leads to, by what DescribeImages says. */
function whyHopeless({ ami }: Subject): string | undefined {
  if (!ami) return undefined;
  if (ami.instanceStore) return "its root disk is an instance store, in S3: there is no snapshot to read";
  if (!["available", "disabled", "deprecated"].includes(ami.state)) {
    const reason = ami.stateReason === undefined ? "" : ` (${ami.stateReason})`;
    return `the image is ${ami.state}${reason}`;
  }
  return undefined;
}

/** AWS leaves the snapshots of others' images out in some answers; only a copy of the image shows them. */
function noSnapshot({ ami }: Subject): Refusal {
  const root = ami?.rootDevice ?? "its root device";
  return { refused: `the image does not name a snapshot for ${root}` };
}

/** Why the snapshot cannot be read where it is, and whether anything else may work. */
async function whyNot(reach: Reach, subject: Subject, snapshot: string, error: CallFailed): Promise<Refusal> {
  const { answer } = error;
  if (answer.reason?.startsWith("DEPENDENCY_") || /\bKMS\b|kms:/i.test(answer.text))
    return {
      refused: `the KMS key of ${snapshot} may not be used: kms:Decrypt and kms:DescribeKey on it are needed, from its key policy and the caller's (${answer.text})`,
      final: true,
    };
  if (isOwnPolicy(answer))
    return {
      refused: `${error.call} is denied to the caller${deniedBy(answer)}, and every way ends with it: \`sixray doctor aws:${reach.account.place.region}\` prints the policy that is missing (${answer.text})`,
      final: true,
    };
  const marketplace = subject.ami?.productCodes.find((code) => code.marketplace);
  if (marketplace)
    return {
      refused: `it carries the Marketplace product code ${marketplace.id}: AWS lets its disk be neither read nor copied (${answer.text})`,
      final: true,
    };
  const { account, meter, signal } = reach;
  const sight = await lookAtSnapshot(account, snapshot, { meter, signal });
  subject.sight = sight;
  if (sight.kind === "seen") {
    if (sight.archived)
      return {
        refused: `${snapshot} is archived: restore it first (aws ec2 restore-snapshot-tier --snapshot-id ${snapshot} --temporary-restore-days 1)`,
        final: true,
      };
    if (sight.state !== "completed")
      return {
        refused: `${snapshot} is ${sight.state} ${sight.stateMessage ?? sight.progress}`.trimEnd(),
        final: true,
      };
    // Others' snapshots are denied or not there; anything else is no matter of whose it is.
    if (answer.trouble !== "denied" && answer.trouble !== "absent")
      return { refused: `${snapshot} cannot be read (${error.message})` };
    return {
      refused: `${snapshot} belongs to ${sight.owner ?? "another account"} and cannot be read in place (${answer.text})`,
    };
  }
  if (sight.kind === "denied")
    return { refused: `${answer.text}; ec2:DescribeSnapshots is denied, too (${sight.why})` };
  if (!subject.ami)
    return {
      refused: `there is no snapshot ${snapshot} in ${account.place.region} for this account: deleted, or not shared with it (${answer.text})`,
      final: true,
    };
  return { refused: `${snapshot} is not shown to this account (${answer.text})` };
}
