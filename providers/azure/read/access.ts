import { ScanError } from "../../../src/errors.ts";
import type { Arm } from "../arm/arm.ts";
import { faultOf, isGone } from "../arm/faults.ts";

/** A disk or a snapshot: what Azure lets be exported. */
export interface Exportable {
  readonly type: "disks" | "snapshots";
  readonly subscription: string;
  readonly group: string;
  readonly name: string;
}

/** A signed address of a page blob, good for a while. Secret: never printed, never stored. */
export interface SignedAddress {
  readonly url: URL;
  readonly expiresAt: number;
}

/** Azure refused the one request that was sent, as something else is done with the disk: no export came of it. */
export class TakenByOther extends Error {}

/** @throws as the SDK does, TakenByOther, and `access` when Azure hands out no usable address */
export async function grantAccess(arm: Arm, disk: Exportable, seconds: number): Promise<SignedAddress> {
  const compute = await arm.compute(disk.subscription);
  const asked = Date.now();
  const before = arm.requests;
  const poller = compute[disk.type].grantAccess(
    disk.group,
    disk.name,
    { access: "Read", durationInSeconds: seconds, fileFormat: "VHD" },
    options(arm),
  );
  const { accessSAS } = await poller.pollUntilDone(options(arm)).catch((error: unknown) => {
    // Of several tries the first may have been granted, its answer lost, and stand in the way of the next.
    const isConflict = arm.requests === before + 1 && faultOf(error)?.status === 409;
    throw isConflict ? new TakenByOther("", { cause: error }) : error;
  });
  const url = URL.parse(accessSAS ?? "");
  const plain = url?.protocol === "http:" && arm.endpoint.loopback;
  if (!url || (url.protocol !== "https:" && !plain))
    throw new ScanError(
      "access",
      `Azure hands out no usable signed address for ${disk.name}: try again later`,
    );
  const said = Date.parse(url.searchParams.get("se") ?? "");
  return { url, expiresAt: Number.isNaN(said) ? asked + seconds * 1000 : said };
}

/** Ends every signed address of the disk; fine when there is none, and when the disk is gone. */
export async function revokeAccess(arm: Arm, disk: Exportable): Promise<void> {
  const compute = await arm.compute(disk.subscription);
  try {
    await compute[disk.type].revokeAccess(disk.group, disk.name, options(arm)).pollUntilDone(options(arm));
  } catch (error) {
    const fault = faultOf(error);
    if (!fault || !isGone(fault)) throw error;
  }
}

function options({ pace, signal }: Arm): { updateIntervalInMs: number; abortSignal?: AbortSignal } {
  return { updateIntervalInMs: pace.pollMs, ...(signal ? { abortSignal: signal } : {}) };
}
