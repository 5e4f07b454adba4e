import type { OpenImage, ProviderContext } from "../../contract.ts";
import type { Arm } from "../arm/arm.ts";
import { faultOf } from "../arm/faults.ts";
import { type Exportable, grantAccess, revokeAccess, type SignedAddress, TakenByOther } from "./access.ts";
import { openPageBlob } from "./page-blob.ts";

/**
 * Whole sectors of what is asked for: requests of a round travel side by side, and only a gap that is smaller than what
 * a request costs beside its bytes (some 700 of headers, each way) is worth bridging. Measured on a Debian image: blocks of
 * 4 KiB read a third more.
 */
const READING = { blockBytes: 512, gapMaxBytes: 1024 };
/** Where Azure asks who reads a disk. Source: "Secure downloads of managed disks with Microsoft Entra ID". */
const DISK_SCOPE = "https://disk.azure.com/.default";

export interface ExportOptions {
  readonly label: string;
  /** How long signed addresses are good for, in seconds. */
  readonly seconds: number;
  readonly asksWho: boolean;
  readonly context: ProviderContext;
}

/** Reads a disk whose first address was granted already; `close` closes connections only. */
export async function openExport(
  arm: Arm,
  disk: Exportable,
  first: SignedAddress,
  { label, seconds, asksWho, context }: ExportOptions,
): Promise<OpenImage & { verified(): boolean }> {
  let current = first;
  const blob = await openPageBlob(first, {
    label,
    renew: async () => {
      current = await renewed(arm, disk, current, seconds);
      return current;
    },
    token: asksWho ? () => arm.token(DISK_SCOPE) : undefined,
    signal: context.signal,
  });
  return {
    target: { kind: "disk", source: blob.source, reading: READING },
    requests: () => arm.requests + blob.requests(),
    throttled: () => arm.throttled || blob.throttled(),
    stale: blob.stale,
    verified: blob.verified,
    close: async () => blob.close(),
  };
}

/** A later address; where Azure keeps to the one that is out, that one is ended first. */
async function renewed(
  arm: Arm,
  disk: Exportable,
  old: SignedAddress,
  seconds: number,
): Promise<SignedAddress> {
  try {
    const fresh = await grantAccess(arm, disk, seconds);
    if (fresh.expiresAt > old.expiresAt) return fresh;
  } catch (error) {
    const fault = faultOf(error instanceof TakenByOther ? error.cause : error);
    if (fault?.status !== 409 && fault?.status !== 400 && fault?.status !== 0) throw error;
  }
  await revokeAccess(arm, disk);
  return grantAccess(arm, disk, seconds);
}
