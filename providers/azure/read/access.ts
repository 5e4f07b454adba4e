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

/** @throws as the SDK does, and `Error` when Azure hands out no address */
export async function grantAccess(arm: Arm, disk: Exportable, seconds: number): Promise<SignedAddress> {
  const compute = await arm.compute(disk.subscription);
  const asked = Date.now();
  const poller = compute[disk.type].grantAccess(
    disk.group,
    disk.name,
    { access: "Read", durationInSeconds: seconds, fileFormat: "VHD" },
    options(arm),
  );
  const { accessSAS } = await poller.pollUntilDone(options(arm));
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
