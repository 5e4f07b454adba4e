import { setTimeout as wait } from "node:timers/promises";
import type { Disk } from "@azure/arm-compute";
import { ScanError } from "../../src/errors.ts";
import { type LeaseRecord, TAG } from "../lease/record.ts";
import type { Remover } from "../lease/remover.ts";
import { throwUnseen } from "../lease/unseen.ts";
import { accountOf, wordsOf } from "./arm/account.ts";
import type { Arm } from "./arm/arm.ts";
import { type Fault, faultOf, isGone, reasonOf } from "./arm/faults.ts";
import { revokeAccess } from "./read/access.ts";

/** About two minutes: a disk that is still being made, or whose export is just ending, refuses for a while. */
const TRIES_MAX = 40;

/** Far longer than a scan takes that has its export renewed every hour. */
const EXPORT_MAX_MS = 24 * 3_600_000;

/** Removes temporary disks, and ends exports. */
export function newRemover(arm: Arm): Remover {
  return {
    provider: "azure",
    async remove(record) {
      const { subscription, group } = placeOf(record);
      if (record.kind === "access") {
        // Ours has ended by itself: one that there is now is somebody else's.
        if (Date.now() - Date.parse(record.at) > EXPORT_MAX_MS) return;
        const type = record.scope.type === "snapshots" ? "snapshots" : "disks";
        const disk = { type, subscription, group, name: record.name } as const;
        await persistently(arm, record, () => revokeAccess(arm, disk));
      } else await persistently(arm, record, (refused) => removeDisk(arm, record, refused));
    },
    async *tagged(where, named) {
      const unseen: string[] = [];
      for (const place of where.length > 0 ? where : [named]) {
        const { subscription } = await accountOf(arm, place);
        // A resource group that only the environment names does not narrow it.
        const [, group] = wordsOf(place ?? "");
        const { disks } = await arm.compute(subscription);
        const found: LeaseRecord[] = [];
        try {
          for await (const disk of group ? disks.listByResourceGroup(group) : disks.list()) {
            const record = leaseOf(disk, subscription);
            if (record) found.push(record);
          }
        } catch (error) {
          const fault = faultOf(error);
          if (!fault) throw error;
          unseen.push(`${place ?? subscription}: ${reasonOf(fault)}`);
        }
        yield* found;
      }
      throwUnseen(unseen);
    },
  };
}

/** Undefined for a disk that does not carry our tags. */
function leaseOf({ id, name, tags }: Disk, subscription: string): LeaseRecord | undefined {
  const { [TAG.run]: run, [TAG.lease]: lease, [TAG.at]: at = "" } = tags ?? {};
  const [, group] = /\/resourceGroups\/([^/]+)\//i.exec(id ?? "") ?? [];
  if (!run || !lease || !id || !name || !group) return undefined;
  return {
    lease,
    run,
    provider: "azure",
    kind: "disk",
    scope: { subscription, group },
    name,
    at,
    resource: id,
  };
}

function placeOf({ scope }: LeaseRecord): { readonly subscription: string; readonly group: string } {
  const { subscription, group } = scope;
  if (!subscription || !group) throw new ScanError("usage", "the journal does not say where in Azure it is");
  return { subscription, group };
}

async function removeDisk(arm: Arm, record: LeaseRecord, refused: boolean): Promise<void> {
  const { subscription, group } = placeOf(record);
  const { disks } = await arm.compute(subscription);
  const found = await disks.get(group, record.name);
  // Names are ours alone, but nothing goes that does not say so itself.
  if (found.tags?.[TAG.lease] !== record.lease)
    throw new ScanError("usage", "a disk of this name does not carry our tags: not removed");
  const disk = { type: "disks", subscription, group, name: record.name } as const;
  // A disk whose export is not ended cannot be deleted.
  if (refused || found.diskState?.startsWith("ActiveSAS")) await revokeAccess(arm, disk);
  const options = { updateIntervalInMs: arm.pace.pollMs };
  await disks.delete(group, record.name, options).pollUntilDone();
}

/** Done when it is gone. What may pass is tried again. */
async function persistently(
  arm: Arm,
  record: LeaseRecord,
  work: (refused: boolean) => Promise<void>,
): Promise<void> {
  let lookedAgain = false;
  for (let tried = 1; ; tried++) {
    try {
      await work(tried > 1);
      return;
    } catch (error) {
      const fault = faultOf(error);
      if (!fault) throw error;
      if (isGone(fault)) {
        // A create call that was cut off may still be on its way.
        if (record.resource !== undefined || lookedAgain) return;
        lookedAgain = true;
      } else if (!mayPass(fault) || tried >= TRIES_MAX) {
        throw new ScanError("access", reasonOf(fault), { cause: error });
      }
      await wait(arm.pace.retryMs);
    }
  }
}

function mayPass({ status, code, message }: Fault): boolean {
  // A lock stays until somebody takes it away.
  if (code === "ScopeLocked") return false;
  return (
    status === 0 ||
    status === 409 ||
    status === 429 ||
    status >= 500 ||
    /Conflict|InUse|ActiveSAS|AnotherOperation|Preempted|Retryable/i.test(code) ||
    /active shared access signature|being (?:created|exported)/i.test(message)
  );
}
